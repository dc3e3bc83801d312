import assert from 'node:assert/strict';
import { drive, type DriveInput, type Driven, type GateEvent, type Hands } from '../../../runner/gate/drive.ts';
import type { EndedRun, GateDrill, PlannedRun } from '../../../runner/gate/result.ts';
import type { Lack } from '../../../runner/gate/whole.ts';
import { simulatedClock, type SimulatedClock } from '../simulated-clock.ts';
import { endedRun, gateDrill } from './sample-gate.ts';

const minuteMs = 60_000;
const lack = (what: string, mayBeMeant = false): Lack => ({ what, why: 'is not ready', mayBeMeant });

interface Play {
  /** The exit code of each run by `id` or `id/round`; 0 when left out. */
  codes?: Record<string, number>;
  /** How long runs take. */
  takesMs?: number;
  /** What is lacking at the n-th look, from 1. */
  look?: (n: number, environment: string | null) => readonly Lack[];
  left?: () => readonly string[];
  failFast?: boolean;
  withinMs?: number;
  /** Ctrl-C after this time. */
  interruptAfterMs?: number;
}

interface Played extends Driven {
  readonly events: readonly string[];
  /** The most runs that were under way at once. */
  readonly most: number;
  readonly tookMs: number;
}

/** Plays a gate with hands that only pretend, on a simulated clock. */
async function play(drills: readonly GateDrill[], { codes = {}, takesMs = minuteMs, look = () => [], left = () => [], interruptAfterMs, failFast = false, withinMs }: Play = {}): Promise<Played> {
  const clock: SimulatedClock = simulatedClock();
  const interrupt = new AbortController();
  const events: string[] = [];
  let [under, most, looks] = [0, 0, 0];
  const hands: Hands = {
    clock,
    async run(planned: PlannedRun, signal): Promise<EndedRun> {
      most = Math.max(most, (under += 1));
      const { drill, round } = planned;
      let exitCode = codes[`${drill.id}/${round}`] ?? codes[drill.id] ?? 0;
      try {
        await clock.sleep(takesMs, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        exitCode = 130;
      }
      under -= 1;
      return endedRun(drill, exitCode, { round });
    },
    look: async (environment) => look((looks += 1), environment),
    left: async () => left(),
  };
  const told = (event: GateEvent): void => {
    if (event.type === 'begun') events.push(`+${event.planned.drill.id}${event.planned.round}`);
    if (event.type === 'ended') events.push(`-${event.ended.drill.id}${event.ended.round}:${event.ended.exitCode}`);
    if (event.type === 'waiting') events.push(`waiting: ${event.lacks.join('; ')}`);
    if (event.type === 'not-run') events.push(`not run ${event.notRun.drill.id}${event.notRun.round}`);
  };
  const input: DriveInput = { drills, hands, failFast, withinMs, wholeWithinMs: 5 * minuteMs, interrupt: interrupt.signal, onEvent: told };
  if (interruptAfterMs !== undefined) clock.schedule(clock.now() + interruptAfterMs, () => interrupt.abort(new Error('Ctrl-C')));
  const startMs = clock.now();
  const driven = await clock.until(drive(input));
  return { ...driven, events, most, tookMs: clock.now() - startMs };
}

const [a, b, c] = ['a', 'b', 'c'].map((id) => gateDrill(id)) as [GateDrill, GateDrill, GateDrill];

describe('driving a gate', () => {
  it('runs one drill after another, and holds when all do', async () => {
    const { events, exitCode, most, stopped } = await play([a, gateDrill('b', { repeat: 2 })]);
    assert.deepEqual(events, ['+a1', '-a1:0', '+b1', '-b1:0', '+b2', '-b2:0']);
    assert.deepEqual([exitCode, most, stopped], [0, 1, '']);
  });

  it('goes on after a drill that broke, and ends with the worst exit code', async () => {
    const { events, exitCode, notRun } = await play([a, b, c], { codes: { a: 1, b: 4 } });
    assert.deepEqual(events, ['+a1', '-a1:1', '+b1', '-b1:4', '+c1', '-c1:0']);
    assert.deepEqual([exitCode, notRun.length], [1, 0]);
  });

  it('--fail-fast runs nothing more, and says what was not run, and why', async () => {
    const { events, exitCode, notRun } = await play([a, b, c], { codes: { a: 4 }, failFast: true });
    assert.deepEqual(events, ['+a1', '-a1:4', 'not run b1', 'not run c1']);
    assert.equal(exitCode, 4);
    assert.match(notRun[0]!.why, /a ended with exit code 4, and --fail-fast was given/);
  });

  it('touches nothing when the environment is not whole to begin with', async () => {
    const { events, exitCode, notWhole, runs } = await play([a, b], { look: () => [lack('node n1')] });
    assert.deepEqual(events, ['not run a1', 'not run b1']);
    assert.deepEqual([exitCode, runs.length], [4, 0]);
    assert.deepEqual(notWhole, ['node n1 is not ready']);
  });

  it('takes for meant what may be, when it was so before', async () => {
    const { exitCode } = await play([a, b], { look: () => [lack('deployment/web', true)] });
    assert.equal(exitCode, 0);
    const after = await play([a, b], { look: (n) => (n === 1 ? [] : [lack('deployment/web', true)]) });
    assert.equal(after.exitCode, 6);
  });

  it('waits until the environment is whole again before the next drill', async () => {
    const { events, exitCode } = await play([a, b], { look: (n) => (n > 1 && n < 20 ? [lack('group peer-3')] : []) });
    assert.deepEqual(events, ['+a1', '-a1:0', 'waiting: group peer-3 is not ready', '+b1', '-b1:0']);
    assert.equal(exitCode, 0);
  });

  it('stops when a drill leaves it not whole, though its SLOs held: a human is needed', async () => {
    const { events, exitCode, notWhole, notRun, stopped } = await play([a, b], { look: (n) => (n > 1 ? [lack('group peer-3')] : []) });
    assert.deepEqual(events, ['+a1', '-a1:0', 'waiting: group peer-3 is not ready', 'not run b1']);
    assert.equal(exitCode, 6);
    assert.deepEqual(notWhole, ['group peer-3 is not ready']);
    assert.match(stopped, /^a left the environment not whole: group peer-3 is not ready$/);
    assert.equal(notRun[0]!.why, stopped);
  });

  it('looks after the last drill, too', async () => {
    assert.equal((await play([a], { look: (n) => (n > 1 ? [lack('node n1')] : []) })).exitCode, 6);
  });

  it('stops when a run left something that could not be undone, or its undo records are open', async () => {
    const notUndone = await play([a, b], { codes: { a: 6 } });
    assert.deepEqual([notUndone.exitCode, notUndone.notRun.length], [6, 1]);
    const open = await play([a, b], { codes: { a: 137 }, left: () => ['run x has left fault cut not undone; put back: firedrill recover x'] });
    assert.deepEqual([open.exitCode, open.notRun.length], [6, 1]);
    assert.match(open.notWhole[0]!, /put back: firedrill recover x/);
  });

  it('stops when the environment can not be looked at', async () => {
    const { exitCode, notWhole } = await play([a, b], {
      look: (n) => {
        if (n > 1) throw new Error('the API is gone');
        return [];
      },
    });
    assert.equal(exitCode, 6);
    assert.match(notWhole[0]!, /could not be looked at: the API is gone/);
  });

  it('waits for nothing after a run that was refused: it touched nothing', async () => {
    const { events, exitCode } = await play([a, b], { codes: { a: 3 }, look: (n) => (n === 2 ? [lack('node n1')] : []) });
    assert.deepEqual(events, ['+a1', '-a1:3', '+b1', '-b1:0', 'waiting: node n1 is not ready']);
    assert.equal(exitCode, 3);
  });

  it('ends what is under way when the time for the whole is over, and does not pass', async () => {
    const { events, exitCode, notRun, runs } = await play([a, b, c], { withinMs: 1.5 * minuteMs });
    assert.deepEqual(events, ['+a1', '-a1:0', '+b1', '-b1:4', 'not run c1']);
    assert.equal(exitCode, 4);
    assert.match(notRun[0]!.why, /the time for the whole, 90s, was over/);
    assert.match(runs[1]!.lastWords, /ended early and undone/);
  });

  it('needs no more than the time that it has', async () => {
    assert.equal((await play([a, b], { withinMs: 10 * minuteMs })).exitCode, 0);
  });

  it('ends with 130 on Ctrl-C, whatever broke before, and tells what was not run', async () => {
    const { events, exitCode, notRun } = await play([a, b, c], { codes: { a: 1 }, interruptAfterMs: 1.5 * minuteMs });
    assert.deepEqual(events, ['+a1', '-a1:1', '+b1', '-b1:130', 'not run c1']);
    assert.deepEqual([exitCode, notRun[0]!.why], [130, 'interrupted']);
  });

  it('begins nothing when Ctrl-C comes while it looks, and blames the environment for nothing', async () => {
    const interrupt = new AbortController();
    const hands: Hands = {
      clock: simulatedClock(),
      run: async () => assert.fail('nothing must be run'),
      look: async () => {
        interrupt.abort(new Error('Ctrl-C'));
        throw new Error('killed');
      },
      left: async () => [],
    };
    const driven = await drive({ drills: [a], hands, failFast: false, wholeWithinMs: 1_000, interrupt: interrupt.signal, onEvent: () => {} });
    assert.deepEqual([driven.exitCode, driven.notWhole, driven.notRun.length], [130, [], 1]);
  });

  it('does not wait out its patience after Ctrl-C', async () => {
    const { tookMs } = await play([a, b], { look: (n) => (n > 1 ? [lack('node n1')] : []), interruptAfterMs: 1.5 * minuteMs });
    assert.ok(tookMs < 2 * minuteMs, `${tookMs}`);
  });

  it('runs beside each other what may, in two environments, and each is looked at', async () => {
    const looked = new Set<string | null>();
    const two = [gateDrill('a'), gateDrill('b', { environment: 'x', beside: ['a'] }), gateDrill('c')];
    const { events, most, exitCode } = await play(two, {
      look: (_, environment) => {
        looked.add(environment);
        return [];
      },
    });
    assert.equal(most, 2);
    assert.deepEqual(events.slice(0, 2), ['+a1', '+b1']);
    assert.deepEqual(events.slice(-2), ['+c1', '-c1:0']);
    assert.deepEqual([exitCode, looked.size], [0, 2]);
  });

  it('has nothing to do with no drills', async () => {
    assert.deepEqual((await play([])).events, []);
  });
});
