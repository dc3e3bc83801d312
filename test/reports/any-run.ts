import fc from 'fast-check';
import type { Bar, JudgedRun } from '../../runner/verdict.ts';
import { heldRun } from './sample-runs.ts';

/** Texts that try to break out of whatever they are written into. */
export const hostileTexts = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><svg onload=alert(1)>',
  '</title></textarea><!--',
  'a|b|c',
  '``` `x` | [link](https://example.com) ![i](x) @everyone',
  'two\nlines\r\nand # a heading\n\n- and a list',
  '\u202egnp.exe\u2066 \u200bhidden\u0000\u001b[31mred',
  'שלום \u05d0',
  '&lt;b&gt; &amp; &#x3c;',
  '\ud800 half',
  '__proto__',
  '',
] as const;

/** None that reads like a value that was never there: that is what reports are searched for. */
const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 12 })).filter((one) => !/NaN|undefined|\[object/.test(one));
const instant = fc.oneof(fc.integer({ min: -60_000, max: 3_600_000 }), fc.double({ min: -5_000, max: 100_000, noNaN: true }), fc.constant(0));
const bound = fc.oneof(instant, fc.constantFrom(Infinity, -Infinity));
const bar: fc.Arbitrary<Bar> = fc.record({ min: bound, max: bound });
const finiteBar: fc.Arbitrary<Bar> = fc.record({ min: instant, max: fc.oneof(instant, fc.constant(Infinity)) });
const verdict = fc.constantFrom('held', 'broken', 'inconclusive');
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 4 });
const from = { fromMs: instant, toMs: instant };

const target = fc.record({
  kind: fc.constant('instance' as const), name: text, id: text, zone: text, roles: few(text), group: fc.option(text, { nil: undefined }),
  etcdMember: fc.option(text, { nil: undefined }),
});

const fault = fc.record({
  id: text, kind: text, says: text, sum: text, targets: few(target), intentMs: instant, injectedMs: fc.option(instant), error: fc.option(text),
  undone: fc.option(fc.record({ atMs: instant, verified: fc.boolean(), said: text })), open: fc.boolean(),
});

const summary = { p50: fc.nat(), p99: fc.double({ noNaN: true, min: 0 }), 'p99.9': fc.nat(), max: fc.oneof(fc.nat(), fc.constant(Infinity)) };
const latencies = few(fc.record({ atMs: instant, ...summary }));
const slices = few(
  fc.record({
    atMs: instant, forMs: fc.nat(2_000), ok: fc.nat(100), failed: fc.dictionary(fc.oneof(text, fc.constantFrom('refused', '5xx')), fc.nat(20), { maxKeys: 4 }),
    unknown: fc.nat(9), buckets: fc.dictionary(fc.constantFrom('0.1', '1', '1.26', '5010', '1e+3', 'x'), fc.nat(20), { maxKeys: 4 }),
  }),
);

const copies = {
  copiedTo: text,
  shadow: fc.record({ to: text, same: fc.nat(), different: fc.nat(), unanswered: fc.nat(), told: few(fc.record({ n: fc.nat(), what: text })) }),
};

const stream = fc.record({
  name: text, good: fc.nat(), bad: fc.nat(), unknown: fc.nat(),
  segments: fc.array(fc.record({ ...from, value: fc.constantFrom('good', 'bad', 'unknown'), why: text }), { maxLength: 12 }),
  outages: few(fc.record({ start: bar, end: fc.option(bar), length: finiteBar, lengthMs: fc.oneof(instant, fc.constant(Infinity)), why: text })),
  latency: few(fc.record({ atMs: instant, p50: fc.nat(), p99: fc.double({ noNaN: true }), max: fc.oneof(fc.nat(), fc.constant(Infinity)) })),
  reasons: few(fc.record({ why: text, count: fc.nat() })),
  requests: fc.option(fc.record({ lateMs: fc.nat(), latency: fc.option(fc.record(summary)), slices }), { nil: undefined }),
});

const step = fc.record({ step: text, at: fc.option(bar), tookMs: fc.option(fc.oneof(instant, fc.constant(Infinity))), source: text, note: text });

const change = fc.record({
  atMs: instant, service: fc.constantFrom('ec2', 'kubernetes'), action: text, target: text, requestId: fc.option(text), outcome: text,
  fault: fc.option(text), during: fc.constantFrom('plan', 'inject', 'undo', null),
});

/** Runs of every shape that the types allow, full of hostile texts. */
export const anyRun: fc.Arbitrary<JudgedRun> = fc.record({
  schemaVersion: fc.constant(1 as const),
  run: fc.record({
    id: text, drill: text, title: text, why: text, tags: few(text), firedrillVersion: text, nodeVersion: text, seed: fc.nat(), command: text,
    startedAt: fc.constantFrom('2026-11-23T10:21:33.298Z', 'not a time'), endedAt: fc.constantFrom('2026-11-23T10:21:56.752Z', ''),
    firstFaultAt: fc.option(fc.constantFrom('2026-11-23T10:21:38.512Z', '')), startMs: instant, endMs: instant,
    outcome: fc.option(fc.constantFrom('finished', 'no-baseline', 'aborted', 'interrupted', 'failed', 'not-undone')), outcomeReason: text,
  }),
  verdict: fc.record({ value: verdict, exitCode: fc.constantFrom(0, 1, 4, 5, 6, 130), headline: text }),
  score: fc.record({ value: fc.option(fc.double({ min: -1, max: 1, noNaN: true })), slo: fc.option(text), says: text }),
  environment: text.map((name) => ({ ...heldRun.environment, name, roles: { [name]: { [name]: name } } })),
  scenario: text.map((title) => ({ ...heldRun.scenario, title, why: title })),
  plan: fc.option(
    fc.record({
      faults: fc.constant([]),
      blastRadius: fc.record({ instances: fc.nat(), zonesLost: few(text), etcdMembersDown: fc.nat() }),
      quorum: fc.option(fc.record({ voters: fc.nat(), down: fc.nat(), taken: fc.nat(), needed: fc.nat(), holds: fc.boolean() })),
      zones: fc.dictionary(text, text, { maxKeys: 3 }),
    }),
  ),
  slos: few(
    fc.record({
      name: text, probe: text, form: fc.constantFrom('always', 'longestOutage', 'latency'), slo: fc.constantFrom({ ...heldRun.slos[0]!.slo, latency: { p50: 0, 'p99.9': 250 } }, { ...heldRun.slos[0]!.slo, availability: 0.99, during: 'fault' as const }), verdict,
      objective: text, measured: text, margin: text,
      used: fc.option(fc.oneof(fc.double({ min: -1, max: 20, noNaN: true }), fc.constant(Infinity))), reason: text, part: fc.option(fc.record(from), { nil: undefined }),
    }),
  ),
  phases: few(fc.record({ ...from, phase: fc.constantFrom('baseline', 'inject', 'recover', 'undo', 'done') })),
  faults: few(fault),
  probes: few(fc.record({ name: text, kind: text, everyMs: fc.nat(), streams: few(stream) })),
  leader: few(fc.record({ ...from, leader: fc.option(text), term: fc.nat() })),
  lives: few(fc.record({ name: text, zone: text, kind: fc.constantFrom('pod', 'node'), segments: few(fc.record({ ...from, state: text, instanceId: text })) }, { requiredKeys: ['name', 'zone', 'segments'] })),
  waterfall: few(fc.record({ target: text, zone: text, fault: text, steps: few(step), slowest: fc.option(text), whole: fc.option(bar), forGood: fc.option(text, { nil: undefined }), node: fc.option(text, { nil: undefined }) })),
  milestones: fc.constant([]),
  notes: few(fc.record({ atMs: instant, text })),
  changes: few(change),
  observations: few(fc.record({ probe: text, stream: text, fromMs: instant, toMs: instant, value: fc.constantFrom('good', 'bad', 'unknown'), why: text, requests: fc.record({ ok: fc.nat(), failed: fc.nat(), unknown: fc.nat() }) }, { requiredKeys: ['probe', 'stream', 'fromMs', 'toMs', 'value', 'why'] })),
  loads: few(fc.record({ load: text, endpoint: text, ok: fc.nat(), failed: fc.dictionary(text, fc.nat(), { maxKeys: 4 }), unknown: fc.nat(), latency: fc.option(fc.record(summary)), slices, latencies, ...copies }, { requiredKeys: ['load', 'endpoint', 'ok', 'failed', 'unknown', 'latency', 'slices', 'latencies'] })),
});

/** A run whose every text is this one, where its author or the platform could have put it. */
export function runFullOf(hostile: string, run = heldRun): JudgedRun {
  const replaced = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return fixed.has(key) ? value : hostile;
    if (Array.isArray(value)) return value.map((item) => replaced(item, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, name)]));
  };
  return replaced(run, '') as JudgedRun;
}

/** Words of our own, which nobody outside can choose. */
const fixed = new Set(['startedAt', 'endedAt', 'firstFaultAt', 'outcome', 'value', 'verdict', 'form', 'phase', 'facet', 'during']);
