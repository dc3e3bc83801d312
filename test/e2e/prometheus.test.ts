import assert from 'node:assert/strict';
import { connect } from '../../runner/clients/connect.ts';
import { realClock } from '../../runner/clock.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { createMask } from '../../runner/mask.ts';
import type { Answer } from '../../runner/probe.ts';
import prometheus from '../../runner/probes/prometheus.ts';
import type { World } from '../../runner/world.ts';
import { startServer, type TestServer } from '../runner/clients/http-server.ts';
import { sampleContext } from '../runner/probes/sample-fleet.ts';
import { simulatedClock } from '../runner/simulated-clock.ts';
import { startLocalPrometheus, type LocalPrometheus } from './local-prometheus.ts';

describe('probe prometheus, against a real Prometheus', () => {
  let shop: TestServer;
  let server: LocalPrometheus;
  let world: World;
  /** What the service says of itself. */
  let queued = 3;

  before(async () => {
    shop = await startServer((_, response) => void response.end(`shop_queued{queue="a"} ${queued}\nshop_queued{queue="b"} 1\n`));
    server = await startLocalPrometheus([`127.0.0.1:${shop.port}`]);
    const environment = environmentSchema.parse({ name: 'e', prometheus: { url: server.url } });
    world = connect(environment, { run: 'r', version: '0', clock: realClock, mask: createMask() });
  });

  after(async () => {
    await world.close();
    await server.close();
  });

  async function open(spec: Record<string, unknown>) {
    const context = { ...sampleContext(simulatedClock(), { timeoutMs: 2_000 }), clock: realClock, world };
    const probe = await prometheus.open({ kind: 'prometheus', ...prometheus.schema.parse(spec) } as never, context);
    return () => probe.streams[0]!.ask(new AbortController().signal);
  }

  /** Asks until the answer is so. */
  async function until(ask: () => Promise<Answer>, is: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const answer = await ask();
      if (is(answer)) return answer;
      await realClock.sleep(50);
    }
  }

  it('is good while every value is as it should be, and bad with how many are not', async () => {
    const ask = await open({ query: 'shop_queued', is: '< 10' });
    await until(ask, ({ value }) => value === 'good');
    queued = 12;
    const bad = await until(ask, ({ value }) => value === 'bad');
    assert.deepEqual(bad, { value: 'bad', why: '1 of 2 not so', detail: { value: 12, labels: `shop_queued{instance="127.0.0.1:${shop.port}",job="scraped",queue="a"}` } });
    queued = 3;
    await until(ask, ({ value }) => value === 'good');
  });

  it('takes a scalar, and compares as PromQL does', async () => {
    assert.deepEqual(await (await open({ query: 'scalar(vector(2)) * 3', is: '== 6' }))(), { value: 'good', detail: { value: 6 } });
    assert.equal((await (await open({ query: 'vector(1)', is: '!= 1' }))()).value, 'bad');
    assert.equal((await (await open({ query: 'vector(-1.5)', is: '>= -1.5' }))()).value, 'good');
  });

  it('is unknown without data, and where a value is no number', async () => {
    assert.deepEqual(await (await open({ query: 'nobody_counts_this', is: '< 10' }))(), { value: 'unknown', why: 'no data' });
    assert.deepEqual(await (await open({ query: 'vector(0) / vector(0)', is: '< 10' }))(), { value: 'unknown', why: 'no number' });
  });

  it('takes no sample that is older than the query says', async () => {
    const fresh = (seconds: string): string => `shop_queued and time() - timestamp(shop_queued) < ${seconds}`;
    // Prometheus scrapes every 200 ms: hardly ever is a sample a microsecond old.
    await until(await open({ query: fresh('0.000001'), is: '< 10' }), ({ why }) => why === 'no data');
    await until(await open({ query: fresh('30'), is: '< 10' }), ({ value }) => value === 'good');
  });

  it('refuses a query that is wrong, or that has no value at a moment, before anything is broken', async () => {
    await assert.rejects(open({ query: 'sum(', is: '< 10' }), /^ExpectedError: probe mine: Prometheus refuses sum\(: .*parse error/);
    await assert.rejects(open({ query: 'shop_queued[1m]', is: '< 10' }), /gives a matrix; ask for one value at one moment/);
  });

  it('is unknown, and never bad, when the target, and then Prometheus itself, is gone', async () => {
    const ask = await open({ query: 'shop_queued', is: '< 10' });
    await until(ask, ({ value }) => value === 'good');
    server.pause();
    assert.deepEqual(await until(ask, ({ value }) => value !== 'good'), { value: 'unknown', why: 'Prometheus: no answer within 1800 ms' });
    server.resume();
    await until(ask, ({ value }) => value === 'good');
    await shop.close();
    assert.deepEqual(await until(ask, ({ value }) => value !== 'good'), { value: 'unknown', why: 'no data' });
    await server.kill();
    const { value, why } = await ask();
    assert.equal(value, 'unknown');
    assert.match(why!, /^Prometheus can't be asked: /);
  });
});
