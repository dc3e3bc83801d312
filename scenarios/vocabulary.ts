import type { z } from 'zod';
import { faultBase, probeBase } from './schema.ts';
import { selectSchema, type Select } from './select.ts';

/** What the drill language has to know of a kind of fault or probe. */
export interface Kind {
  /** The keys that it adds to those that all have. */
  readonly schema: z.ZodObject;
  /** The keys of `select` that it takes. */
  readonly selects: readonly string[];
  /** Whether a probe records a history, for an SLO `consistent`. */
  readonly records?: true;
  /** One sentence for people who choose one. */
  readonly summary?: string;
}

/** Every kind of fault and probe that a drill may name, handed in by the caller. */
export interface Vocabulary {
  readonly faults: Readonly<Record<string, Kind>>;
  readonly probes: Readonly<Record<string, Kind>>;
}

const made = new WeakMap<Kind, z.ZodObject>();

/** All that a fault of this kind may say. */
export function faultSchema(kind: Kind): z.ZodObject {
  return remember(kind, () => faultBase.extend({ ...kind.schema.shape, select: selectOf(kind) }));
}

/** All that a probe of this kind may say. */
export function probeSchema(kind: Kind): z.ZodObject {
  return remember(kind, () => probeBase.extend({ ...kind.schema.shape, select: selectOf(kind) }));
}

/** The kind of this name, if there is one. */
export function kindNamed(kinds: Readonly<Record<string, Kind>>, name: unknown): Kind | undefined {
  return typeof name === 'string' && Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

function selectOf(kind: Kind): z.ZodOptional<z.ZodObject> {
  const taken = Object.fromEntries(kind.selects.map((key) => [key, true])) as Partial<Record<keyof Select, true>>;
  return selectSchema.pick(taken).optional();
}

/** Making a schema takes longer than using it, and a catalogue uses each many times. */
function remember(kind: Kind, make: () => z.ZodObject): z.ZodObject {
  const schema = made.get(kind) ?? make();
  made.set(kind, schema);
  return schema;
}
