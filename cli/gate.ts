import { writeFileSync } from 'node:fs';
import { gateJunit } from '../reports/gate/junit.ts';
import { realClock } from '../runner/clock.ts';
import { ExpectedError } from '../runner/errors.ts';
import type { Baseline } from '../runner/gate/baseline.ts';
import { compareWith, requireEnoughRuns } from '../runner/gate/compare.ts';
import { conclude } from '../runner/gate/conclude.ts';
import { drive, type Driven } from '../runner/gate/drive.ts';
import type { GateDrill, GateResult } from '../runner/gate/result.ts';
import { calledForBy, checkPaths, taggedWith } from '../runner/gate/select.ts';
import { parseShard, shardOf } from '../runner/gate/shard.ts';
import { loadKinds, type Kinds } from '../runner/kinds.ts';
import { randomSeed } from '../runner/rng.ts';
import { parseDuration } from '../scenarios/duration.ts';
import { confirmBreaking } from './confirm.ts';
import { readBaseline } from './gate/baseline-file.ts';
import { changedPaths } from './gate/git.ts';
import { realHands } from './gate/hands.ts';
import { gateOutput, requireWritable, tellGitHub } from './gate/output.ts';
import { platformsFor, type Platforms } from './gate/platforms.ts';
import { gateId, makeGateFolder, writeRecord } from './gate/record.ts';
import { chooseSuite, loadDrills, type ChosenSuite, type LoadedDrill } from './gate/suite.ts';
import { interruptSignal } from './interrupt.ts';
import { inOwnLab, labFor } from './own-lab.ts';
import { version } from './version.ts';

export interface GateOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly repeat?: number;
  readonly baseline?: string;
  readonly junit?: string;
  readonly failFast?: boolean;
  readonly shard?: string;
  readonly only: readonly string[];
  readonly within?: string;
  readonly changed?: string;
  readonly seed?: number;
  readonly out: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly allowProtected?: string;
}

/** What is to be run, all of it looked at before anything is broken. */
interface Prepared {
  readonly chosen: ChosenSuite;
  readonly drills: readonly LoadedDrill[];
  readonly baseline: { readonly baseline: Baseline; readonly source: string } | undefined;
  readonly withinMs: number | undefined;
}

/**
 * `firedrill gate`: runs the drills of a suite, compares what recovery took with a baseline, and says whether a change may go on.
 *
 * @param what a suite, or drills by their names or paths
 * @returns the exit code: the worst of all
 * @throws ExpectedError, ScenarioError for bad input: nothing was touched then
 */
export async function gateCommand(what: readonly string[], options: GateOptions): Promise<number> {
  const kinds = await loadKinds();
  const prepared = await prepare(what, options, kinds);
  const { chosen, drills } = prepared;
  const own = drills.filter(({ drill }) => drill.environment === null);
  if (own.length > 0 && options.env === undefined && options.lab === undefined) {
    // One lab for all of them: it has what the neediest needs.
    const needs = own.map(({ scenario }) => labFor(scenario, kinds));
    const [kubernetes, specimen] = [needs.some((need) => need.kubernetes), needs.some((need) => need.specimen)];
    return inOwnLab({ quiet: options.json === true, kubernetes, specimen });
  }
  if (options.junit !== undefined) requireWritable(options.junit);
  const platforms = await platformsFor({ suite: chosen.suite, file: chosen.file, drills: drills.map(({ drill }) => drill), options });
  await confirmAll(prepared, platforms, options);
  return run(prepared, platforms, options);
}

async function prepare(what: readonly string[], options: GateOptions, kinds: Kinds): Promise<Prepared> {
  const chosen = await chooseSuite(what);
  const { suite, file } = chosen;
  const all = await loadDrills(chosen, kinds, options.repeat);
  checkPaths(suite.gate.paths, all.map(({ drill }) => drill), file ?? '');
  const selected = await select(all.map(({ drill }) => drill), chosen, options);
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, chosen.baselinePath);
  if (baseline) requireEnoughRuns(baseline.baseline, selected);
  return { chosen, drills: all.filter(({ drill }) => selected.includes(drill)), baseline, withinMs: withinOf(options) ?? suite.within };
}

/** Those that the options leave, in this order: what changed, by tag, and of what is left a shard. */
async function select(all: readonly GateDrill[], { suite, file }: ChosenSuite, { changed, only, shard }: GateOptions): Promise<readonly GateDrill[]> {
  let selected = all;
  if (only.length > 0) selected = taggedWith(selected, only);
  if (changed !== undefined) {
    if (file === undefined) throw new ExpectedError('--changed goes by gate.paths of a suite, and no suite was given; leave it out, or give a suite');
    const paths = await changedPaths(changed);
    const called = calledForBy(paths, suite.gate.paths, all);
    selected = selected.filter((drill) => called.includes(drill));
  }
  return shard === undefined ? selected : shardOf(selected, parseShard(shard));
}

function withinOf({ within }: GateOptions): number | undefined {
  if (within === undefined) return undefined;
  const withinMs = parseDuration(within);
  if (withinMs === undefined || withinMs <= 0) throw new ExpectedError(`--within is "${within}"; give a duration with its unit, such as 90m or 2h`);
  return withinMs;
}

async function confirmAll({ chosen: { suite }, drills }: Prepared, platforms: Platforms, options: GateOptions): Promise<void> {
  const runs = drills.map(({ drill }) => `  ${drill.id}: ${drill.title}${drill.repeat === 1 ? '' : `, ${drill.repeat} times`}\n`);
  for (const { environment } of platforms.values()) {
    await confirmBreaking(environment, options, `gate ${suite.name} would run in ${environment.name}:\n${runs.join('')}`);
  }
}

async function run({ chosen, drills, baseline, withinMs }: Prepared, platforms: Platforms, options: GateOptions): Promise<number> {
  const { suite, baselinePath } = chosen;
  const { out, junit, allowProtected, seed = randomSeed() } = options;
  const startedAt = new Date(realClock.wall()).toISOString();
  const startMs = realClock.now();
  const gate = gateId(realClock.wall());
  const gateDrills = drills.map(({ drill }) => drill);
  const output = await gateOutput(process.stdout, { json: options.json === true, all: gateDrills.reduce((sum, { repeat }) => sum + repeat, 0) });
  const folder = drills.length === 0 ? undefined : makeGateFolder(out, gate);
  const driven: Driven = await drive({
    drills: gateDrills,
    hands: realHands({ drills, platforms, out, folder: folder ?? '', seed, allowProtected }),
    failFast: options.failFast === true,
    withinMs,
    wholeWithinMs: suite.whole.within,
    interrupt: interruptSignal('the run under way is still undoing; this ends by itself'),
    onEvent: output.onEvent,
  });
  const comparison = baseline ? compareWith(baseline.baseline, baseline.source, gateDrills, driven.runs) : null;
  const result: GateResult = {
    schemaVersion: 1, gate, suite: suite.name, firedrillVersion: version(), startedAt, tookMs: realClock.now() - startMs,
    ...conclude(driven, comparison), runs: driven.runs, notRun: driven.notRun, notWhole: driven.notWhole, comparison,
  };
  const record = folder === undefined ? [] : [writeRecord(folder, result, baselinePath)];
  output.end(result, [...record, ...(junit === undefined ? [] : [junit])]);
  if (junit !== undefined) writeFileSync(junit, gateJunit(result));
  tellGitHub(result, process.env, options.json ? process.stderr : process.stdout);
  return result.exitCode;
}
