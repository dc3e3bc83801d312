import { once } from 'node:events';
import { startLocalApiServer } from '../test/e2e/local-api-server.ts';

// The lab's API server by itself, for trying it out: prints how to reach it and runs until it is interrupted.

const server = await startLocalApiServer();
console.log(`${server.url}\nexport KUBECONFIG=${server.kubeconfig}\nexport ETCDCTL_API=3 ETCDCTL_ENDPOINTS=${server.etcd.endpoints.join(',')}`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await server.close();
