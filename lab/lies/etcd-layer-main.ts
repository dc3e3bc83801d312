/**
 * Runs in the network of a machine that hosts a member of etcd, in front of it. Arguments: the port to listen on, the lies.
 * Says `listening` when it does.
 */
import { clientPort } from '../names.ts';
import { startEtcdLayer } from './etcd-layer.ts';

const [port = '', ...lies] = process.argv.slice(2);
await startEtcdLayer({
  host: '0.0.0.0',
  port: Number(port),
  target: { host: '127.0.0.1', port: clientPort },
  lies: { staleReads: lies.includes('etcd-stale-reads'), watchGap: lies.includes('etcd-watch-gap') },
});
process.stdout.write('listening\n');
