import assert from 'node:assert/strict';
import { judge } from '../../../runner/judge.ts';
import { prepare } from '../../../runner/prepare.ts';
import http from '../../../runner/probes/http.ts';
import type { JudgedSlo } from '../../../runner/verdict.ts';
import type { World } from '../../../runner/world.ts';
import { sloSchema } from '../../../scenarios/schema.ts';
import { loadSchema } from '../../../scenarios/traffic.ts';
import { runDrill, Service, serviceKinds } from '../engine.ts';
import { sampleEnvironment } from '../sample-platform.ts';
import { sampleScenario } from '../sample-scenario.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { SimulatedSender, type Answering } from './simulated-sender.ts';

const traffic = { hosts: ['pay'], maxRate: '1000/s', maxRequests: 1_000_000 };
const url = 'http://pay/health';

/** Runs a drill whose fault lasts from 2 s to 5 s, with 100 requests a second, and judges it from its journal alone. */
async function drilled(answer: (sinceFaultMs: number) => ReturnType<Answering>, slos: readonly Record<string, unknown>[], probe: Record<string, unknown> = {}) {
  let faultAtMs = Infinity;
  const service = new Service();
  const { entries, outcome } = await runDrill(
    service,
    {
      probes: { pay: { kind: 'http', every: 100, timeout: 1_000, ...http.schema.parse({ url, rate: '100/s', ...probe }) } },
      faults: [{ id: 'f', kind: 'stop', at: 1_000, for: 3_000 }],
      slos: slos.map((slo, index) => sloSchema.parse({ name: `slo ${index}`, probe: 'pay', ...slo })),
    },
    {
      probes: { http: http as never },
      environment: { traffic },
      world: (clock) => {
        const sender = new SimulatedSender(clock, (atMs) => {
          if (service.broken.size > 0) faultAtMs = Math.min(faultAtMs, atMs);
          return answer(atMs - faultAtMs);
        });
        return { http: async () => ({ sender: () => sender }) };
      },
    },
  );
  return { entries, outcome, run: judge(JSON.parse(JSON.stringify(entries)) as typeof entries) };
}

function says(slo: JudgedSlo | undefined, expected: Partial<JudgedSlo>): void {
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(slo?.[key as keyof JudgedSlo], value, key);
}

const broken = (ms: number): boolean => ms >= 0 && ms < 1_500;

describe('a drill with a probe that sends requests', () => {
  it('measures an outage between requests, with its error bar', async () => {
    const { run, outcome } = await drilled((ms) => (broken(ms) ? ['refused', 1] : ['ok', 2]), [{ longestOutage: '2s' }, { longestOutage: '1s' }, { recoversWithin: '2s' }, { always: true }]);
    assert.equal(outcome, 'finished');
    says(run.slos[0], { verdict: 'held', measured: '1.5 s ± 0.02 s' });
    says(run.slos[1], { verdict: 'broken' });
    says(run.slos[2], { verdict: 'held' });
    says(run.slos[3], { verdict: 'broken' });
    assert.match(run.slos[3]!.reason, /refused/);
    const [outage] = run.probes[0]!.streams[0]!.outages;
    assert.equal(outage?.why, 'refused');
    assert.ok(outage.length.min <= 1_500 && 1_500 <= outage.length.max && outage.length.max - outage.length.min < 25, JSON.stringify(outage));
  });

  it('counts requests, and fails an objective that is about them', async () => {
    const { run } = await drilled((ms) => (broken(ms) ? ['5xx', 1] : ['ok', 2]), [{ availability: '50%' }, { availability: '99.9%' }]);
    const [stream] = run.probes[0]!.streams;
    assert.equal(stream!.bad, 150);
    assert.deepEqual(stream!.reasons.filter(({ why }) => why === '5xx'), [{ why: '5xx', count: 150 }]);
    says(run.slos[0], { verdict: 'held', objective: 'at least 50 % of requests succeed' });
    says(run.slos[1], { verdict: 'broken' });
    assert.match(run.slos[1]!.reason, /^150 of \d+ requests failed/);
  });

  it('judges the fault and the recovery on their own', async () => {
    const { run } = await drilled((ms) => (broken(ms) ? ['reset', 1] : ['ok', 2]), [
      { availability: '99%', during: 'fault' },
      { availability: '99%', during: 'recovery' },
      { longestOutage: '0s', during: 'recovery' },
      { latency: { max: '3ms' }, during: 'recovery' },
      { always: true, during: 'recovery' },
    ]);
    says(run.slos[0], { verdict: 'broken', objective: 'at least 99 % of requests succeed during the fault' });
    says(run.slos[1], { verdict: 'held', objective: 'at least 99 % of requests succeed during recovery' });
    says(run.slos[2], { verdict: 'inconclusive' });
    says(run.slos[3], { verdict: 'held' });
    says(run.slos[4], { verdict: 'held' });
  });

  it('tells latency from when requests were due, to the 99.9th percentile', async () => {
    const { run } = await drilled((ms) => ['ok', broken(ms) ? 400 : 2], [
      { latency: { p50: '3ms', 'p99.9': '450ms' } },
      { latency: { 'p99.9': '100ms' } },
      { longestOutage: '1s' },
    ]);
    says(run.slos[0], { verdict: 'held' });
    says(run.slos[1], { verdict: 'broken' });
    // Slow is not away: latency tells it.
    says(run.slos[2], { verdict: 'held' });
    assert.ok(run.probes[0]!.streams[0]!.latency.some(({ max }) => max >= 400 && max < 401));
  });

  it('spends an error budget by requests: a half that fails spends half of the time', async () => {
    let odd = false;
    const half = (ms: number): boolean => broken(ms) && (odd = !odd);
    const budget = (spend: string) => ({ errorBudget: { slo: '99.9%', window: '1h', spend } });
    // 0.1 % of an hour are 3.6 s; 75 requests of 10 ms each are 750 ms.
    const { run } = await drilled((ms) => (half(ms) ? ['5xx', 1] : ['ok', 2]), [budget('50%'), budget('10%')]);
    says(run.slos[0], { verdict: 'held', measured: '750 ms' });
    says(run.slos[1], { verdict: 'broken' });
  });

  it('takes a few failures for good where the drill says so', async () => {
    let count = 0;
    const one = (ms: number): boolean => broken(ms) && ++count % 20 === 0;
    const slos = [{ always: true }, { longestOutage: '50ms' }];
    const strict = await drilled((ms) => (one(ms) ? ['reset', 1] : ['ok', 2]), slos);
    says(strict.run.slos[0], { verdict: 'broken' });
    count = 0;
    const lenient = await drilled((ms) => (one(ms) ? ['reset', 1] : ['ok', 2]), slos, { badAbove: '10%' });
    says(lenient.run.slos[0], { verdict: 'held' });
    says(lenient.run.slos[1], { verdict: 'held' });
  });

  it('is inconclusive where nothing is known', async () => {
    const { run, outcome } = await drilled(() => ['unknown', 1], [{ availability: '1%' }]);
    assert.equal(outcome, 'no-baseline');
    says(run.slos[0], { verdict: 'inconclusive' });
  });

  it('says where it stands', async () => {
    const { run } = await drilled(() => ['ok', 1], [{ always: true }], { from: { zone: 'eu-west-1a' } });
    assert.equal(run.probes[0]!.stands, 'in zone eu-west-1a');
  });

  it('sends its background load the whole time, mixed by weight, and tells what came of it', async () => {
    const load = loadSchema.parse({
      rate: '40/s',
      ramp: '1s',
      endpoints: { read: { url: 'http://shop/items', weight: 3 }, buy: { url: 'http://shop/orders', method: 'POST', body: '{}' } },
    });
    const asked: string[] = [];
    const service = new Service();
    const { entries, outcome } = await runDrill(service, { load: { shop: load } }, {
      environment: { traffic: { ...traffic, hosts: ['shop'] } },
      world: (clock) => ({
        http: async () => ({
          sender: (spec) => {
            asked.push(`${spec.method} ${spec.url}`);
            return new SimulatedSender(clock, () => (spec.method === 'POST' ? ['5xx', 3] : ['ok', 5]));
          },
        }),
      }),
    });
    assert.equal(outcome, 'finished');
    assert.deepEqual(asked, ['GET http://shop/items', 'POST http://shop/orders']);
    const [buy, read] = judge(entries).loads!;
    assert.deepEqual([read!.load, read!.endpoint, read!.failed, read!.latency?.p50], ['shop', 'read', {}, 5]);
    assert.ok(read!.ok > 40 && Math.abs(read!.ok / 3 - buy!.failed['5xx']!) <= 1, `${read!.ok} to ${buy!.failed['5xx']}`);
    assert.equal(buy!.latency, null);
  });

  it('is refused where the environment gives nothing away', async () => {
    const load = loadSchema.parse({ rate: '40/s', endpoints: { read: { url: 'http://shop/items' } } });
    const scenario = sampleScenario({ probes: { p: { kind: 'ping' } }, faults: [{ id: 'f', kind: 'stop' }], load: { shop: load } });
    const world = { environment: sampleEnvironment({ aws: undefined, etcd: undefined }) } as World;
    const { refusals } = await prepare({ scenario, world, kinds: serviceKinds(new Service()), seed: 1, clock: simulatedClock() });
    assert.deepEqual(refusals, ['load shop would send requests to shop:80, and environment staging gives none away; list whom drills may ask in its traffic.hosts, with traffic.maxRate and traffic.maxRequests']);
  });
});
