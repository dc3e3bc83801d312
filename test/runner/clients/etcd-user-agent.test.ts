import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import { createMask } from '../../../runner/mask.ts';
import { etcdDialler } from '../../../runner/clients/etcd-connection.ts';
import { realClock as clock } from '../../../runner/clock.ts';

describe('a question to etcd', () => {
  let server: Http2Server;
  const sessions = new Set<ServerHttp2Session>();
  const asked: { path: string; agent: string }[] = [];

  before(async function () {
    // The library takes a while to load on a busy machine.
    this.timeout(30_000);
    server = createServer();
    server.on('session', (session) => {
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
    });
    server.on('stream', (stream, headers) => {
      asked.push({ path: String(headers[':path']), agent: String(headers['user-agent']) });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    for (const session of sessions) session.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  it('says which run asks, over its bare session and through the library', async () => {
    const { port } = server.address() as { port: number };
    const endpoint = new URL(`http://127.0.0.1:${port}`);
    const dial = await etcdDialler({ endpoints: [endpoint.href], clusterId: '0', prefix: 'firedrill/' }, { clock, userAgent: 'firedrill/1.2.3 run/r1', mask: createMask() });
    const connection = dial(endpoint, '127.0.0.1');
    await assert.rejects(connection.status(10_000), { kind: 'answered' });
    await assert.rejects(connection.ask(10_000, (client, options) => client.cluster.memberList({}, options)), { kind: 'answered' });
    connection.close();
    assert.deepEqual(asked.map(({ path }) => path.split('/').at(-1)), ['Status', 'MemberList']);
    assert.equal(asked[0]!.agent, 'firedrill/1.2.3 run/r1');
    assert.match(asked[1]!.agent, /^firedrill\/1\.2\.3 run\/r1 grpc-node/);
  });
});
