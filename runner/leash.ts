import { z } from 'zod';
import type { Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';
import type { PlannedFault } from './plan.ts';
import { matchesPattern, matchesPatterns } from './roles.ts';
import { touchedBy, type Touched } from './touched.ts';

const pattern = z.string().min(1);
const notEmpty = <T extends object>(value: T): boolean => Object.keys(value).length > 0;
const wanted = z.record(z.string(), pattern).refine(notEmpty, { error: 'give at least one, or leave it out' });
const denied = z.record(z.string(), z.union([pattern, z.array(pattern).min(1)], { error: 'give a text or a list of texts, * allowed' })).refine(notEmpty, { error: 'give at least one, or leave it out' });
const patterns = z.array(pattern).min(1);

/** The keys of an environment file that say what may be hit. Patterns as in `roles`: `*` stands for any text. */
export const leashShape = {
  /** What everything that is hit has to carry, all of it: tags what belongs to AWS, labels what belongs to Kubernetes. */
  optIn: z
    .strictObject({ tags: wanted.optional(), labels: wanted.optional() })
    .refine(notEmpty, { error: 'give tags, labels or both' })
    .optional(),
  /** What is never hit, by any one of these. No drill can loosen it. */
  deny: z
    .strictObject({ namespaces: patterns.optional(), tags: denied.optional(), labels: denied.optional(), names: patterns.optional() })
    .refine(notEmpty, { error: 'give at least one of namespaces, tags, labels, names' })
    .optional(),
};

type Leash = Pick<Environment, 'optIn' | 'deny' | 'name'>;

/** Whether the pods on machines have to be known before one of these may be hit. */
export function asksForPods({ optIn, deny, kubernetes }: Pick<Environment, 'optIn' | 'deny' | 'kubernetes'>): boolean {
  return kubernetes !== undefined && (deny !== undefined || optIn?.labels !== undefined);
}

/** What a fault touches that this environment does not give away, and what can't be told of it. */
export function offTheLeash(fault: PlannedFault, environment: Environment, inventory: Inventory): string[] {
  const { optIn, deny } = environment;
  if (!optIn && !deny) return [];
  const { things, opaque } = touchedBy(fault, inventory, environment.aws !== undefined);
  if (things.length === 0) return [`fault ${fault.id} does not tell what it would hit, and environment ${environment.name} says what may be; use another kind of fault`];
  const bad = new Map<string, string[]>();
  const add = (reason: string | undefined, thing: Pick<Touched, 'says'>): void => {
    if (reason !== undefined) bad.set(reason, [...(bad.get(reason) ?? []), thing.says]);
  };
  for (const thing of things) {
    add(whyDenied(thing, environment), thing);
    add(whyNotOptedIn(thing, environment), thing);
  }
  if (asksForPods(environment)) for (const machine of opaque) add('and which pods run there is not known; look again when the Kubernetes API answers', { says: machine });
  return [...bad].map(([reason, who]) => `fault ${fault.id} would hit ${listed(who)}, ${reason}`);
}

function whyDenied(thing: Touched, { deny, name }: Leash): string | undefined {
  if (!deny) return undefined;
  const rule = (text: string): string => `which environment ${name} denies (deny.${text}); select others`;
  const isOfAws = thing.kind === 'instance' || thing.kind === 'group';
  const byName = deny.names?.find((one) => thing.names.some((own) => matchesPattern(own, one)));
  if (byName !== undefined) return rule(`names: ${byName}`);
  if (deny.names && thing.names.length === 0) return unknown('whose name is', 'deny.names');
  if (isOfAws) return byMarks('tags', deny.tags, [thing.marks], rule);
  const isPlaced = thing.kind === 'pod' || thing.kind === 'workload';
  if (isPlaced && deny.namespaces) {
    const { namespace } = thing;
    if (namespace === undefined) return unknown('whose namespace is', 'deny.namespaces');
    const byNamespace = deny.namespaces.find((one) => matchesPattern(namespace, one));
    if (byNamespace !== undefined) return rule(`namespaces: ${byNamespace}`);
  }
  return byMarks('labels', deny.labels, [thing.marks, ...(isPlaced ? [thing.namespaceLabels] : [])], rule);
}

function byMarks(what: 'tags' | 'labels', rules: Readonly<Record<string, string | string[]>> | undefined, sources: readonly Touched['marks'][], rule: (text: string) => string): string | undefined {
  if (!rules) return undefined;
  for (const marks of sources) {
    for (const [key, values] of Object.entries(rules)) {
      const hit = [values].flat().find((value) => marks !== undefined && matchesPatterns(marks, { [key]: value }));
      if (hit !== undefined) return rule(`${what} ${key}: ${hit}`);
    }
  }
  return sources.includes(undefined) ? unknown(`whose ${what} are`, `deny.${what}`) : undefined;
}

/** What comes down with something that has opted in is covered by that, but for pods where labels are asked for. */
function whyNotOptedIn({ kind, marks, namespaceLabels, because }: Touched, { optIn, name }: Leash): string | undefined {
  if (!optIn) return undefined;
  if (because !== undefined && !(kind === 'pod' && because === 'instance' && optIn.labels)) return undefined;
  const what = kind === 'instance' || kind === 'group' ? 'tags' : 'labels';
  const asked = optIn[what];
  if (!asked) return `and environment ${name} asks for an opt-in that only ${what === 'tags' ? 'labels of Kubernetes' : 'tags of AWS'} can tell; add optIn.${what}`;
  if ([marks, namespaceLabels].some((own) => own !== undefined && matchesPatterns(own, asked))) return undefined;
  if (marks === undefined) return unknown(`whose ${what} are`, `optIn.${what}`);
  const text = Object.entries(asked).map(([key, value]) => `${key}: ${value}`).join(', ');
  return `without the opt-in that environment ${name} asks for (optIn.${what} ${text}); give it to them, or select those that have it`;
}

function unknown(what: string, asksFor: string): string {
  return `${what} not known, and the environment file asks for it (${asksFor}); look again: firedrill plan`;
}

/** At most three names; the rest is a number. */
export function listed(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}
