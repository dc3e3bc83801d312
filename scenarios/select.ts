import { z } from 'zod';

/**
 * A zone by name, or "any": one that the plan picks. All uses of one parameter whose value is `any` get the same zone;
 * `any` in the text of parameter `zone` is read as `{ any: 'zone' }`, without a parameter as `{ any: 'fault <id>' }`.
 */
export type ZoneChoice = string | { readonly any: string };

const zone = z.codec(z.string().min(1), z.custom<ZoneChoice>(), {
  // Which `any` it is only the loader knows: it fills in the label.
  decode: (text) => (text === 'any' ? { any: '' } : text),
  encode: (choice) => (typeof choice === 'string' ? choice : 'any'),
});

/** How many of the selected: a number, a share, or a word. */
export const pickWords = ['all', 'minority', 'majority', 'one-per-zone'] as const;
export type PickWord = (typeof pickWords)[number];
export type Pick = number | `${number}%` | PickWord;

/** A part of what matches, as a text: `50%`. */
export const share = z
  .string()
  // Aborts, as otherwise a text that is no percentage would be told about the pattern only.
  .regex(/^(?:100|[1-9]\d?(?:\.\d{1,3})?|0\.\d{0,2}[1-9])%$/, { error: 'give a percentage such as 50%', abort: true }) as unknown as z.ZodType<`${number}%`, `${number}%`>;

const pick = z.union([z.int().min(1), share, z.enum(pickWords)], {
  error: 'give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone',
});

const matchers = z.record(z.string(), z.string().min(1));

/**
 * The one vocabulary by which every kind of fault and probe says what it means. Each kind takes some of the keys; a drill
 * that uses others is refused.
 */
export const selectSchema = z.strictObject({
  role: z.string().min(1).optional().describe('A role, as the environment file maps it to tags'),
  zone: zone.optional().describe('A zone such as eu-west-1a, or any: one that the plan picks'),
  notZone: zone.optional().describe('Everything but this zone'),
  tags: matchers.optional().describe('Tag values, each a text or a pattern with *'),
  names: z.array(z.string().min(1)).min(1).optional().describe('Names or ids'),
  leader: z.boolean().optional().describe('etcd: the member that leads now (true), or all others (false)'),
  follower: z.boolean().optional().describe('etcd: the members that follow now (true), or all others (false)'),
  namespace: z.string().min(1).optional().describe('Kubernetes: the namespace'),
  labels: matchers.optional().describe('Kubernetes: label values'),
  node: z.string().min(1).optional().describe('Kubernetes: the node'),
  owner: z
    .string()
    .regex(/^[a-z]+\/[a-z0-9.-]+$/, { error: 'give the kind and the name of a workload, such as deployment/web or daemonset/agent' })
    .optional()
    .describe('Kubernetes: the workload that keeps the pods alive, such as deployment/web or daemonset/agent'),
  pick: pick.optional().describe('How many of those that match: a number, 50%, all (the default), minority, majority, one-per-zone'),
});

export type Select = z.output<typeof selectSchema>;
