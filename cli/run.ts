import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { examine, shortcomings } from '../runner/doctor.ts';
import type { Environment } from '../runner/environment.ts';
import { ExpectedError, Refused } from '../runner/errors.ts';
import { fingerprint, seedOf, type Fingerprinted } from '../runner/fingerprint.ts';
import { keepHeapSmall } from '../runner/heap.ts';
import type { Entry } from '../runner/journal.ts';
import type { Journal } from '../runner/journal-file.ts';
import { judgeFolder } from '../runner/judge-folder.ts';
import { loadKinds } from '../runner/kinds.ts';
import { lockStore, takeLock } from '../runner/lock/lock.ts';
import type { Notifier } from '../runner/notify/notifier.ts';
import { prepare, type Prepared } from '../runner/prepare.ts';
import { howToRecover, leftRuns } from '../runner/recover.ts';
import { rightsOf } from '../runner/rights.ts';
import { randomSeed } from '../runner/rng.ts';
import { run } from '../runner/run.ts';
import type { JudgedRun } from '../runner/verdict.ts';
import { heartbeatMs } from '../runner/watchdog/heartbeat.ts';
import { arm } from './armed.ts';
import { confirmBreaking } from './confirm.ts';
import { chooseDrill, type ChosenDrill } from './drill.ts';
import { chooseEnvironment } from './environment-file.ts';
import { interruptSignal } from './interrupt.ts';
import { liveOutput } from './live/output.ts';
import { inOwnLab, labFor, ownLab } from './own-lab.ts';
import { ownPlace } from './own-place.ts';
import { planText } from './plan.ts';
import { comeFirst } from './priority.ts';
import { notifierFor, writeSummary } from './notify.ts';
import { isRunId, runId } from './run-id.ts';
import { mask } from './secrets.ts';
import { shellWords } from './shell-words.ts';
import { version } from './version.ts';
import { exportTelemetry } from './telemetry.ts';
import { closingText, writeReports } from './write-reports.ts';

export interface RunOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly recoveryTimeout?: string;
  readonly undoTimeout?: string;
  readonly out: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** A plan that was approved, by what `firedrill plan` calls it. */
  readonly plan?: string;
  /** False: a run that dies is left to `firedrill recover`. */
  readonly watchdog?: boolean;
  readonly allowProtected?: string;
  /** What the run is called; made from time and drill when left out. */
  readonly id?: string;
}

/**
 * `firedrill run`: plans, asks the guard, runs, judges, writes the reports.
 *
 * @returns the exit code
 * @throws ExpectedError for bad input and refusals: nothing was touched then
 */
export async function runCommand(name: string, options: RunOptions): Promise<number> {
  const kinds = await loadKinds();
  const drill = await chooseDrill(name, kinds, options);
  const chosen = await chooseEnvironment(options);
  if (!chosen) return inOwnLab({ quiet: options.json === true, ...labFor(drill.scenario, kinds) });
  const { environment } = chosen;
  comeFirst();
  keepHeapSmall();

  const seed = seedFor(options);
  const { scenario } = drill;
  const interrupt = interruptSignal('still undoing; this ends by itself');
  const id = idFor(scenario.name, options);
  const world = connect(environment, { run: id, version: version(), clock: realClock, mask, ownPlace: ownPlace(process.env) });
  try {
    // Taken before the first look: what another run breaks meanwhile must not be planned around.
    let note = (text: string): void => void process.stderr.write(`${text}\n`);
    const folder = resolve(options.out, id);
    const store = lockStore(environment, world, realClock);
    const heard = environment.watchdog ? { renewEveryMs: heartbeatMs } : {};
    const lock = await takeLock({ environment, store, run: id, folder, clock: realClock, note: (text) => note(text), ...heard });
    // Between the two the watchdog has to believe that there is something to put back, whatever happens.
    let isArmed = false;
    try {
      const left = await leftRuns(options.out, environment);
      if (left.length > 0) throw new Refused(left.map(howToRecover));
      const lacking = async (targets: readonly string[]) => shortcomings(await examine(rightsOf([scenario], kinds), world, targets));
      const { allowProtected } = options;
      const prepared = await prepare({ scenario, world, kinds, seed, clock: realClock, shortcomings: lacking, allowProtected });
      const refusals = [...prepared.refusals, ...otherThanApproved({ scenario, environment, ...prepared, seed }, name, options)];
      if (refusals.length > 0) throw new Refused(refusals);
      await confirm(drill, environment, prepared, options);
      const live = await liveOutput(process.stdout, options.json === true);
      const watchdog = needsWatchdog(prepared, options);
      const names = { id, drill: scenario.name };
      const notifier = await notifierFor(environment, (body) => journal.append('notification', body));
      const onEntry = (entry: Entry): void => [live, notifier].forEach((listener) => listener?.onEntry(entry));
      const { journal, end } = await arm({ environment, world, run: names, folder, platform: options, watchdog, onEntry });
      isArmed = true;
      note = (text) => journal.append('note', { text });
      const command = commandAgain(name, options, seed);
      const versions = { firedrill: version(), node: process.versions.node };
      await run({ ...drill, ...prepared, world, kinds, seed, id, journal, clock: realClock, versions, command, approved: options.plan === undefined ? undefined : prepared.plan, interrupt: AbortSignal.any([interrupt, lock.ended]) });
      await end();
      isArmed = false;
      note = () => {};
      live.end();
      return await conclude(journal, environment, notifier, options);
    } finally {
      if (!isArmed) await lock.release();
    }
  } finally {
    await world.close();
  }
}

/** Whether anything would have to be put back if this process died. A lab of its own ends with the run. */
function needsWatchdog({ plan }: Prepared, { watchdog = true }: RunOptions): boolean {
  return watchdog && !ownLab() && plan.faults.some(({ undo }) => undo !== null);
}

/** An approved plan brings its seed along: the same targets are drawn again. */
function seedFor({ seed, plan }: RunOptions): number {
  if (plan === undefined) return seed ?? randomSeed();
  const own = seedOf(plan);
  if (own === undefined) throw new ExpectedError(`--plan is "${plan}"; give what firedrill plan calls the plan, such as 1712101709-5f0c2a9be1d43a77`);
  if (seed !== undefined && seed !== own) throw new ExpectedError(`--seed ${seed} is not that of the plan, ${own}; leave it out`);
  return own;
}

/** The plan is made again: it is the one that was approved only when nothing that it is made of has changed. */
function otherThanApproved(now: Fingerprinted, name: string, { plan }: RunOptions): string[] {
  const print = fingerprint(now);
  if (plan === undefined || plan === print) return [];
  return [`plan ${plan} was approved, and it is ${print} now: the drill, its settings or the platform have changed since; look again: firedrill plan ${name} --seed ${now.seed}`];
}

/** Judges the run from what is on disk, and tells the user. */
async function conclude(journal: Journal, environment: Environment, notifier: Notifier | undefined, options: RunOptions): Promise<number> {
  const judgeNow = (): Promise<JudgedRun> => judgeFolder(journal.folder, journal.unwritten);
  await journal.written();
  const first = await judgeNow();
  const [someFailed, sent] = await Promise.all([notifier?.conclude(first), exportTelemetry(environment, first, process.env)]);
  if (sent !== undefined) journal.append('notification', { to: 'OpenTelemetry', about: 'verdict', outcome: sent });
  await journal.close();
  // The report tells who was not told.
  const judged = someFailed || (sent ?? 'delivered') !== 'delivered' ? await judgeNow() : first;
  const { paths, failures } = await writeReports(journal.folder, judged);
  // With --json standard output is the journal's alone.
  const out = options.json ? process.stderr : process.stdout;
  await writeSummary(environment, judged, process.env, out);
  out.write(await closingText(judged, out, [...paths, join(journal.folder, 'journal.ndjson')]));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return judged.verdict.exitCode;
}

async function confirm({ scenario }: ChosenDrill, environment: Environment, prepared: Prepared, options: RunOptions): Promise<void> {
  await confirmBreaking(environment, options, planText(scenario, environment, prepared));
}

/** A gate names its runs itself, to know them again. */
function idFor(drill: string, { id, out }: RunOptions): string {
  if (id === undefined) return runId(drill, realClock.wall());
  if (!isRunId(id)) throw new ExpectedError(`--id is "${id}"; give a name such as ${runId(drill, realClock.wall())}`);
  if (existsSync(join(out, id))) throw new ExpectedError(`--id is ${id}, and there is one of this name in ${out}; give another`);
  return id;
}

/** Without --yes and --allow-protected: those are said by whoever runs it, each time. */
function commandAgain(name: string, options: RunOptions, seed: number): string {
  const words = ['firedrill', 'run', name, '--seed', String(seed)];
  for (const set of options.set) words.push('--set', set);
  if (options.recoveryTimeout !== undefined) words.push('--recovery-timeout', options.recoveryTimeout);
  if (options.undoTimeout !== undefined) words.push('--undo-timeout', options.undoTimeout);
  if (options.env !== undefined && !ownLab()) words.push('--env', options.env);
  if (options.lab !== undefined) words.push('--lab', options.lab);
  return shellWords(words);
}
