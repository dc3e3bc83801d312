import { z } from 'zod';

/** A zone by name, or "any": one that the plan picks. All uses of one parameter whose value is `any` get the same zone. */
export type ZoneChoice = string | { readonly any: string };

const zone = z.union([z.string().min(1), z.strictObject({ any: z.string() })], {
  error: 'give a zone such as eu-west-1a, or any',
});

/** How many of the selected: a number, a share, or a word. */
export const pickWords = ['all', 'minority', 'majority', 'one-per-zone'] as const;
export type PickWord = (typeof pickWords)[number];
export type Pick = number | `${number}%` | PickWord;

const pick = z.union(
  [z.int().min(1), z.templateLiteral([z.number().min(0).max(100), '%']), z.enum(pickWords)],
  { error: 'give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone' },
);

const matchers = z.record(z.string(), z.string().min(1));

/**
 * The one vocabulary by which every kind of fault and probe says what it means. Keys that make no sense for a kind are
 * refused by that kind when it plans.
 */
export const selectSchema = z.strictObject({
  /** A role as the environment file maps it to tags. */
  role: z.string().min(1).optional(),
  zone: zone.optional(),
  notZone: zone.optional(),
  /** Tag values, each a text or a pattern with `*`. */
  tags: matchers.optional(),
  names: z.array(z.string().min(1)).min(1).optional(),
  /** etcd: the member that leads now (`true`), or all others (`false`). */
  leader: z.boolean().optional(),
  /** etcd: the members that follow now. */
  follower: z.boolean().optional(),
  /** Kubernetes. */
  namespace: z.string().min(1).optional(),
  labels: matchers.optional(),
  node: z.string().min(1).optional(),
  /** How many of those that match; `all` when left out. */
  pick: pick.optional(),
});

export type Select = z.output<typeof selectSchema>;
