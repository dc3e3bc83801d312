import { z } from 'zod';
import type { Clock } from './clock.ts';
import { codeOf } from './clients/aws.ts';
import type { FaultContext, InjectContext, MarkedThing } from './fault.ts';

type Tags = Readonly<Record<string, string>>;

/** The tags of everything that a run creates or changes: an undo finds its things by them, and touches nothing else. */
export const markKeys = {
  run: 'firedrill:run',
  drill: 'firedrill:drill',
  /** The fault's id in the drill: one run may have several faults of a kind. */
  fault: 'firedrill:fault',
  /** UTC: from then on, whoever finds it may take it for left over. */
  expires: 'firedrill:expires',
  /** How it is put back when there is no journal: {@link Note} as JSON. What is longer than a tag goes on in `firedrill:undo.2`, … */
  undo: 'firedrill:undo',
} as const;

/** How long after its time a fault may still be under way, in milliseconds: recovery, undo, a human who looks. */
const graceMs = 2 * 60 * 60_000;

/** What {@link markKeys.undo} holds. A change of its shape, or of what a kind leaves, is a new version or a new kind. */
const noteSchema = z.strictObject({
  v: z.literal(1),
  kind: z.string(),
  /** The name of the environment, by its file. */
  environment: z.string(),
  /** UTC, when it was marked. */
  since: z.iso.datetime(),
  /** What the kind wrote down about this very thing, originals included. */
  left: z.unknown(),
});
type Note = z.output<typeof noteSchema>;

/** What AWS allows: characters in a tag's value, tags on a thing. */
const longestValue = 256;
const mostTags = 50;

/** What is known while something is marked. */
export type MarkContext = Pick<InjectContext, 'run' | 'clock' | 'kind' | 'world'>;

/**
 * @param lastsMs how long the fault is to last, as far as the drill says
 * @param left what an undo must know of this thing that the thing itself won't tell any more
 */
export function marksFor(fault: string, lastsMs: number, left: object, { run, clock, kind, world }: MarkContext): Tags {
  const note: Note = { v: 1, kind, environment: world.environment.name, since: new Date(clock.wall()).toISOString(), left };
  return {
    [markKeys.run]: run.id,
    [markKeys.drill]: run.drill,
    [markKeys.fault]: fault,
    [markKeys.expires]: new Date(clock.wall() + lastsMs + graceMs).toISOString(),
    [markKeys.undo]: asciiJson(note),
  };
}

/** The same, for where a value has an end: what is too long goes on in the next tag. */
export function inTags(marks: Tags): Tags {
  const text = marks[markKeys.undo] ?? '';
  const parts = text.match(new RegExp(`.{1,${longestValue}}`, 'g')) ?? [];
  return { ...marks, ...Object.fromEntries(parts.map((part, index) => [index === 0 ? markKeys.undo : `${markKeys.undo}.${index + 1}`, part])) };
}

/** Without spaces, at which a value might be trimmed, and with no character that counts as two. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(/[^!-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** An objection, when AWS wouldn't take the marks: more tags than a thing can have. None when it would. */
export function noRoomFor(name: string, tags: Tags | undefined, left: object, environment: string): string[] {
  const had = Object.keys(tags ?? {}).filter((key) => !key.startsWith('aws:')).length;
  const note: Note = { v: 1, kind: 'k'.repeat(40), environment, since: new Date(0).toISOString(), left };
  const needed = Object.keys(markKeys).length - 1 + Math.ceil(asciiJson(note).length / longestValue);
  if (had + needed <= mostTags) return [];
  return [`${name} has ${had} tags, and ${needed} are needed to say how it is put back; AWS allows ${mostTags}: select less at a time, or take tags away`];
}

/** What the marks of one thing say. */
export interface Mark {
  readonly run: string;
  readonly drill: string;
  readonly fault: string;
  /** Undefined when it can't be understood: a newer firedrill made it, or somebody has edited it. */
  readonly note: Note | undefined;
}

/** Undefined when the tags hold no mark of ours at all. */
export function markOf(tags: Tags): Mark | undefined {
  const marks = marksAmong(tags);
  if (Object.keys(marks).length === 0) return undefined;
  const { [markKeys.run]: run = '', [markKeys.drill]: drill = '', [markKeys.fault]: fault = '' } = marks;
  return { run, drill, fault, note: run === '' || fault === '' ? undefined : noteIn(marks) };
}

function noteIn(marks: Tags): Note | undefined {
  let text = '';
  for (let part = 1; ; part += 1) {
    const more = marks[part === 1 ? markKeys.undo : `${markKeys.undo}.${part}`];
    if (more === undefined) break;
    text += more;
  }
  try {
    return noteSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * What a kind wrote down on things of one type, for {@link Fault.fromMarks}.
 *
 * @throws when one is of another type, or says something else than the schema
 */
export function readLeft<T>(things: readonly MarkedThing[], type: string, schema: z.ZodType<T>): (Omit<MarkedThing, 'left'> & { readonly left: T })[] {
  return things.map((thing) => {
    if (thing.type !== type) throw new Error(`${thing.type} ${thing.name} is not what this kind marks (${type})`);
    return { ...thing, left: schema.parse(thing.left) };
  });
}

/** Whether something carries the marks of this fault of this run. */
export function isMarked(tags: Tags | undefined, fault: string, { run }: Pick<FaultContext, 'run'>): boolean {
  return tags?.[markKeys.run] === run.id && tags[markKeys.fault] === fault;
}

/** The filters that find what carries them. */
export function marksFilter(fault: string, { run }: Pick<FaultContext, 'run'>): Record<string, readonly string[]> {
  return { [`tag:${markKeys.run}`]: [run.id], [`tag:${markKeys.fault}`]: [fault] };
}

/** Those of the tags that are marks, with the values they have. */
export function marksAmong(tags: Tags | undefined): Tags {
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => isMarkKey(key)));
}

/** Other tags may begin with our name: an opt-in that people set. */
function isMarkKey(key: string): boolean {
  return Object.values<string>(markKeys).includes(key) || /^firedrill:undo\.\d+$/.test(key);
}

/** An objection, when somebody's run has marked it already; undefined when not. */
export function alreadyMarked(name: string, tags: Tags | undefined): string | undefined {
  const run = tags?.[markKeys.run];
  return run === undefined
    ? undefined
    : `${name} carries the tags of run ${run}; put that back first: firedrill recover ${run}, or without its journal: firedrill recover --sweep`;
}

/** What was made or changed a moment ago may not be told of yet: AWS is consistent after a while only. */
const settlesMs = 3_000;
const lookAgainMs = 300;

/** Looks until there is something, or long enough to believe that there is nothing. */
export async function lookUntilFound<T>(clock: Clock, signal: AbortSignal, look: () => Promise<T[]>): Promise<T[]> {
  const untilMs = clock.now() + settlesMs;
  for (;;) {
    const found = await look();
    if (found.length > 0 || clock.now() >= untilMs) return found;
    await clock.sleep(lookAgainMs, signal);
  }
}

/** Tries again while the service says that what was just made is not there. */
export async function onceVisible<T>(clock: Clock, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  const untilMs = clock.now() + settlesMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!codeOf(error).includes('NotFound') || clock.now() >= untilMs) throw error;
    }
    await clock.sleep(lookAgainMs, signal);
  }
}

/**
 * Looks until it is so.
 *
 * @throws the signal's reason when it never is; an Error with `otherwise` after `forMs`
 */
export async function waitUntil(
  { clock, signal, awaits }: Pick<FaultContext, 'clock' | 'signal' | 'awaits'>,
  forMs: number,
  otherwise: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const untilMs = clock.now() + forMs;
  awaits?.(otherwise);
  while (!(await isSo())) {
    if (clock.now() >= untilMs) throw new Error(otherwise);
    await clock.sleep(lookAgainMs, signal);
  }
  awaits?.(undefined);
}
