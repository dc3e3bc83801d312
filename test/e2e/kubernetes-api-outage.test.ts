import { deepEqual, equal, match } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';
import { send, type ApiAnswer, type ApiRequest } from './kubernetes-request.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('the API server while etcd is away', () => {
  let server: LocalApiServer;
  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
  });
  after(async () => server?.close());
  const ask = (request: ApiRequest): Promise<ApiAnswer> => send(server, server.adminToken, request);

  it('reads from memory, says that etcd failed, keeps watches open and answers the write when etcd is back', async function () {
    this.timeout(120_000);
    const first = await ask({ method: 'POST', path: configMaps, body: { metadata: { name: 'before' } } });
    const watched = ask({ path: `${configMaps}?watch=true&timeoutSeconds=15&fieldSelector=metadata.name%3Dduring&resourceVersion=${first.body.metadata.resourceVersion}` });
    await server.etcd.kill(0);
    for (;;) {
      const { status, body } = await ask({ path: '/livez' });
      if (status === 500) {
        match(body, /\[-\]etcd failed: reason withheld/);
        break;
      }
      await sleep(100);
    }
    equal((await ask({ path: `${configMaps}?resourceVersion=0` })).status, 200);
    const writing = ask({ method: 'POST', path: configMaps, body: { metadata: { name: 'during' } } });
    await sleep(500);
    server.etcd.start(0);
    equal((await writing).status, 201);
    equal((await ask({ path: `${configMaps}/during` })).status, 200);
    const { body } = await watched;
    deepEqual([body.type, body.object.metadata.name], ['ADDED', 'during']);
  });
});
