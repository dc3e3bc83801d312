import { z } from 'zod';

const text = z.string();
const instant = z.number().describe('Milliseconds from the first fault, or from the start of the run when nothing was broken');
/** JSON has no infinity. */
const orEndless = z.number().nullable();
const bar = z.object({ min: orEndless, max: orEndless }).describe('An error bar: the truth lies between the two; null has no end');
const verdict = z.enum(['held', 'broken', 'inconclusive']);
const value = z.enum(['good', 'bad', 'unknown']);
const stretch = { fromMs: instant, toMs: instant };
const list = <T extends z.ZodType>(item: T) => z.array(item);
const counts = z.record(text, z.number());

const summary = { p50: orEndless, p99: orEndless, 'p99.9': orEndless.optional(), max: orEndless };
const latencySlice = z.object({ atMs: instant, ...summary }).describe('Latency in milliseconds; atMs is the middle of the slice');
const requestSlice = z.object({ atMs: instant, forMs: z.number(), ok: z.number(), failed: counts, unknown: z.number(), buckets: counts });
const requestFigures = { latency: z.object(summary).nullable(), slices: list(requestSlice) };

const target = z.object({
  kind: z.enum(['instance', 'pod', 'node', 'workload']), name: text, id: text, zone: text, roles: list(text), group: text.optional(), etcdMember: text.optional(),
  host: text.optional(), namespace: text.optional(), workload: text.optional(), node: text.optional(), takes: z.number().optional(), survives: z.boolean().optional(),
});

const slo = z.object({
  name: text,
  probe: text,
  form: z.enum(['always', 'never', 'availability', 'longestOutage', 'recoversWithin', 'latency', 'errorBudget', 'consistent']),
  slo: z.looseObject({ name: text, probe: text }).describe('As the drill says it; durations in milliseconds'),
  verdict,
  objective: text,
  measured: text,
  margin: text.describe('What is left to the objective, in words; empty when nothing was measured'),
  used: orEndless.describe('The part of the objective that was used up: 1 all of it, more is broken; null not known'),
  reason: text,
  part: z.object(stretch).optional().describe('The part of the run that it is about'),
  times: list(z.object({ of: text, length: bar, bestMs: orEndless })).optional().describe('The lengths of time that were measured'),
});

const shownOperation = z.object({
  client: text, callMs: z.number(), returnMs: orEndless.describe('Null when no answer came'), text, impossible: z.boolean(), line: z.number(),
});
const consistency = z.object({
  probe: text,
  findings: list(z.object({
    check: text,
    verdict: z.enum(['held', 'broken', 'unknown']),
    says: text,
    counterexample: z.object({ says: text, operations: list(shownOperation), stuckAtMs: orEndless }).optional(),
  })),
  cost: z
    .object({ operations: z.number(), ok: z.number(), failed: z.number(), ambiguous: z.number(), forMs: z.number(), operationsPerSecond: z.number(), writesPerSecond: z.number(), latency: z.object(summary).nullable(), writes: z.object({ aloneMs: z.number(), besideMs: z.number() }).nullable() })
    .nullable(),
});

const fault = z.object({
  id: text, kind: text, says: text, sum: text.describe("The quorum gate's sum just before"), targets: list(target),
  intentMs: instant, injectedMs: instant.nullable(), error: text.nullable(),
  undone: z.object({ atMs: instant, verified: z.boolean(), said: text }).nullable(),
  open: z.boolean().describe('An undo was due and none was verified: something may still be broken'),
});

const outage = z.object({ start: bar, end: bar.nullable(), length: bar, lengthMs: orEndless, why: text });

const stream = z.object({
  name: text, good: z.number(), bad: z.number(), unknown: z.number(),
  segments: list(z.object({ ...stretch, value, why: text })),
  outages: list(outage),
  latency: list(latencySlice),
  requests: z.object({ lateMs: z.number(), ...requestFigures }).optional(),
  reasons: list(z.object({ why: text, count: z.number() })),
});

const recovery = z.object({
  target: text, zone: text, node: text.optional(), fault: text,
  steps: list(z.object({ step: text, at: bar.nullable(), tookMs: orEndless, source: text, note: text })),
  slowest: text.nullable(),
  whole: bar.nullable().describe('From its fault to being whole; null when it was not seen to come back'),
  forGood: text.optional(),
});

const milestone = z.object({
  facet: z.enum(['instance', 'group', 'volume', 'dns', 'member', 'door', 'leader', 'pod', 'endpoint', 'node']),
  subject: text, state: text, detail: z.record(text, z.union([text, z.number(), z.boolean()])).optional(), notYet: instant.nullable(), seen: instant, source: text,
});

const load = z.object({
  load: text, endpoint: text, ok: z.number(), failed: counts, unknown: z.number(), ...requestFigures, latencies: list(latencySlice), copiedTo: text.optional(),
  shadow: z.object({ same: z.number(), different: z.number(), unanswered: z.number(), told: list(z.object({ n: z.number(), what: text })), to: text }).optional(),
});

const change = z.object({
  atMs: instant, service: text, action: text, target: text, requestId: text.nullable(), outcome: text, fault: text.nullable(), during: z.enum(['plan', 'inject', 'undo']).nullable(),
});

/**
 * What `report.json` holds: the judged run, with null for what is infinite. Keys may be added without another version. Of what
 * is only passed on (the drill, the environment, the plan) it says the least; the drill's language has its own schema.
 */
export const reportSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.object({
    id: text, drill: text, title: text, why: text, tags: list(text), firedrillVersion: text, nodeVersion: text, seed: z.number(),
    command: text.describe('What runs it again'), startedAt: text.describe('UTC'), endedAt: text, firstFaultAt: text.nullable(), startMs: instant, endMs: instant,
    outcome: z.enum(['finished', 'no-baseline', 'aborted', 'interrupted', 'failed', 'not-undone']).nullable().describe('Null when the journal stops before the end'),
    outcomeReason: text,
  }),
  verdict: z.object({ value: verdict, exitCode: z.union([0, 1, 2, 3, 4, 5, 6, 130].map((code) => z.literal(code))), headline: text }),
  score: z
    .object({ value: z.number().min(-1).max(1).nullable(), slo: text.nullable(), says: text })
    .optional()
    .describe('The margin of the worst SLO as a part of its limit; null not known; left out by versions before it was worked out'),
  environment: z.looseObject({ name: text }).describe('The environment file; secrets masked'),
  scenario: z.looseObject({ name: text, title: text, why: text }).describe('The drill as it was run; durations in milliseconds'),
  plan: z
    .looseObject({
      faults: list(z.looseObject({ id: text, kind: text, when: text })),
      blastRadius: z.looseObject({ instances: z.number(), zonesLost: list(text), etcdMembersDown: z.number() }),
      quorum: z.object({ voters: z.number(), down: z.number(), taken: z.number(), needed: z.number(), holds: z.boolean() }).nullable(),
      zones: z.record(text, text),
    })
    .nullable(),
  slos: list(slo),
  phases: list(z.object({ ...stretch, phase: z.enum(['baseline', 'inject', 'recover', 'undo', 'done']) })),
  faults: list(fault),
  probes: list(z.object({ name: text, kind: text, everyMs: z.number(), stands: text.optional(), streams: list(stream) })),
  leader: list(z.object({ ...stretch, leader: text.nullable(), term: z.number() })),
  lives: list(z.object({ name: text, zone: text, kind: z.enum(['pod', 'node']).optional(), segments: list(z.object({ ...stretch, state: text, instanceId: text })) })),
  waterfall: list(recovery),
  milestones: list(milestone),
  notes: list(z.object({ atMs: instant, text })),
  calls: z.object({ byAction: counts, mostInASecond: z.number() }).optional(),
  loads: list(load).optional(),
  changes: list(change).optional(),
  consistency: list(consistency).optional().describe('What became of the histories that probes have recorded'),
});
