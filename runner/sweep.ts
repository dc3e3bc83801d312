import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Fault, UndoRecord } from './fault.ts';
import type { Kinds } from './kinds.ts';
import { lookForMarks, nameOf, unmarkByHand, type Look, type SeenThing } from './marked-things.ts';
import { checkCluster, requireAccount } from './recover.ts';
import { undoFault, type Undone } from './undo.ts';
import type { World } from './world.ts';

/** What one fault of one run has left on the platform, as its marks tell. */
export interface FoundFault {
  readonly run: string;
  readonly drill: string;
  /** The fault's id in that drill. */
  readonly fault: string;
  readonly kind: string;
  /** UTC, when the last of its things was marked. */
  readonly since: string;
  readonly things: readonly SeenThing[];
}

/** Something that a human must look at. */
export interface ForHuman {
  readonly what: string;
  readonly why: string;
  /** What to do, commands included. */
  readonly todo: string;
}

export interface Swept {
  /** Those that were seen to be put back. */
  readonly undone: readonly FoundFault[];
  readonly forHuman: readonly ForHuman[];
  /** What belongs to other environments, by their own marks: it was left alone. */
  readonly elsewhere: readonly { readonly environment: string; readonly run: string; readonly things: readonly string[] }[];
}

export interface SweepInput {
  readonly world: World;
  readonly kinds: Kinds;
  readonly clock: Clock;
  /** Told of each fault as it is undone, or could not be. */
  onUndone(found: FoundFault, undone: Undone): void;
  note(text: string): void;
}

/** AWS is consistent after a while only: so long nothing more must be seen before that is believed. */
const quietForMs = 3_000;
const lookAgainMs = 1_000;
/** How long a part of the platform that doesn't answer is asked again. What was just undone may have kept it away. */
const answersWithinMs = 30_000;
/** How often the same thing is put back whose marks don't go away. */
const mostTries = 3;

/**
 * Finds everything in this environment that carries our marks, whatever the run, and puts it back, last injected first,
 * until a look finds nothing more. The caller holds the environment's lock, so no run of it is alive. A second time there
 * is nothing left to do.
 *
 * @throws ExpectedError when this is another account or cluster (exit 3); nothing was touched then
 */
export async function sweep({ world, kinds, clock, onUndone, note }: SweepInput): Promise<Swept> {
  await requireAccount(world);
  const undone = new Map<string, FoundFault>();
  const notUndone = new Map<string, ForHuman>();
  const tries = new Map<string, number>();
  const startMs = clock.now();
  let quietSinceMs: number | undefined;
  for (;;) {
    const look = await lookForMarks(world, () => checkCluster(world));
    const sorted = sortOut(look, world, kinds);
    const open = sorted.found.filter(({ key }) => !notUndone.has(key) && (tries.get(key) ?? 0) < mostTries);
    for (const { key, found, fault, record } of open) {
      tries.set(key, (tries.get(key) ?? 0) + 1);
      const run = { id: found.run, drill: found.drill };
      const result = await undoFault({ id: found.fault, fault, record, world, clock, run, timeoutMs: undefined, note });
      onUndone(found, result);
      if (result.verified) undone.set(key, found);
      else notUndone.set(key, { what: titleOf(found), why: 'it could not be undone', todo: 'do what its line says' });
    }
    const nowMs = clock.now();
    if (open.length > 0) quietSinceMs = undefined;
    else quietSinceMs ??= nowMs;
    const waits = look.unseen.some(({ passing }) => passing) && nowMs - startMs < answersWithinMs;
    if (quietSinceMs !== undefined && nowMs - quietSinceMs >= quietForMs && !waits) {
      const stuck = sorted.found.filter(({ key }) => !notUndone.has(key)).map(({ found }) => stillMarked(found, world));
      const unseen = look.unseen.map(({ what, why }) => ({ what, why: `could not be looked through: ${why}`, todo: 'make it answer, or grant it (firedrill permissions), and sweep again' }));
      const forHuman = [...notUndone.values(), ...stuck, ...sorted.strange, ...unseen];
      const left = new Set(sorted.found.map(({ key }) => key));
      return { undone: [...undone].flatMap(([key, found]) => (left.has(key) ? [] : [found])), forHuman, elsewhere: sorted.elsewhere };
    }
    await clock.sleep(lookAgainMs);
  }
}

interface Undoable {
  /** The same for the same fault of the same run. */
  readonly key: string;
  readonly found: FoundFault;
  readonly fault: Fault;
  readonly record: UndoRecord;
}

interface Sorted {
  /** What can be undone, last injected first. */
  readonly found: readonly Undoable[];
  readonly strange: readonly ForHuman[];
  readonly elsewhere: Swept['elsewhere'];
}

function sortOut({ seen }: Look, world: World, kinds: Kinds): Sorted {
  const { environment } = world;
  const found: Undoable[] = [];
  const strange: ForHuman[] = [];
  const isElsewhere = ({ mark }: SeenThing): boolean => mark.note !== undefined && mark.note.environment !== environment.name;
  const groups = Map.groupBy(seen.filter((thing) => !isElsewhere(thing)), ({ mark: { run, fault, note } }) => JSON.stringify([run, fault, note?.kind]));
  for (const [key, things] of groups) {
    const kind = things[0]!.mark.note?.kind;
    const fault = kind !== undefined && Object.hasOwn(kinds.faults, kind) ? kinds.faults[kind] : undefined;
    const readable: SeenThing[] = [];
    for (const thing of things) {
      const why = whyNotUnderstood(thing, fault);
      if (why === undefined) readable.push(thing);
      else strange.push(notUnderstood(thing, why, world));
    }
    if (!fault || kind === undefined || readable.length === 0) continue;
    try {
      const { run, drill, fault: id } = readable[0]!.mark;
      const record = recordOf(readable, fault);
      const since = readable.map(({ mark }) => mark.note!.since).sort().at(-1)!;
      found.push({ key, found: { run, drill, fault: id, kind, since, things: readable }, fault, record });
    } catch (error) {
      for (const thing of readable) strange.push(notUnderstood(thing, messageOf(error), world));
    }
  }
  found.sort((a, b) => compare(b.found.since, a.found.since) || compare(b.found.run, a.found.run));
  const others = Map.groupBy(seen.filter(isElsewhere), ({ mark }) => JSON.stringify([mark.note!.environment, mark.run]));
  const elsewhere = [...others.values()].map((things) => ({ environment: things[0]!.mark.note!.environment, run: things[0]!.mark.run, things: things.map(nameOf) }));
  return { found, strange, elsewhere };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function recordOf(things: readonly SeenThing[], fault: Fault): UndoRecord {
  const id = things[0]!.mark.fault;
  return fault.fromMarks!(id, things.map(({ mark, ...thing }) => ({ ...thing, left: mark.note!.left })));
}

/** Each thing is tried alone: one that was edited must not keep the others broken. */
function whyNotUnderstood(thing: SeenThing, fault: Fault | undefined): string | undefined {
  const { note } = thing.mark;
  if (!note) return "its marks can't be read: another version of firedrill made them, or somebody has edited them";
  if (!fault?.undo || !fault.fromMarks) return `this firedrill can't undo a fault of kind ${note.kind}: another version made it`;
  try {
    recordOf([thing], fault);
    return undefined;
  } catch (error) {
    return `its marks don't say what kind ${note.kind} of this firedrill needs: another version made them, or somebody has edited them (${messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 200)})`;
  }
}

function notUnderstood(thing: SeenThing, why: string, { environment }: World): ForHuman {
  const { run, fault } = thing.mark;
  const journal = run === '' ? '' : ` by its journal (firedrill recover ${run}), with the version that ran it,`;
  return {
    what: `${nameOf(thing)} (run ${run || 'unknown'}, fault ${fault || 'unknown'})`,
    why,
    todo: `put it back${journal} or by hand; then take the marks away: ${unmarkByHand(thing, environment)}`,
  };
}

function stillMarked(found: FoundFault, { environment }: World): ForHuman {
  return {
    what: titleOf(found),
    why: `it was put back, and ${found.things.map(nameOf).join(', ')} still carries the marks`,
    todo: `look whether it is in order; then take the marks away: ${found.things.map((thing) => unmarkByHand(thing, environment)).join('; ')}`,
  };
}

/** What people call what was found. */
export function titleOf({ run, fault, kind }: FoundFault): string {
  return `fault ${fault} (${kind}) of run ${run}`;
}
