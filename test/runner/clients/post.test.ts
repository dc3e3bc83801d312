import assert from 'node:assert/strict';
import { postJson } from '../../../runner/clients/post.ts';
import { startServer, type TestServer } from './http-server.ts';

describe('posting a message', () => {
  let server: TestServer;
  afterEach(() => server.close());
  const post = (path = '/', signal = AbortSignal.timeout(10_000)): Promise<number> =>
    postJson(`http://127.0.0.1:${server.port}${path}`, { headers: { 'x-a': 'b' }, body: '{"ä":1}' }, 'firedrill/test', signal);

  it('sends it whole, and tells how it was answered', async () => {
    server = await startServer((_, response) => response.writeHead(202).end('fine'));
    assert.equal(await post('/hook?x=1'), 202);
    const [{ line, headers, body }] = server.requests as [TestServer['requests'][number]];
    assert.deepEqual([line, headers['content-type'], headers['user-agent'], headers['x-a'], body], ['POST /hook?x=1 HTTP/1.1', 'application/json', 'firedrill/test', 'b', '{"ä":1}']);
  });

  it('does not follow where it is sent to', async () => {
    server = await startServer((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    assert.equal(await post(), 307);
    assert.equal(server.requests.length, 1);
  });

  it('does not wait for the end of an answer that has none', async () => {
    server = await startServer((_, response) => void response.writeHead(200).write('x'));
    assert.equal(await post(), 200);
  });

  it('ends when it is no longer wanted', async () => {
    server = await startServer(() => undefined);
    await assert.rejects(post('/', AbortSignal.timeout(50)), { name: 'AbortError' });
  });
});
