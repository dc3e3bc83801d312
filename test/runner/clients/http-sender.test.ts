import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { DnsClient } from '../../../runner/clients/dns.ts';
import { lookupBy } from '../../../runner/clients/http-lookup.ts';
import { httpSender, type SenderOptions } from '../../../runner/clients/http-sender.ts';
import { realClock } from '../../../runner/clock.ts';
import type { Outcome } from '../../../runner/traffic/outcome.ts';
import { createClusterCertificates } from '../../../lab/kubernetes/api/tls.ts';
import { requestSchema } from '../../../scenarios/traffic.ts';
import { startServer, type TestServer } from './http-server.ts';

const dns: DnsClient = {
  async addresses(name) {
    if (name === 'silent.test') throw new Error('queryA ETIMEOUT');
    return name.endsWith('.here.test') ? ['127.0.0.1'] : [];
  },
};
const own: SenderOptions = { lookup: lookupBy(dns, realClock), userAgent: 'firedrill/0 run/r' };

/** What becomes of one request after another. */
async function ask(spec: Record<string, unknown>, times = 1, options: Partial<SenderOptions> = {}): Promise<Outcome[]> {
  const sender = httpSender(requestSchema.parse(spec), { ...own, ...options });
  const outcomes: Outcome[] = [];
  for (let count = 0; count < times; count += 1) outcomes.push(await new Promise<Outcome>((resolve) => void sender.send(resolve)));
  sender.close();
  return outcomes;
}

describe('a sender of requests', () => {
  const servers: TestServer[] = [];
  const serve = async (...given: Parameters<typeof startServer>): Promise<TestServer> => {
    const server = await startServer(...given);
    servers.push(server);
    return server;
  };
  after(async () => {
    for (const server of servers) await server.close();
  });

  it('sends what the drill says, and takes an answer that is as expected', async () => {
    const server = await serve((_, response) => void response.writeHead(201).end('{"paid":true}'));
    const url = `http://pay.here.test:${server.port}/pay?now=1`;
    const spec = { url, method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"amount":1}', expect: { status: 201, bodyMatches: '"paid":\\s*true' } };
    assert.deepEqual(await ask(spec), ['ok']);
    const [request] = server.requests;
    assert.equal(request?.line, 'POST /pay?now=1 HTTP/1.1');
    assert.equal(request.body, '{"amount":1}');
    assert.equal(request.headers.host, `pay.here.test:${server.port}`);
    assert.equal(request.headers['content-type'], 'application/json');
    assert.equal(request.headers['user-agent'], 'firedrill/0 run/r');
  });

  it('uses a connection again, or makes one for each request', async () => {
    const server = await serve((_, response) => void response.end('ok'));
    const url = `http://127.0.0.1:${server.port}/`;
    assert.deepEqual(await ask({ url }, 5), Array(5).fill('ok'));
    assert.equal(server.connections.size, 1);
    assert.deepEqual(await ask({ url, connection: 'close' }, 5), Array(5).fill('ok'));
    assert.equal(server.connections.size, 6);
    assert.equal(server.requests.at(-1)?.headers.connection, 'close');
  });

  it('asks a proxy with the whole address, as linkerd 1.x routes by it', async () => {
    const proxy = await serve((_, response) => void response.end('ok'));
    assert.deepEqual(await ask({ url: 'http://payments/health?x=1', proxy: `127.0.0.1:${proxy.port}` }), ['ok']);
    assert.equal(proxy.requests[0]?.line, 'GET http://payments/health?x=1 HTTP/1.1');
    assert.equal(proxy.requests[0].headers.host, 'payments');
  });

  for (const { answer, expect, is } of [
    { answer: [503, 'no endpoints'], expect: {}, is: '5xx' },
    { answer: [404, 'what?'], expect: {}, is: 'wrong answer' },
    { answer: [302, ''], expect: {}, is: 'wrong answer' },
    { answer: [302, ''], expect: { status: ['2xx', 302] }, is: 'ok' },
    { answer: [503, ''], expect: { status: 503 }, is: 'ok' },
    { answer: [200, 'balance: 7'], expect: { body: 'balance: 8' }, is: 'wrong answer' },
    { answer: [200, 'balance: 8.'], expect: { body: 'balance: 8' }, is: 'ok' },
    { answer: [200, 'balance: x'], expect: { bodyMatches: '^balance: \\d+$' }, is: 'wrong answer' },
  ] as const) {
    it(`takes ${answer[0]} "${answer[1]}" for ${is} where ${JSON.stringify(expect)} is expected`, async () => {
      const server = await serve((_, response) => void response.writeHead(answer[0]).end(answer[1]));
      assert.deepEqual(await ask({ url: `http://127.0.0.1:${server.port}/`, expect }), [is]);
    });
  }

  it('tells a refused connection, one that is cut, and one that speaks something else', async () => {
    const gone = await startServer(() => {});
    await gone.close();
    assert.deepEqual(await ask({ url: `http://127.0.0.1:${gone.port}/` }), ['refused']);

    const cutting = await serve((request) => void request.socket.destroy());
    assert.deepEqual(await ask({ url: `http://127.0.0.1:${cutting.port}/` }), ['reset']);

    const halfway = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('begins', () => request.socket.destroy());
    });
    assert.deepEqual(await ask({ url: `http://127.0.0.1:${halfway.port}/` }), ['reset']);

    const other = createServer((socket) => void socket.end('220 smtp.example.com\r\n')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    assert.deepEqual(await ask({ url: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }), ['wrong answer']);
    other.close();
  });

  it('tells a name without an address, and one that no name server tells', async () => {
    assert.deepEqual(await ask({ url: 'http://nobody.test/' }), ['dns']);
    assert.deepEqual(await ask({ url: 'http://silent.test/' }), ['dns']);
  });

  it('speaks TLS, and takes only a certificate that it trusts, for the right name', async () => {
    const { ca, key, cert } = await createClusterCertificates(['pay.here.test']);
    const server = await serve((_, response) => void response.end('ok'), { key, cert });
    const url = `https://pay.here.test:${server.port}/`;
    assert.deepEqual(await ask({ url }, 2, { ca }), ['ok', 'ok']);
    assert.deepEqual(await ask({ url }), ['tls']);
    assert.deepEqual(await ask({ url: `https://other.here.test:${server.port}/` }, 1, { ca }), ['tls']);
    assert.deepEqual(await ask({ url: `https://127.0.0.1:${server.port}/`, serverName: 'pay.here.test' }, 1, { ca }), ['ok']);
  });

  it('closes the connection of a request that is cancelled, and says no more of it', async () => {
    const server = await serve(() => {});
    const sender = httpSender(requestSchema.parse({ url: `http://127.0.0.1:${server.port}/` }), own);
    const said: Outcome[] = [];
    const cancel = sender.send((outcome) => said.push(outcome));
    while (server.requests.length === 0) await realClock.sleep(5);
    const [socket] = server.connections;
    const closed = once(socket!, 'close');
    cancel();
    await closed;
    assert.deepEqual(said, []);
    sender.close();
  });
});
