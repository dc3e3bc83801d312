import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { configKeys } from '../../../lab/specimen/linkerd/config.ts';
import { delayAnnotations } from '../../../lab/specimen/linkerd/delay.ts';
import { ParseError } from '../../../lab/specimen/linkerd/linkerd.ts';
import { deadAddress, MeshUnderTest, until, type Answered } from './mesh-under-test.ts';

describe('the lab’s linkerd', function () {
  this.timeout('20s');
  let mesh: MeshUnderTest;
  beforeEach(async () => {
    mesh = await MeshUnderTest.begin();
  });
  afterEach(() => mesh.end());

  const many = (count: number, url = 'http://accounts/'): Promise<Answered[]> => Promise.all(Array.from({ length: count }, () => mesh.ask(url)));
  const saying = (text: string) => mesh.pod((_request, response) => response.end(text));
  const failing = (status = 503) => mesh.pod((_request, response) => response.writeHead(status).end());

  describe('requests', () => {
    it('are for the service in the whole address or in the Host header, with its namespace and a port or without', async () => {
      const own = await mesh.pod((request, response) => response.end(`accounts ${request.url} ${request.headers.host}`));
      const other = await saying('other');
      mesh.serve('accounts', own.address);
      mesh.serve('accounts.shop', other.address);
      await mesh.start();
      const text = async (url: string, host?: string): Promise<string> => (await mesh.ask(url, host === undefined ? {} : { headers: { host } })).text;
      assert.equal(await text('http://accounts/a?b=c'), 'accounts /a?b=c accounts');
      assert.equal(await text('http://accounts'), 'accounts / accounts');
      assert.equal(await text('/a', 'accounts'), 'accounts /a accounts');
      assert.equal(await text('http://accounts/a', 'ignored'), 'accounts /a accounts');
      assert.equal(await text('http://accounts.bank:80/'), 'accounts / accounts.bank:80');
      assert.equal(await text('http://Accounts.bank:http/'), 'accounts / accounts.bank:http');
      assert.equal(await text(`http://accounts:${own.address.split(':')[1]}/`), `accounts / accounts:${own.address.split(':')[1]}`);
      assert.equal(await text('http://accounts.shop/'), 'other');
      assert.equal(await text('http://accounts.shop.svc.cluster.local/'), 'other');
    });

    it('that name no service are 400, those for a service without hosts 502, and both say so in l5d-err', async () => {
      mesh.serve('empty');
      await mesh.start();
      for (const url of ['http://10.200.1.2/', 'http:///x']) {
        const { status, headers } = await mesh.ask(url, { headers: { host: '10.200.1.2' } });
        assert.equal(status, 400, url);
        assert.match(decodeURIComponent(String(headers['l5d-err'])), /no service is named/);
      }
      for (const url of ['http://nobody/', 'http://empty/', 'http://empty:8443/']) {
        const { status, headers } = await mesh.ask(url);
        assert.equal(status, 502, url);
        assert.match(decodeURIComponent(String(headers['l5d-err'])), /^No hosts are available for \/svc\//);
      }
    });

    it('pass with body and headers, but without what is between neighbours; a trace and a deadline are added', async () => {
      let seen: IncomingHttpHeaders = {};
      const pod = await mesh.pod((request, response) => {
        seen = request.headers;
        response.writeHead(201, { 'x-answer': 'yes', connection: 'x-secret', 'x-secret': 'no' });
        request.pipe(response);
      });
      mesh.serve('payments', pod.address);
      await mesh.start();
      const headers = { 'x-own': '1', connection: 'x-hop', 'x-hop': '2', 'proxy-authorization': 'secret', 'x-b3-traceid': '00000000000000aa', 'l5d-ctx-dtab': '/a=>/b' };
      for (const framing of [['content-length', '5'], ['transfer-encoding', 'chunked']] as const) {
        for (const method of ['POST', 'DELETE']) {
          const answered = await mesh.ask('http://payments/payments', { method, headers: { ...headers, [framing[0]]: framing[1] }, body: 'money' });
          assert.deepEqual([answered.status, answered.text, answered.headers['x-answer'], answered.headers['x-secret']], [201, 'money', 'yes', undefined]);
        }
      }
      assert.deepEqual([seen['x-own'], seen['x-hop'], seen['proxy-authorization'], seen['l5d-ctx-dtab']], ['1', undefined, undefined, '/a=>/b']);
      assert.deepEqual([seen['x-b3-traceid'], seen.via, seen['l5d-dst-service']], ['00000000000000aa', '1.1 linkerd', '/svc/payments.bank']);
      assert.match(String(seen.traceparent), /^00-0{30}aa-[0-9a-f]{16}-01$/);
      assert.equal(Buffer.from(String(seen['l5d-ctx-trace']), 'base64').subarray(16, 24).toString('hex'), '00000000000000aa');
      const [from, to] = String(seen['l5d-ctx-deadline']).split(' ').map((text) => Number(BigInt(text) / 1_000_000n));
      assert.ok(Math.abs(from! - Date.now()) < 5_000);
      assert.equal(Math.round((to! - from!) / 100), 50);
    });
  });

  describe('answers', () => {
    const half = (status: number) =>
      mesh.pod((_request, response) => {
        response.writeHead(status, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 20);
      });

    it('that break off break the client’s connection, and are a failure', async () => {
      mesh.serve('accounts', (await half(200)).address);
      await mesh.start();
      await assert.rejects(mesh.ask('http://accounts/'), /aborted|hang up|ECONNRESET/);
      await until('the count', async () => (await mesh.metric('rt:service:failures', 'broken_off')) === 1);
      assert.equal(await mesh.metric('rt:client:pending'), 0);
    });

    it('that are thrown away for another may break off', async () => {
      mesh.serve('accounts', (await half(503)).address, (await saying('good')).address);
      await mesh.start();
      for (let round = 0; round < 10; round++) assert.equal((await mesh.ask('http://accounts/')).text, 'good');
      await wait(50);
    });

    it('pass as they are: without a body, with one of any length, and to a question for the head alone', async () => {
      const long = 'x'.repeat(1_000_000);
      const pod = await mesh.pod((request, response) => {
        if (request.url === '/none') response.writeHead(204).end();
        else if (request.url === '/old') response.writeHead(304, { etag: '"1"' }).end();
        else response.writeHead(200, { 'content-length': long.length }).end(long);
      });
      mesh.serve('accounts', pod.address);
      await mesh.start();
      const said = async (path: string, method = 'GET') => {
        const { status, text, headers } = await mesh.ask(`http://accounts${path}`, { method });
        return [status, text.length, headers['content-length'] ?? headers.etag];
      };
      assert.deepEqual(await said('/none'), [204, 0, undefined]);
      assert.deepEqual(await said('/old'), [304, 0, '"1"']);
      assert.deepEqual(await said('/'), [200, 1_000_000, '1000000']);
      assert.deepEqual(await said('/', 'HEAD'), [200, 0, '1000000']);
    });
  });

  describe('balancing', () => {
    it('gives each endpoint its part, and those with less under way more', async () => {
      const [quick, slow] = [await saying('quick'), await mesh.pod((_request, response) => void setTimeout(() => response.end('slow'), 400))];
      mesh.serve('accounts', quick.address, slow.address);
      await mesh.start();
      for (let round = 0; round < 20; round++) {
        many(2).catch(() => assert.fail('a request failed'));
        await wait(10);
      }
      assert.ok(quick.requests > 2 * slow.requests && slow.requests > 0, `${quick.requests} to ${slow.requests}`);
      await until('all answers', async () => (await mesh.metric('rt:client:pending')) === 0);
    });

    it('uses connections again', async () => {
      const pod = await saying('ok');
      let connections = 0;
      pod.server.on('connection', () => connections++);
      mesh.serve('accounts', pod.address);
      await mesh.start();
      for (let round = 0; round < 10; round++) await mesh.ask('http://accounts/');
      assert.equal(connections, 1);
    });

    it('follows the Endpoints, and lets go of those that are gone', async () => {
      const [first, second] = [await saying('first'), await saying('second')];
      const object = mesh.serve('accounts', first.address);
      await mesh.start();
      assert.equal((await mesh.ask('http://accounts/')).text, 'first');
      mesh.serve('accounts', second.address);
      await until('the second', async () => (await mesh.ask('http://accounts/')).text === 'second');
      await until('no connection to the first', () => new Promise((resolve) => first.server.getConnections((_error, count) => resolve(count === 0))));
      mesh.api.compact();
      mesh.serve('accounts', first.address, second.address);
      await until('both again, after a new list', async () => new Set((await many(10)).map(({ text }) => text)).size === 2);
      mesh.api.remove(object);
      await until('none', async () => (await mesh.ask('http://accounts/')).status === 502);
    });
  });

  describe('retries', () => {
    it('go to another endpoint: of reads that failed or were answered with 5xx, and of what was never sent', async () => {
      const [good, bad, breaking] = [await saying('good'), await failing(), await mesh.pod((request) => request.socket.destroy())];
      mesh.serve('accounts', good.address, bad.address, breaking.address, await deadAddress());
      await mesh.start({ accrual: { failures: 1_000, backOff: { minMs: 1, maxMs: 1 } } });
      assert.deepEqual((await many(20)).map(({ status, text }) => `${status} ${text}`), Array.from({ length: 20 }, () => '200 good'));
      assert.ok(bad.requests > 0 && breaking.requests > 0);
      assert.ok((await mesh.metric('rt:service:retries:total')) > 0);

      mesh.serve('payments', await deadAddress(), await deadAddress(), good.address);
      await until('the service', async () => (await mesh.ask('http://payments/')).status === 200);
      for (let round = 0; round < 10; round++) assert.equal((await mesh.ask('http://payments/', { method: 'POST', body: 'x' })).text, 'good');
    });

    it('never of a POST once it was sent', async () => {
      const breaking = await mesh.pod((request) => request.socket.destroy());
      const bad = await failing();
      mesh.serve('payments', breaking.address, bad.address);
      await mesh.start();
      for (let round = 0; round < 10; round++) {
        const before = breaking.requests + bad.requests;
        const { status } = await mesh.ask('http://payments/', { method: 'POST', body: 'x' });
        assert.ok(status === 502 || status === 503);
        assert.equal(breaking.requests + bad.requests, before + 1);
      }
      assert.equal(await mesh.metric('rt:service:retries:total'), 0);
    });

    it('stop when the budget is spent', async () => {
      const bad = await failing();
      mesh.serve('accounts', bad.address);
      await mesh.start({ budget: { minRetriesPerSec: 0, percentCanRetry: 0.2, ttlMs: 10_000 } });
      assert.deepEqual(new Set((await many(50)).map(({ status }) => status)), new Set([503]));
      assert.ok(bad.requests >= 55 && bad.requests <= 60, String(bad.requests));
      assert.ok((await mesh.metric('rt:service:retries:budget_exhausted')) > 0);
    });

    it('are gone with the sabotage no-retries, and back after it, while the proxy runs', async () => {
      const good = await saying('good');
      mesh.serve('accounts', good.address, await deadAddress());
      await mesh.start({ accrual: { failures: 1_000, backOff: { minMs: 1, maxMs: 1 } } });
      assert.ok((await many(20)).every(({ status }) => status === 200));
      mesh.configure({ [configKeys.noRetries]: 'true' });
      await until('failures', async () => (await many(20)).some(({ status }) => status === 502));
      mesh.configure({ [configKeys.noRetries]: 'false' });
      await until('none', async () => (await many(20)).every(({ status }) => status === 200));
    });
  });

  describe('deadlines', () => {
    it('are 504: that of the request when it is earlier, otherwise the proxy’s', async () => {
      const pod = await mesh.pod(() => {});
      mesh.serve('accounts', pod.address);
      await mesh.start({ totalTimeoutMs: 800 });
      const took = async (headers: object): Promise<number> => {
        const startedMs = performance.now();
        const { status, headers: told } = await mesh.ask('http://accounts/', { headers: { ...headers } });
        assert.equal(status, 504);
        assert.match(String(told['l5d-err']), /time/);
        return performance.now() - startedMs;
      };
      const inMs = (ms: number): string => `1 ${BigInt(Date.now() + ms) * 1_000_000n}`;
      const given = [{}, { 'l5d-ctx-deadline': inMs(100) }, { 'l5d-ctx-deadline': inMs(60_000) }, { 'l5d-ctx-deadline': 'nonsense' }];
      assert.deepEqual((await Promise.all(given.map(took))).map((ms) => ms > 780), [true, false, true, true]);
    });

    it('of one attempt let a read be sent to another endpoint', async () => {
      const [silent, good] = [await mesh.pod(() => {}), await saying('good')];
      mesh.serve('accounts', silent.address, good.address);
      await mesh.start({ attemptTimeoutMs: 100 });
      assert.ok((await many(10)).every(({ text }) => text === 'good'));
      assert.ok((await mesh.metric('rt:client:failures', 'attempt_timeout')) > 0);
      mesh.serve('accounts', silent.address);
      await until('the silent one alone', async () => (await mesh.metric('rt:client:loadbalancer:size')) === 1);
      assert.equal((await mesh.ask('http://accounts/', { method: 'POST', body: 'x' })).status, 504);
    });

    it('leave nothing under way when the client has gone', async () => {
      const pod = await mesh.pod(() => {});
      mesh.serve('accounts', pod.address);
      await mesh.start();
      const socket = connect(mesh.linkerd.proxyPort, '127.0.0.1');
      socket.write('GET http://accounts/ HTTP/1.1\r\nhost: accounts\r\n\r\n');
      await until('the request', () => pod.requests === 1);
      socket.destroy();
      await until('its end', () => new Promise((resolve) => pod.server.getConnections((_error, count) => resolve(count === 0))));
      assert.equal(await mesh.metric('rt:service:failures', 'cancelled'), 1);
      assert.equal(await mesh.metric('rt:client:pending'), 0);
    });
  });

  describe('delays', () => {
    const own = (annotations: Record<string, string> = {}) => ({ metadata: { name: 'linkerd-1', namespace: 'mesh', annotations }, spec: { containers: [] } });
    const says = (): string | undefined => mesh.api.get('pods', 'mesh', 'linkerd-1')?.metadata.annotations?.[delayAnnotations.inForce];
    const tookMs = async (url: string): Promise<number> => {
      const startMs = performance.now();
      assert.equal((await mesh.ask(url)).status, 200);
      return performance.now() - startMs;
    };
    const asked = (delay: object): Record<string, string> => ({ [delayAnnotations.delay]: JSON.stringify(delay) });
    beforeEach(async () => {
      mesh.serve('accounts', (await saying('accounts')).address);
      mesh.serve('cards', (await saying('cards')).address);
      mesh.api.put(own());
    });

    it('requests as its pod is told, for that service alone, and says what it does', async () => {
      await mesh.start({ podName: 'linkerd-1' });
      const delay = { ms: 400, services: ['accounts.bank'], percent: 100 };
      mesh.api.put(own(asked(delay)));
      await until('it says so', () => says() === JSON.stringify(delay));
      assert.ok((await tookMs('http://accounts/')) >= 390);
      const [quick] = await Promise.all([tookMs('http://cards/'), tookMs('http://accounts/')]);
      assert.ok(quick < 390, `cards took ${quick} ms`);
      mesh.api.put(own({ [delayAnnotations.inForce]: JSON.stringify(delay) }));
      await until('it says that it has stopped', () => says() === undefined);
      assert.ok((await tookMs('http://accounts/')) < 390);
    });

    it('does what its pod was told before it began', async () => {
      mesh.api.put(own(asked({ ms: 200, services: [], percent: 100 })));
      await mesh.start({ podName: 'linkerd-1' });
      await until('it says so', () => says() !== undefined);
      assert.ok((await tookMs('http://cards/')) >= 190);
    });

    it('a share of the requests, and no longer than they have', async () => {
      await mesh.start({ podName: 'linkerd-1', totalTimeoutMs: 500 });
      mesh.api.put(own(asked({ ms: 2_000, services: [], percent: 50 })));
      await until('it says so', () => says() !== undefined);
      const statuses = (await many(40)).map(({ status }) => String(status));
      assert.deepEqual([...new Set(statuses)].toSorted(), ['200', '504']);
    });

    it('says nothing of what it can not read', async () => {
      const lines: string[] = [];
      await mesh.start({ podName: 'linkerd-1', log: (line) => lines.push(line) });
      mesh.api.put(own({ [delayAnnotations.delay]: '{"ms":"long"}' }));
      await until('it is told', () => lines.some((line) => line.includes(`can't read what delay is asked for: {"ms":"long"}`)));
      assert.equal(says(), undefined);
    });
  });

  describe('circuit breaking', () => {
    it('leaves an endpoint alone after five failures in a row, and tries it with one request after a pause', async () => {
      const good = await saying('good');
      let broken = true;
      const sick = await mesh.pod((_request, response) => response.writeHead(broken ? 500 : 200).end('sick'));
      mesh.serve('accounts', good.address, sick.address);
      await mesh.start({ accrual: { failures: 5, backOff: { minMs: 500, maxMs: 500 } } });
      await until('five failures', async () => (await mesh.ask('http://accounts/')).status === 200 && sick.requests === 5);
      for (let round = 0; round < 20; round++) await mesh.ask('http://accounts/');
      assert.equal(sick.requests, 5);
      assert.equal(await mesh.metric('rt:client:failure_accrual:state', 'dead'), 1);
      assert.equal(await mesh.metric('rt:client:failure_accrual:removals'), 1);
      await until('probation', async () => (await mesh.metric('rt:client:failure_accrual:state', 'probation')) === 1);
      await many(10);
      assert.equal(sick.requests, 6, 'one request on probation, which failed');
      broken = false;
      await until('its return', async () => (await many(10)).some(({ text }) => text === 'sick'));
      assert.equal(await mesh.metric('rt:client:failure_accrual:revivals'), 1);
    });

    it('sends requests anyway when no endpoint is left', async () => {
      let broken = true;
      const only = await mesh.pod((_request, response) => response.writeHead(broken ? 500 : 200).end('only'));
      mesh.serve('accounts', only.address);
      await mesh.start({ accrual: { failures: 5, backOff: { minMs: 60_000, maxMs: 60_000 } } });
      await many(10);
      assert.equal(await mesh.metric('rt:client:loadbalancer:available'), 0);
      broken = false;
      assert.equal((await mesh.ask('http://accounts/')).text, 'only');
      assert.equal(await mesh.metric('rt:client:loadbalancer:available'), 1);
    });
  });

  describe('the watch of Endpoints', () => {
    it('that falls silent leaves requests at addresses that are gone; a new proxy knows the new ones', async () => {
      const [old, fresh] = [await saying('old'), await saying('fresh')];
      mesh.serve('payments', old.address);
      await mesh.start();
      assert.equal((await mesh.ask('http://payments/')).text, 'old');
      mesh.api.stall(true);
      mesh.serve('payments', fresh.address);
      old.server.closeAllConnections();
      old.server.close();
      await once(old.server, 'close');
      await wait(200);
      const { status, headers } = await mesh.ask('http://payments/');
      assert.equal(status, 502);
      assert.match(decodeURIComponent(String(headers['l5d-err'])), /ECONNREFUSED/);
      assert.equal((await mesh.admin('/admin/ping')).text, 'pong', 'nothing tells of it');
      await mesh.linkerd.close(100);
      await mesh.start();
      assert.equal((await mesh.ask('http://payments/')).text, 'fresh');
    });

    it('may break, and the API may be away: what was known last is served', async () => {
      const [first, second] = [await saying('first'), await saying('second')];
      mesh.serve('accounts', first.address);
      await mesh.start();
      mesh.api.away(true);
      for (let round = 0; round < 10; round++) assert.equal((await mesh.ask('http://accounts/')).text, 'first');
      mesh.serve('accounts', second.address);
      mesh.api.away(false);
      await until('the second', async () => (await mesh.ask('http://accounts/')).text === 'second');
      assert.deepEqual(mesh.api.requests.filter((each) => each === 'LIST endpoints').length, 1, 'it went on where it was');
    });

    it('has to have begun before the proxy says that it is ready', async () => {
      mesh.api.away(true);
      const adminPort = Number((await deadAddress()).split(':')[1]);
      const starting = mesh.start({ adminPort });
      await wait(100);
      assert.equal((await mesh.ask('/admin/ping', { port: adminPort })).status, 503);
      mesh.api.away(false);
      await starting;
      assert.equal((await mesh.admin('/admin/ping')).status, 200);
    });
  });

  describe('a service without endpoints', () => {
    const empty = [{}, { subsets: [] }, { subsets: null }];

    it('harms nobody', async () => {
      mesh.serve('accounts', (await saying('ok')).address);
      for (const [index, extra] of empty.entries()) mesh.api.put({ metadata: { name: `empty-${index}`, namespace: 'bank' }, ...(extra as object) });
      await mesh.start();
      assert.equal((await mesh.ask('http://accounts/')).text, 'ok');
    });

    for (const extra of empty) {
      it(`keeps the proxy from starting with the bug of October 2017: ${JSON.stringify(extra)}`, async () => {
        mesh.serve('accounts', (await saying('ok')).address);
        mesh.configure({ [configKeys.crashOnEmptyEndpoints]: 'true' });
        await mesh.start();
        mesh.api.put({ metadata: { name: 'legacy', namespace: 'bank' }, ...(extra as object) });
        await wait(100);
        assert.equal((await mesh.ask('http://accounts/')).text, 'ok', 'one that runs ignores it');
        await mesh.linkerd.close(100);
        await assert.rejects(() => mesh.start(), (error: Error) => error instanceof ParseError && /endpoints bank\/legacy: can't parse subsets/.test(error.message));
        mesh.api.remove({ metadata: { name: 'legacy', namespace: 'bank' } });
        await mesh.start();
        assert.equal((await mesh.ask('http://accounts/')).text, 'ok');
      });
    }
  });

  it('tells Prometheus what it does', async () => {
    mesh.serve('accounts', (await saying('ok')).address);
    await mesh.start();
    await many(3);
    await mesh.ask('http://nobody/');
    const { text, headers } = await mesh.admin('/admin/metrics/prometheus');
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
    for (const line of text.trimEnd().split('\n')) {
      assert.match(line, /^(# TYPE [a-z:_]+ (counter|gauge|histogram)|[a-z:_0-9]+(\{([a-z0-9_]+="[^"]*",?)+\})? [0-9.e+-]+)$/);
    }
    assert.equal(await mesh.metric('rt:service:requests', 'service="accounts.bank"'), 3);
    assert.equal(await mesh.metric('rt:service:success'), 3);
    assert.equal(await mesh.metric('rt:service:request_latency_ms_count'), 3);
    assert.equal(await mesh.metric('rt:service:request_latency_ms_bucket', 'le="+Inf"'), 3);
    assert.equal(await mesh.metric('rt:client:loadbalancer:size'), 1);
    assert.equal(await mesh.metric('rt:server:no_hosts'), 1);
    assert.equal((await mesh.admin('/')).status, 404);
  });

  it('finishes what is under way when it is told to end, and takes no more', async () => {
    const pod = await mesh.pod((_request, response) => void setTimeout(() => response.end('late'), 300));
    mesh.serve('accounts', pod.address);
    const { proxyPort, close } = await mesh.start();
    const under = mesh.ask('http://accounts/');
    await until('the request', () => pod.requests === 1);
    const closed = close(2_000);
    await assert.rejects(mesh.ask('http://accounts/', { port: proxyPort }), /ECONNREFUSED/);
    assert.equal((await under).text, 'late');
    await closed;
  });
});
