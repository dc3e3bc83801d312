import { z } from 'zod';
import { selectSchema, share } from './select.ts';
import { loadSchema } from './traffic.ts';
import { duration, identifier, percentage, positiveDuration } from './values.ts';

export { duration, identifier, percentage, positiveDuration } from './values.ts';

/** What all faults have in common; a kind adds its own keys. */
export const faultBase = z.strictObject({
  id: identifier.describe('What the rest of the drill and the report call this fault'),
  kind: z.string(),
  at: duration.optional().describe('When it starts, from the end of the baseline; 0s when left out'),
  after: identifier.optional().describe('Starts when the fault of this id was injected, plus `at` when both are given'),
  for: positiveDuration.optional().describe('Undone after this time; without it, when the recovery phase begins'),
  rolling: z
    .literal(true)
    .optional()
    .describe('One target after another, each only when every probe has been good again for recovery.stableFor; for kills'),
  select: selectSchema.optional(),
});

/** What all probes have in common; a kind adds its own keys. */
export const probeBase = z.strictObject({
  kind: z.string(),
  every: positiveDuration.optional().describe('How often to ask; a slow answer never delays the next question'),
  timeout: positiveDuration.optional().describe('How long a question may take before its answer is bad'),
  select: selectSchema.optional(),
});

const latencyObjective = z
  .strictObject({ p50: duration.optional(), p99: duration.optional(), 'p99.9': duration.optional(), max: duration.optional() })
  .refine((value) => Object.keys(value).length > 0, { error: 'give at least one of p50, p99, p99.9, max' });

const errorBudget = z.strictObject({
  slo: percentage.describe('The objective over the window, such as 99.95%'),
  window: positiveDuration.describe('The window of the objective, such as 30d'),
  spend: percentage.describe('The part of the window\'s error budget that this drill may use up'),
});

/** The forms of an SLO: each SLO has exactly one. */
export const sloForms = ['always', 'never', 'availability', 'longestOutage', 'recoversWithin', 'latency', 'errorBudget', 'consistent'] as const;
export type SloForm = (typeof sloForms)[number];

/** When an SLO has to hold. */
export const sloWindows = ['fault', 'recovery', 'all'] as const;
export type SloWindow = (typeof sloWindows)[number];

export const sloSchema = z
  .strictObject({
    name: z.string().min(1).describe('What must stay true, in words'),
    probe: identifier.describe('The probe that tells'),
    always: z.literal(true).optional().describe('Every answer is good'),
    never: z.literal(true).optional().describe('No answer is good'),
    availability: percentage.optional().describe('At least this part of the answers is good'),
    longestOutage: duration.optional().describe('From the last good answer to the next it takes no longer than this'),
    recoversWithin: duration.optional().describe('From the first fault to the first good answer of a streak that lasts recovery.stableFor'),
    from: identifier.optional().describe('With recoversWithin: counts from this fault in place of the first'),
    latency: latencyObjective.optional().describe('How long good answers may take'),
    during: z
      .enum(sloWindows)
      .optional()
      .describe('fault: from the first injection until all is undone or, of a fault that only kills, its targets are back; recovery: from then on; all: both, as when left out'),
    errorBudget: errorBudget.optional().describe('How much of an error budget the outages may use up'),
    consistent: z.literal(true).optional().describe('The history that the probe has recorded is consistent in the whole run; for etcd-consistency'),
  })
  .refine((slo) => sloForms.filter((form) => slo[form] !== undefined).length === 1, {
    error: `give exactly one of ${sloForms.join(', ')}`,
  })
  .refine((slo) => slo.from === undefined || slo.recoversWithin !== undefined, {
    path: ['from'],
    error: 'it goes only with recoversWithin',
  })
  .refine((slo) => slo.during === undefined || slo.recoversWithin === undefined, {
    path: ['during'],
    error: 'recoversWithin has its own: leave it out',
  });

const parameterValue = z.union([z.string(), z.number(), z.boolean()], { error: 'give a text, a number, or true or false' });

export const parameterSchema = z.strictObject({
  default: parameterValue.optional(),
  description: z.string().min(1),
});

export const limitsSchema = z.strictObject({
  zones: z.int().min(0).optional().describe('How many zones may lose everything that the drill\'s roles have there'),
  instances: z.int().min(0).optional().describe('How many instances may be hit'),
  groupPercent: share
    .optional()
    .describe('How much of any one Auto Scaling Group may be away at once, such as 50%, what is not in service before included; all of a group of one is 100%'),
  etcdMembersDown: z
    .int()
    .min(0)
    .optional()
    .describe('How many etcd members may be down at once, those that were down before included'),
  bystanders: z
    .array(z.string().min(1))
    .optional()
    .describe('Roles of instances that may be hit although no fault selects them, as those that share a subnet that is cut off'),
  pods: z.int().min(0).optional().describe('Kubernetes: how many pods may be hit'),
  podsOfWorkload: z
    .union([z.int().min(1), share, z.literal('all')], { error: 'give a number, a percentage such as 50%, or all' })
    .optional()
    .describe('Kubernetes: how many pods of any one workload may be away at once, those not ready before included; all but one when left out'),
  nodes: z.int().min(0).optional().describe('Kubernetes: how many nodes may be hit'),
  namespaces: z
    .array(z.string().min(1))
    .optional()
    .describe('Kubernetes: namespaces whose pods may be hit although the environment file does not allow them, as those on a node that is lost'),
  quorumLoss: z.enum(['refuse', 'expected']).default('refuse').describe('Whether this drill means to take etcd\'s majority'),
});

/** A drill without the keys that single kinds add; `loadScenario` checks those too. */
export const scenarioSchema = z.strictObject({
  name: identifier.describe('In the catalogue, the name of its file'),
  title: z.string().min(1).describe('What is lost, in one line'),
  why: z.string().min(1).describe('Which requirement this drill proves'),
  tags: z.array(identifier).default([]),
  lab: z.literal('specimen').optional().describe('specimen: a lab that is made for this drill has linkerd and the services on it. Means nothing elsewhere'),
  parameters: z.record(identifier, parameterSchema).default({}).describe('Used as $name in place of a value; given with --set name=value'),
  probes: z.record(identifier, probeBase.loose()).describe('What is watched'),
  load: z.record(identifier, loadSchema).optional().describe('Requests that are sent in the background for the whole drill, and not judged'),
  baseline: z
    .strictObject({
      for: positiveDuration.describe('Every probe is good for this long, or nothing is broken'),
      within: positiveDuration.default(60_000).describe('How long to wait for that before giving up; 60s when left out'),
    })
    .describe('What must hold before anything is broken'),
  faults: z.array(faultBase.loose()).min(1).describe('What is broken'),
  slos: z.array(sloSchema).min(1).describe('What must stay true'),
  abort: z
    .array(z.strictObject({ probe: identifier, badFor: positiveDuration }))
    .default([])
    .describe('Stop conditions: when one holds, everything is undone at once'),
  limits: limitsSchema.prefault({}).describe('The blast radius that this drill may reach'),
  recovery: z.strictObject({
    timeout: positiveDuration.describe('How long to wait for recovery'),
    stableFor: duration.describe('How long everything must be good to count as recovered'),
    undoTimeout: positiveDuration.optional().describe('How long undoing one fault is tried before a human is called; 60s when left out'),
  }),
});

/** A parameter as it was used in a drill that was loaded. */
export interface Parameter {
  readonly description: string;
  /** What was set, or else the default. */
  readonly value: string | number | boolean;
  /** Where its value stands now, such as `faults[0].select.zone`. */
  readonly usedAt: readonly string[];
}

type Checked = z.output<typeof scenarioSchema>;
export type Scenario = Omit<Checked, 'parameters'> & { parameters: Readonly<Record<string, Parameter>> };
export type FaultSpec = Scenario['faults'][number];
export type ProbeSpec = Scenario['probes'][string];
export type Slo = z.output<typeof sloSchema>;
export type Limits = z.output<typeof limitsSchema>;
