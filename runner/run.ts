import { formatDuration } from '../scenarios/duration.ts';
import type { Scenario } from '../scenarios/schema.ts';
import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import { Injector } from './inject.ts';
import type { Journal } from './journal-file.ts';
import { journalVersion, type Outcome, type PhaseName } from './journal.ts';
import type { Kinds } from './kinds.ts';
import { maskSecrets } from './mask.ts';
import type { Plan } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { recordChanges } from './record-changes.ts';
import type { StreamState } from './steady.ts';
import { startWatching, type Watching } from './watching.ts';
import type { World } from './world.ts';

/** How often the engine looks at what the probes say, in milliseconds. */
const lookEveryMs = 50;

export interface RunInput extends Prepared {
  readonly scenario: Scenario;
  /** Where the scenario came from, as the user named it. */
  readonly source: string;
  readonly world: World;
  readonly kinds: Kinds;
  readonly seed: number;
  readonly id: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly versions: { readonly firedrill: string; readonly node: string };
  /** Somebody has approved this plan, and nothing else may be broken. */
  readonly approved?: Plan | undefined;
  /** The command that runs it again. */
  readonly command: string;
  /** Aborts when the user wants to end the run: everything is undone then. */
  readonly interrupt: AbortSignal;
}

/** How a run ended, and why. */
interface End {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** Why a run ends before its time; the reason of the signal that stops it. */
class Stop extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome, reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

/**
 * Runs a drill that the guard has let through: baseline, injection, recovery, undo. All that happens goes to the journal,
 * from which it is judged afterwards. Whatever goes wrong, what was broken is undone before this returns.
 *
 * @returns how the run ended
 */
export async function run(input: RunInput): Promise<Outcome> {
  const { journal, scenario, interrupt } = input;
  const stopping = new AbortController();
  const onInterrupt = (): void => stopping.abort(new Stop('interrupted', messageOf(interrupt.reason)));
  const onJournalFailed = (): void => stopping.abort(new Stop('failed', messageOf(journal.failed.reason)));
  interrupt.addEventListener('abort', onInterrupt, { once: true });
  journal.failed.addEventListener('abort', onJournalFailed, { once: true });
  if (interrupt.aborted) onInterrupt();

  recordStart(input);
  if (input.world.environment.aws) input.world.onThrottled((text) => journal.append('note', { text }));
  const changes = recordChanges(input.world, journal);
  const names = { id: input.id, drill: scenario.name };
  let watching: Watching | undefined;
  const whole = (signal: AbortSignal): Promise<void> => waitUntilWhole(input, watching?.streams ?? [], signal);
  const injector = new Injector({ ...input, run: names, stopping: stopping.signal, whole });
  let end: End;
  try {
    watching = await startWatching({ ...input, run: names, hit: () => injector.hit(), changes: () => changes });
    end = await goThroughPhases(input, watching.streams, injector, stopping);
  } catch (error) {
    end = endOf(stopping.signal.aborted ? stopping.signal.reason : error);
  }
  if (injector.hasOpen()) {
    enter(journal, 'undo');
    await injector.undoAll();
  }
  enter(journal, 'done');
  await stopWatching(watching, journal);
  const left = injector.leftBroken();
  if (left.length > 0) end = { outcome: 'not-undone', reason: `could not be undone: ${left.join('; ')}` };
  interrupt.removeEventListener('abort', onInterrupt);
  journal.failed.removeEventListener('abort', onJournalFailed);
  recordCalls(input);
  journal.append('run.ended', end);
  return end.outcome;
}

async function goThroughPhases(
  { journal, scenario, clock }: RunInput,
  streams: readonly StreamState[],
  injector: Injector,
  stopping: AbortController,
): Promise<End> {
  enter(journal, 'baseline');
  const { baseline, recovery } = scenario;
  const baselineUntilMs = clock.now() + baseline.within;
  while (!streams.every((stream) => stream.isSteady(baseline.for, clock.now()))) {
    if (clock.now() > baselineUntilMs) return { outcome: 'no-baseline', reason: noBaseline(streams, baseline) };
    await clock.sleep(lookEveryMs, stopping.signal);
  }

  enter(journal, 'inject');
  const endConditions = watchStopConditions({ journal, scenario, clock }, streams, stopping);
  try {
    await injector.injectAll();
    await injector.undoAll();
    enter(journal, 'recover');
    const isWhole = await becomesWhole({ scenario, clock }, streams, stopping.signal);
    const reason = `the recovery timeout of ${formatDuration(recovery.timeout)} was over: ${complaints(streams)}`;
    return { outcome: 'finished', reason: isWhole ? 'every probe was good again' : reason };
  } finally {
    endConditions();
  }
}

/** Whether every probe becomes good for `stableFor`, counted from now, within the recovery timeout. */
async function becomesWhole(
  { scenario, clock }: Pick<RunInput, 'scenario' | 'clock'>,
  streams: readonly StreamState[],
  signal: AbortSignal,
): Promise<boolean> {
  const { recovery } = scenario;
  const untilMs = clock.now() + recovery.timeout;
  for (const stream of streams) stream.restart();
  while (clock.now() < untilMs) {
    if (streams.every((stream) => stream.isSteady(recovery.stableFor, clock.now()))) return true;
    await clock.sleep(lookEveryMs, signal);
  }
  return false;
}

/** Between two targets of a rolling fault. */
async function waitUntilWhole(input: RunInput, streams: readonly StreamState[], signal: AbortSignal): Promise<void> {
  if (await becomesWhole(input, streams, signal)) return;
  throw new Error(`not whole again within ${formatDuration(input.scenario.recovery.timeout)}, so nothing more is broken: ${complaints(streams)}`);
}

/**
 * Ends the run as soon as one of the drill's stop conditions holds.
 *
 * @returns a function that ends the watching
 */
function watchStopConditions(
  { journal, scenario, clock }: Pick<RunInput, 'journal' | 'scenario' | 'clock'>,
  streams: readonly StreamState[],
  stopping: AbortController,
): () => void {
  let takeBack = (): void => {};
  const look = (): void => {
    for (const { probe, badFor } of scenario.abort) {
      const bad = streams.find((stream) => stream.probe === probe && clock.now() - (stream.badSince ?? Infinity) >= badFor);
      if (!bad || stopping.signal.aborted) continue;
      const reason = `${bad.name} was bad for ${formatDuration(badFor)}: ${bad.why}`;
      journal.append('abort', { reason });
      stopping.abort(new Stop('aborted', reason));
    }
    if (!stopping.signal.aborted) takeBack = clock.schedule(clock.now() + lookEveryMs, look);
  };
  look();
  return () => takeBack();
}

/** A probe that does not close cleanly is worth a line, and no more: what was measured stays true. */
async function stopWatching(watching: Watching | undefined, journal: Journal): Promise<void> {
  try {
    await watching?.stop();
  } catch (error) {
    journal.append('note', { text: `a probe did not close cleanly: ${messageOf(error)}` });
  }
}

function endOf(error: unknown): End {
  if (error instanceof Stop) return { outcome: error.outcome, reason: error.message };
  return { outcome: 'failed', reason: messageOf(error) };
}

function recordStart({ journal, scenario, source, world, seed, id, versions, command, plan, warnings = [], allowProtected }: RunInput): void {
  journal.append('run.started', {
    version: journalVersion,
    run: id,
    ...versions,
    command,
    seed,
    scenario,
    source,
    environment: maskSecrets(world.environment),
    ...(allowProtected === undefined ? {} : { allowProtected }),
  });
  if (allowProtected !== undefined) {
    journal.append('note', { text: `environment ${allowProtected} may be broken because --allow-protected was typed; the command that runs this again leaves it out: it is typed each time` });
  }
  journal.append('plan', { plan });
  for (const text of warnings) journal.append('note', { text: `warning: ${text}` });
}

function recordCalls({ journal, world }: RunInput): void {
  if (!world.environment.aws) return;
  const { byAction } = world.calls;
  journal.append('calls', { byAction: Object.fromEntries(byAction), mostInASecond: world.calls.mostInASecond() });
}

function enter(journal: Journal, phase: PhaseName): void {
  journal.append('phase', { phase });
}

function noBaseline(streams: readonly StreamState[], baseline: Scenario['baseline']): string {
  const what = complaints(streams) || 'the probes were not good without a break';
  return `no steady state of ${formatDuration(baseline.for)} within ${formatDuration(baseline.within)}: ${what}`;
}

function complaints(streams: readonly StreamState[]): string {
  return streams
    .map((stream) => stream.complaint())
    .filter(Boolean)
    .join('; ');
}
