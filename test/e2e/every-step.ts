import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileName } from '../../runner/journal-file.ts';
import { expectExit, RunsFolder, startFiredrill, type Ended } from './firedrill.ts';
import { shareOfToday } from './share-of-today.ts';
import { writeQuickDrill } from './small-drill.ts';

const preload = join(import.meta.dirname, 'dies-at-step.ts');

export interface EveryStep {
  readonly lab: string;
  /** A line of a drill's faults, without its id and its length. */
  readonly fault: string;
  /** A line of its probes; one that writes to etcd when left out. */
  readonly probe?: string;
  /** Waits until the platform is as it was before. */
  expectAsBefore(): Promise<void>;
}

/** Each is a run of its own. */
const stepsInADay = 2;

/**
 * Runs a drill once whole to learn its steps; then again for each step whose turn it is, killed there with SIGKILL and put
 * back by `firedrill recover`; once it is asked to put back twice.
 * Prints the steps, and at which of them it was killed.
 */
export async function killAtEveryStep({ lab, fault, probe, expectAsBefore }: EveryStep): Promise<void> {
  const steps = await withRuns(async (runs) => {
    const log = join(runs.drills(), 'steps');
    const { code, stdout, stderr } = await start(runs, { FIREDRILL_TEST_STEPS: log });
    assert.ok(code === 0 || code === 1, `the drill ends by itself\n${stdout}\n${stderr}`);
    await expectAsBefore();
    return readFileSync(log, 'utf8').trimEnd().split('\n');
  });
  let seenTwice = false;
  assert.ok(steps.filter((step) => !step.endsWith('fsync')).length >= 4, `injection and undo change something: ${steps.join(', ')}`);
  const different = [...steps.entries()].filter(([index, step]) => {
    // The moment before a call is the one after the call before it: on the platform and in what recover reads they are the same.
    if (step.startsWith('before') && /^(after|at the end)/.test(steps[index - 1] ?? '')) return false;
    // What is written is there for whoever reads it, synced or not: only a machine without power knows the difference. The
    // first line alone may be missing still.
    return step !== 'before fsync' || index <= 1;
  });
  const killedAt = shareOfToday(different, stepsInADay);
  for (const [index, step] of killedAt) {
    await withRuns(async (runs) => {
      const at = `killed at step ${index + 1} of ${steps.length} (${step})`;
      const { code } = await start(runs, { FIREDRILL_TEST_DIES_AT: String(index + 1) });
      // Two lines of the journal may be written with one fsync this time, and with two another time.
      if (code === 0 && index >= steps.length - 2) return expectAsBefore();
      assert.equal(code, -1, at);
      if (runs.isEmpty() || !existsSync(join(runs.newest(), journalFileName))) {
        // It was only looking yet: the journal is there before anything is broken.
        const { stdout: locks } = await expectExit(0, 'locks', '--lab', lab, '--json');
        const [held] = JSON.parse(locks) as { run: string }[];
        if (held) await expectExit(0, 'locks', '--lab', lab, '--break', held.run);
        return expectAsBefore();
      }
      const { stdout } = await expectExit(0, 'recover', '--lab', lab, '--out', runs.path);
      assert.match(stdout, /^((undone: fault f: .*\n)?(undone: probe p: deleted .*\n)?|run \S+ has left nothing to undo(: it died before it had begun)?\n)(?<!^)$/, at);
      try {
        await expectAsBefore();
      } catch (error) {
        throw new Error(`${at}, recover said ${stdout}`, { cause: error });
      }
      // That a second time changes nothing is seen once for each kind; by its calls at each step in test/runner/faults/undo.test.ts.
      if (!stdout.startsWith('undone: fault') || seenTwice) return;
      seenTwice = true;
      assert.match((await expectExit(0, 'recover', '--lab', lab, '--out', runs.path)).stdout, /has left nothing to undo\n$/, at);
      await expectAsBefore();
    });
  }
  process.stdout.write(`      ${steps.length} steps: ${steps.join(', ')}\n      killed at ${killedAt.map(([index]) => index + 1).join(', ')}\n`);

  function start(runs: RunsFolder, env: NodeJS.ProcessEnv): Promise<Ended> {
    const args = ['run', writeQuickDrill(runs, `id: f, for: 100ms, ${fault}`, probe), '--lab', lab, '--out', runs.path, '--seed', '1', '--no-watchdog'];
    return startFiredrill(args, { env: { ...process.env, ...env, NODE_OPTIONS: `--import ${preload}` } }).ended;
  }
}

async function withRuns<T>(work: (runs: RunsFolder) => Promise<T>): Promise<T> {
  const runs = new RunsFolder();
  try {
    return await work(runs);
  } finally {
    runs.remove();
  }
}
