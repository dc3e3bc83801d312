import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { selectSchema } from './select.ts';

/** A duration with its unit, read as milliseconds. */
export const duration = z
  .string({ error: 'give a duration with its unit, such as 250ms, 5s or 8m' })
  .transform((text, context) => {
    const durationMs = parseDuration(text);
    if (durationMs !== undefined) return durationMs;
    context.addIssue({ code: 'custom', message: 'give a duration with its unit, such as 250ms, 5s or 8m' });
    return z.NEVER;
  });

/** A percentage such as `99.95%`, read as a ratio from 0 to 1. */
export const percentage = z
  .string({ error: 'give a percentage such as 99.95%' })
  .transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
    const ratio = match ? Number(match[1]) / 100 : Number.NaN;
    if (ratio >= 0 && ratio <= 1) return ratio;
    context.addIssue({ code: 'custom', message: 'give a percentage from 0% to 100%, such as 99.95%' });
    return z.NEVER;
  });

/** The name of a drill, a probe, a fault or a parameter. */
export const identifier = z.string().regex(/^[a-z][a-z0-9-]*$/, {
  error: 'give a name of small letters, digits and dashes that starts with a letter',
});

/** What all faults have in common; a kind adds its own keys. */
export const faultBase = z.strictObject({
  id: identifier,
  kind: z.string(),
  /** From the end of the baseline. */
  at: duration.optional(),
  /** Starts when the fault of this id was injected (plus `at`, when both are given). */
  after: identifier.optional(),
  /** Undone after this time; without it, when the recovery phase begins. */
  for: duration.optional(),
  select: selectSchema.optional(),
});

/** What all probes have in common; a kind adds its own keys. */
export const probeBase = z.strictObject({
  kind: z.string(),
  every: duration.optional(),
  timeout: duration.optional(),
  select: selectSchema.optional(),
});

const latencyObjective = z
  .strictObject({ p50: duration.optional(), p99: duration.optional(), max: duration.optional() })
  .refine((value) => Object.keys(value).length > 0, { error: 'give at least one of p50, p99, max' });

const errorBudget = z.strictObject({ slo: percentage, window: duration, spend: percentage });

/** The forms of an SLO: each SLO has exactly one. */
export const sloForms = ['always', 'never', 'availability', 'longestOutage', 'recoversWithin', 'latency', 'errorBudget'] as const;
export type SloForm = (typeof sloForms)[number];

export const sloSchema = z
  .strictObject({
    name: z.string().min(1),
    probe: identifier,
    always: z.literal(true).optional(),
    never: z.literal(true).optional(),
    availability: percentage.optional(),
    longestOutage: duration.optional(),
    recoversWithin: duration.optional(),
    /** With `recoversWithin`: counts from this fault in place of the first. */
    from: identifier.optional(),
    latency: latencyObjective.optional(),
    errorBudget: errorBudget.optional(),
  })
  .refine((slo) => sloForms.filter((form) => slo[form] !== undefined).length === 1, {
    error: `give exactly one of ${sloForms.join(', ')}`,
  })
  .refine((slo) => slo.from === undefined || slo.recoversWithin !== undefined, {
    path: ['from'],
    error: 'goes with recoversWithin',
  });

export const parameterSchema = z.strictObject({
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string().min(1),
});

export const limitsSchema = z.strictObject({
  /** How many zones may lose everything that the drill's roles have there. */
  zones: z.int().min(0).optional(),
  instances: z.int().min(0).optional(),
  /** How many etcd members may be down at once, those that were down before included. */
  etcdMembersDown: z.int().min(0).optional(),
  quorumLoss: z.enum(['refuse', 'expected']).default('refuse'),
});

/** A drill without the keys that single kinds add; {@link loadScenario} checks those too. */
export const scenarioSchema = z.strictObject({
  name: identifier,
  title: z.string().min(1),
  why: z.string().min(1),
  tags: z.array(identifier).default([]),
  parameters: z.record(identifier, parameterSchema).default({}),
  probes: z.record(identifier, probeBase.loose()),
  baseline: z.strictObject({
    for: duration,
    /** How long to wait for a baseline before giving up (exit 4); 60 s when left out. */
    within: duration.default(60_000),
  }),
  faults: z.array(faultBase.loose()).min(1),
  slos: z.array(sloSchema).min(1),
  abort: z.array(z.strictObject({ probe: identifier, badFor: duration })).default([]),
  limits: limitsSchema.prefault({}),
  recovery: z.strictObject({ timeout: duration, stableFor: duration }),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type FaultSpec = Scenario['faults'][number];
export type ProbeSpec = Scenario['probes'][string];
export type Slo = z.output<typeof sloSchema>;
export type Limits = z.output<typeof limitsSchema>;
