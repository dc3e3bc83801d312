import assert from 'node:assert/strict';
import { connect } from '../../../runner/clients/connect.ts';
import { realClock } from '../../../runner/clock.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import { createMask } from '../../../runner/mask.ts';
import http from '../../../runner/probes/http.ts';
import { arrivalsAt } from '../../../runner/traffic/arrivals.ts';
import { startOpenLoop } from '../../../runner/traffic/open-loop.ts';
import type { RequestSpec } from '../../../runner/traffic/request.ts';
import type { RequestWindow } from '../../../runner/traffic/window.ts';
import { startServer } from '../clients/http-server.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { openOnCluster } from './sample-cluster.ts';
import { sampleContext } from './sample-fleet.ts';

/** What the probe asks to be sent, through which proxies. */
function senders() {
  const specs: RequestSpec[] = [];
  const sender = { send: () => () => {}, close: () => {} };
  return { specs, world: { http: async () => ({ sender: (spec: RequestSpec) => (specs.push(spec), sender) }) } };
}

describe('probe http', () => {
  it('sends each request to the proxy of a node, as a service there would', async () => {
    const { specs, world } = senders();
    const { open, close } = await openOnCluster(http, { url: 'http://payments/health', via: 'node-local', select: { names: ['node-2'] } }, { world });
    assert.deepEqual(open.requests?.map(({ name, perSecond }) => [name, perSecond]), [['mine', 10]]);
    assert.deepEqual(specs.map(({ url, proxy }) => [url, proxy]), [['http://payments/health', '10.0.1.2:4140']]);
    await close();
  });

  it('has a stream for each of several nodes, which share the rate', async () => {
    const { specs, world } = senders();
    const { open, close } = await openOnCluster(http, { url: 'http://payments/health', via: 'node-local', proxyPort: 4141, rate: '60/s' }, { world });
    assert.deepEqual(open.requests?.map(({ name, perSecond }) => [name, perSecond]), [['mine/node-1', 20], ['mine/node-2', 20], ['mine/node-3', 20]]);
    assert.deepEqual(specs.map(({ proxy }) => proxy), ['10.0.1.1:4141', '10.0.1.2:4141', '10.0.1.3:4141']);
    await close();
  });

  for (const { spec, says } of [
    { spec: { via: 'node-local', select: { names: ['nobody'] } }, says: /matches no node/ },
    { spec: { via: 'node-local', rate: '20/s' }, says: /every is 100ms, and .* for each of 3 nodes is less than a request in each; give every 150ms or more/ },
    { spec: { rate: '2/s' }, says: /every is 100ms, and 2\/s is less than a request in each; give every 500ms or more/ },
    { spec: { url: 'https://payments/', via: 'node-local' }, says: /https does not go through a proxy/ },
    { spec: { via: 'node-local', proxy: '10.0.0.1:1' }, says: /leave proxy out/ },
    { spec: { select: { names: ['node-1'] } }, says: /select means the nodes of via: node-local/ },
  ]) {
    it(`can't be opened with ${JSON.stringify(spec)}`, async () => {
      const { world } = senders();
      await assert.rejects(openOnCluster(http, { url: 'http://payments/health', ...spec }, { world }), says);
    });
  }

  it('counts what a real service answers, refuses and leaves unanswered', async () => {
    let answers: 'ok' | '503' | 'nothing' = 'ok';
    const server = await startServer((_, response) => {
      if (answers === 'ok') response.end('fine');
      else if (answers === '503') response.writeHead(503).end();
    });
    const host = `127.0.0.1:${server.port}`;
    const environment = environmentSchema.parse({ name: 'e', traffic: { hosts: [host], maxRate: '100/s', maxRequests: 1_000 } });
    const world = connect(environment, { run: 'r', version: '0', clock: realClock, mask: createMask() });
    const context = { ...sampleContext(simulatedClock(), {}), clock: realClock, world };
    const { requests } = await http.open({ kind: 'http', ...http.schema.parse({ url: `http://${host}/`, rate: '50/s', expect: { body: 'fine' } }) } as never, context);
    const windows: RequestWindow[] = [];
    const { sender, perSecond, answerOf } = requests![0]!;
    const loop = startOpenLoop({ sender, arrivals: arrivalsAt(perSecond), startAtMs: realClock.now(), windowMs: 100, timeoutMs: 300, clock: realClock, record: (window) => windows.push(window), blind: () => {} });
    const seen = async (is: (window: RequestWindow) => boolean): Promise<RequestWindow> => {
      for (;;) {
        const found = windows.find(is);
        if (found) return found;
        await realClock.sleep(20);
      }
    };
    const good = await seen(({ ok }) => ok > 0);
    assert.ok(good.latencies !== undefined && good.good);
    answers = '503';
    assert.deepEqual(answerOf(await seen(({ failed }) => failed['5xx'] !== undefined)), { value: 'bad', why: '5xx' });
    answers = 'nothing';
    await seen(({ failed }) => failed.timeout !== undefined);
    await server.close();
    await seen(({ failed }) => failed.refused !== undefined);
    await loop.stop();
    await world.close();
  });
});
