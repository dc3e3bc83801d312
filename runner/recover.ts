import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from './clock.ts';
import { isPassing } from './clients/kubernetes-failure.ts';
import type { Environment } from './environment.ts';
import { ExpectedError, exitCodes, messageOf, Refused } from './errors.ts';
import type { UndoRecord } from './fault.ts';
import { askAws, awsRefusals } from './identity.ts';
import { journalFileName, openJournal, parseJournal } from './journal-file.ts';
import type { Entry, EntryBodies } from './journal.ts';
import { needsOf, type Kinds } from './kinds.ts';
import { lastsAtMost } from './lasts.ts';
import { platformKey } from './platform-key.ts';
import { recordChanges } from './record-changes.ts';
import { undoFault, type Undone } from './undo.ts';
import type { World } from './world.ts';

/** A fault whose undo record was written, and whose undo was never seen to have worked. */
export interface OpenFault {
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  readonly record: UndoRecord;
  /** When it should have been undone at the latest: milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** What a probe has left on the platform, which breaks nothing: keys of its own. */
export interface Leftover {
  /** The probe's name. */
  readonly id: string;
  readonly kind: string;
  readonly says: string;
  readonly record: UndoRecord;
}

/** What a journal says of a run that may have left something broken. */
export interface LeftRun {
  readonly folder: string;
  readonly started: EntryBodies['run.started'];
  /** In the order of their injection. */
  readonly open: readonly OpenFault[];
  /** No run is refused for these; they are taken away as well when it is recovered. */
  readonly leftovers: readonly Leftover[];
  readonly last: Pick<Entry, 'seq' | 't'>;
}

/** A run that died in the first line of its journal, which is there before anything is broken. */
export class NotBegun extends ExpectedError {
  override readonly name = 'NotBegun';
  readonly run: string;

  /** @param run the run's name, by its folder */
  constructor(run: string) {
    super(`run ${run} has left nothing to undo: it died before it had begun`);
    this.run = run;
  }
}

/**
 * Reads what a run has left open.
 *
 * @param folder the folder of a run
 * @throws NotBegun; ExpectedError when there is no journal, or it doesn't say which run it is
 */
export async function readLeftRun(folder: string): Promise<LeftRun> {
  const path = join(folder, journalFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the folder of a run`);
  }
  if (!text.includes('\n') && (text === '' || text.startsWith('{'))) throw new NotBegun(basename(folder));
  const entries = parseJournal(text, path);
  const started = entries.find((entry) => entry.type === 'run.started');
  const last = entries.at(-1);
  if (!started || !last) throw new ExpectedError(`${path} does not say which run this is: there is nothing to recover from it`);
  return { folder, started, open: openFaults(entries, started), leftovers: leftoversOf(entries), last: { seq: last.seq, t: last.t } };
}

function openFaults(entries: readonly Entry[], { scenario, environment }: EntryBodies['run.started']): OpenFault[] {
  const open = new Map<string, OpenFault>();
  for (const entry of entries) {
    if (entry.type === 'fault.intent' && entry.undo) {
      const { fault: id, kind, says, undo: record } = entry;
      const spec = scenario.faults.find((one) => one.id === id);
      const endsAtMs = Date.parse(entry.at) + lastsAtMost(spec, scenario, environment);
      open.set(id, { id, kind, says, record, endsAtMs });
    }
    if (entry.type === 'fault.undone' && entry.verified) open.delete(entry.fault);
  }
  return [...open.values()];
}

function leftoversOf(entries: readonly Entry[]): Leftover[] {
  const left = new Map<string, Leftover>();
  for (const entry of entries) {
    if (entry.type === 'probe.leaves') left.set(entry.probe, { id: entry.probe, kind: entry.kind, says: entry.says, record: entry.undo });
    if (entry.type === 'probe.cleaned' && entry.verified) left.delete(entry.probe);
  }
  return [...left.values()];
}

/**
 * The runs in a folder of runs that have left something open, newest first. Folders without a journal that can be read are
 * left out.
 *
 * @param out the folder of runs; one that isn't there holds none
 * @param environment only runs on this platform; all when left out
 */
export async function leftRuns(out: string, environment?: Environment): Promise<LeftRun[]> {
  const found: LeftRun[] = [];
  for (const name of await runNames(out)) {
    const folder = join(out, name);
    if (!(await mayHaveUndo(join(folder, journalFileName)))) continue;
    const run = await readLeftRun(folder);
    const here = environment === undefined || platformKey(environment) === platformKey(run.started.environment);
    if (here && run.open.length > 0) found.push(run);
  }
  return found;
}

/** The names of the runs in a folder, newest first: they begin with the time. */
export async function runNames(out: string): Promise<string[]> {
  try {
    const entries = await readdir(out, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort().reverse();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ExpectedError(`${out} can't be looked through for runs: ${messageOf(error)}`);
  }
}

/** Journals are long and most have nothing to undo: a search costs less than reading them. */
async function mayHaveUndo(path: string): Promise<boolean> {
  try {
    const bytes = await readFile(path);
    return bytes.includes('"type":"run.started"') && bytes.includes('"type":"fault.intent"') && bytes.includes('"undo":{');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

export interface RecoverInput {
  readonly run: LeftRun;
  readonly world: World;
  readonly kinds: Kinds;
  readonly clock: Clock;
  /** Who does it, for the journal: `firedrill recover`. */
  readonly by: string;
  /** Told of each fault as it is undone, then of each probe whose leftovers are taken away. */
  onUndone(what: { readonly of: 'fault' | 'probe'; readonly id: string; readonly kind: string }, undone: Undone): void;
}

/**
 * Undoes what a dead run has left open, last first, and appends it to that run's journal. The caller holds the lock of the
 * environment, and has made sure that this is the run's platform. A second time there is nothing left to do.
 *
 * @returns what could not be undone, with what a human must do
 * @throws ExpectedError when this is another account or cluster (exit 3), or the journal can't be written
 */
export async function recover({ run, world, kinds, clock, by, onUndone }: RecoverInput): Promise<string[]> {
  const { started, open, leftovers, folder, last } = run;
  await requireAccount(world);
  const probes = Object.fromEntries(leftovers.map((leftover) => [leftover.id, leftover]));
  if (needsOf({ faults: open, probes }, kinds).kubernetes) await requireCluster(world, clock);
  if (open.length + leftovers.length === 0) return [];
  const journal = await openJournal({ folder, clock, mask: world.mask, after: last });
  const left: string[] = [];
  recordChanges(world, journal);
  const undo = async (of: 'fault' | 'probe', { id, kind: name, record }: Leftover): Promise<Undone> => {
    const kind = of === 'fault' ? kinds.faults[name] : kinds.probes[name];
    if (!kind) return { verified: false, said: `this firedrill has no ${of} of kind ${name}; use the version that ran it: ${started.firedrill}` };
    return undoFault({
      id,
      fault: kind,
      record,
      world,
      clock,
      run: { id: started.run, drill: started.scenario.name },
      timeoutMs: started.scenario.recovery.undoTimeout,
      note: (text) => journal.append('note', { text }),
    });
  };
  try {
    journal.append('phase', { phase: 'undo' });
    for (const fault of open.toReversed()) {
      const undone = await undo('fault', fault);
      journal.append('fault.undone', { fault: fault.id, verified: undone.verified, said: `${undone.said} (by ${by})` });
      await journal.commit();
      onUndone({ of: 'fault', ...fault }, undone);
      if (!undone.verified) left.push(`fault ${fault.id}: ${undone.said}`);
    }
    for (const leftover of leftovers) {
      const cleaned = await undo('probe', leftover);
      journal.append('probe.cleaned', { probe: leftover.id, verified: cleaned.verified, said: `${cleaned.said} (by ${by})` });
      await journal.commit();
      onUndone({ of: 'probe', ...leftover }, cleaned);
      if (!cleaned.verified) left.push(`probe ${leftover.id}: ${cleaned.said}`);
    }
  } finally {
    await journal.close();
  }
  return left;
}

/**
 * etcd is not asked: it may be what is down.
 *
 * @throws Refused when the credentials are another account's, or the endpoint another region's
 */
export async function requireAccount(world: World): Promise<void> {
  if (!world.environment.aws) return;
  const refusals = awsRefusals(world.environment, await askAws(world));
  if (refusals.length > 0) throw new Refused(refusals);
}

/** How long the Kubernetes API may be away before its faults' undos are left to find that out. */
const clusterAnswersWithinMs = 20_000;
const askAgainAfterMs = 500;

/** An API that gives no answer is asked again for a while; the undos after it then say what a human must do. */
async function requireCluster(world: World, clock: Clock): Promise<void> {
  const untilMs = clock.now() + clusterAnswersWithinMs;
  while (clock.now() < untilMs) {
    try {
      return await checkCluster(world);
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await clock.sleep(askAgainAfterMs);
  }
}

/** @throws WrongCluster when the environment file names another one; KubernetesFailure when the API doesn't say which it is */
export async function checkCluster(world: World): Promise<void> {
  const { clusterUid: named, context } = world.environment.kubernetes ?? {};
  if (named === undefined) return;
  const uid = await (await world.kubernetes()).clusterUid();
  if (uid !== named) throw new WrongCluster(`refused: context ${context} leads to Kubernetes cluster ${uid}, the environment file names ${named}`, exitCodes.refused);
}

export class WrongCluster extends ExpectedError {
  override readonly name = 'WrongCluster';
}

/** How to put back what a run has left, in one line. */
export function howToRecover({ folder, open, started }: LeftRun): string {
  const faults = open.map(({ id }) => id).join(', ');
  return `run ${started.run} has left fault${open.length === 1 ? '' : 's'} ${faults} not undone; put back: firedrill recover ${basename(folder)} --out ${dirname(folder)}`;
}
