import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { serveWall, type WallServer } from '../../../cli/watch/server.ts';

const token = 'the-token-of-this-test';

describe('the live page on loopback', () => {
  let server: WallServer;
  let stops: number;
  beforeEach(async () => {
    stops = 0;
    server = await serveWall({ port: 0, token, stop: () => `asked ${(stops += 1)}` });
  });
  afterEach(() => server.close());

  async function ask(method: string, path: string, headers: OutgoingHttpHeaders = {}): Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }> {
    const asking = request({ port: server.port, host: '127.0.0.1', method, path, headers, agent: false });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
    return { status: answer.statusCode!, text, headers: answer.headers };
  }

  it('gives page, script and style, which may load nothing else and stand in no other page', async () => {
    for (const [path, type] of [['/', 'text/html'], ['/wall.js', 'text/javascript'], ['/wall.css', 'text/css']] as const) {
      const { status, text, headers } = await ask('GET', path);
      assert.equal(status, 200);
      assert.ok(text.length > 500);
      assert.equal(headers['content-type'], `${type}; charset=utf-8`);
      assert.match(headers['content-security-policy'] as string, /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/);
      assert.doesNotMatch(headers['content-security-policy'] as string, /unsafe/);
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
    assert.equal((await ask('GET', '/../etc/passwd')).status, 404);
    assert.equal((await ask('PUT', '/')).status, 405);
  });

  it('stops a run only for the token', async () => {
    for (const headers of [{}, { 'x-firedrill-token': '' }, { 'x-firedrill-token': `${token}x` }, { 'x-firedrill-token': token.slice(1) }]) {
      assert.equal((await ask('POST', '/stop', headers)).status, 401);
    }
    assert.equal((await ask('GET', '/stop', { 'x-firedrill-token': token })).status, 405);
    assert.equal(stops, 0);
    assert.deepEqual([(await ask('POST', '/stop', { 'x-firedrill-token': token })).text, stops], ['asked 1', 1]);
  });

  it('answers to its own name alone, so that no other can be made to lead here', async () => {
    for (const host of ['evil.example.com', `evil.example.com:${server.port}`, '127.0.0.1:1', `127.0.0.1.evil.example.com:${server.port}`]) {
      for (const path of ['/', '/events']) assert.equal((await ask('GET', path, { host })).status, 403, `${host} ${path}`);
      assert.equal((await ask('POST', '/stop', { host, 'x-firedrill-token': token })).status, 403);
    }
    assert.equal((await ask('GET', '/', { host: `localhost:${server.port}` })).status, 200);
    assert.equal(stops, 0);
  });

  it('answers no other page, whatever it knows', async () => {
    const knowing = { 'x-firedrill-token': token };
    for (const origin of ['https://evil.example.com', 'null', `http://localhost:${server.port}`, `https://127.0.0.1:${server.port}`]) {
      assert.equal((await ask('POST', '/stop', { ...knowing, origin })).status, 403, origin);
      assert.equal((await ask('GET', '/events', { origin })).status, 403, origin);
    }
    assert.equal((await ask('POST', '/stop', { ...knowing, 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal(stops, 0);
    assert.equal((await ask('POST', '/stop', { ...knowing, origin: `http://127.0.0.1:${server.port}`, 'sec-fetch-site': 'same-origin' })).status, 202);
  });

  /** Watches, and gives what has come so far. */
  async function watch(): Promise<{ heard(): string; until(pattern: RegExp): Promise<void>; end(): void }> {
    const asking = get({ port: server.port, host: '127.0.0.1', path: '/events', agent: false });
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    answer.on('error', () => undefined);
    return {
      heard: () => text,
      async until(pattern) {
        while (!pattern.test(text)) await once(answer, 'data');
      },
      end: () => asking.destroy(),
    };
  }

  it('tells many the same, and who comes later the newest at once', async () => {
    const early = await Promise.all([watch(), watch(), watch()]);
    server.send('now', '{"n":1}');
    server.send('now', '{"n":2}');
    await Promise.all(early.map(({ until }) => until(/"n":1.*"n":2/s)));
    const late = await watch();
    await late.until(/event: now\ndata: \{"n":2\}\n\n/);
    assert.doesNotMatch(late.heard(), /"n":1/);
    for (const one of [...early, late]) one.end();
  });

  it('keeps one message for a watcher that reads nothing, and then gives it the newest', async () => {
    const slow = connect(server.port, '127.0.0.1');
    slow.on('error', () => undefined);
    await once(slow, 'connect');
    slow.pause();
    slow.write(`GET /events HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`);
    const quick = get({ port: server.port, host: '127.0.0.1', path: '/events', agent: false });
    const [answer] = (await once(quick, 'response')) as [IncomingMessage];
    let tail = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => (tail = (tail + chunk).slice(-100)));
    answer.on('error', () => undefined);
    const filling = 'x'.repeat(200_000);
    const last = 100;
    for (let n = 1; n <= last; n += 1) {
      server.send('picture', JSON.stringify({ filling, n }));
      // Nobody waits for the slow one.
      while (!tail.includes(`"n":${n}}`)) await once(answer, 'data');
    }
    let heard = '';
    slow.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
    slow.resume();
    while (!heard.includes(`"n":${last}}`)) await once(slow, 'data');
    const numbers = [...heard.matchAll(/"n":(\d+)}/g)].map((match) => Number(match[1]));
    assert.ok(numbers.length < last / 2, `it got ${numbers.length} of ${last}`);
    slow.destroy();
    quick.destroy();
  });

  it('says so when its port is taken', async () => {
    await assert.rejects(serveWall({ port: server.port, token, stop: () => '' }), /^ExpectedError: --serve \d+: listen EADDRINUSE.*; give another port, or 0 for any$/);
  });
});
