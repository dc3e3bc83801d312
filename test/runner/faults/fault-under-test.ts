import assert from 'node:assert/strict';
import type { Fault, FaultPlan, InjectContext } from '../../../runner/fault.ts';
import { seeded } from '../../../runner/rng.ts';
import { sweep, type Swept } from '../../../runner/sweep.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { FakeAws } from './fake-aws.ts';

/** One fault on a platform of its own, by a simulated clock. */
export interface UnderTest {
  readonly aws: FakeAws;
  plan(spec?: Record<string, unknown>): Promise<FaultPlan>;
  inject(plan: FaultPlan, run?: string): Promise<void>;
  undo(plan: FaultPlan, run?: string): Promise<string>;
  /** Without the plan, as when the journal is lost. */
  sweep(): Promise<Swept>;
  /** What a human is told to type when the undo can't do it. */
  byHand(plan: FaultPlan): readonly string[];
  /** What was written to the journal, and who was not hit after all. */
  readonly notes: string[];
  readonly spared: string[];
}

// Each kind has a spec of its own, which its schema has read here.
// oxlint-disable-next-line typescript/no-explicit-any
export function underTest(fault: Fault<any>, aws = new FakeAws()): UnderTest {
  const clock = simulatedClock();
  const world = aws.world();
  const notes: string[] = [];
  const spared: string[] = [];
  const context = (run: string): InjectContext => ({
    kind: 'k',
    world,
    clock,
    run: { id: run, drill: 'd' },
    signal: new AbortController().signal,
    note: (text) => void notes.push(text),
    spare: (ids) => void spared.push(...ids),
  });
  return {
    aws,
    notes,
    spared,
    plan: ({ select, for: lastsMs, ...own } = {}) =>
      fault.plan({ id: 'f', kind: 'k', select, for: lastsMs, ...fault.schema.parse(own) }, { inventory: aws.inventory(), rng: seeded(1), world }),
    inject: (plan, run = 'run-1') => clock.until(fault.inject(plan, context(run))),
    undo: (plan, run = 'run-1') => clock.until(fault.undo!(plan.undo!, context(run))),
    sweep: () => clock.until(sweep({ world, kinds: { faults: { k: fault }, probes: {} }, clock, onUndone: () => {}, note: () => {} })),
    byHand: (plan) => fault.byHand!(plan.undo!, world.environment, context('run-1').run),
  };
}

/**
 * What every undo owes: all is as before after the injection, after an injection that broke off anywhere (before or after a
 * call took effect), after a second undo, and when nothing was injected. A sweep, which has no record, owes the same.
 *
 * @param ignore takes what a kill has taken out of the comparison
 */
// oxlint-disable-next-line typescript/no-explicit-any
export function undoesEverything(fault: Fault<any>, spec: Record<string, unknown>, ignore: (aws: FakeAws) => void = () => {}): void {
  const stateOf = (aws: FakeAws): unknown => {
    ignore(aws);
    return aws.state();
  };
  const undo = async (one: UnderTest, plan: FaultPlan): Promise<void> => void (await one.undo(plan));
  const swept = async (one: UnderTest): Promise<void> => assert.deepEqual((await one.sweep()).forHuman, []);
  const broken = async (fails: FakeAws['fails'], putBack: typeof undo): Promise<{ calls: number }> => {
    const one = underTest(fault);
    // Of another one just like it: what is taken out of the comparison has to be there for the plan.
    const before = stateOf(underTest(fault).aws);
    const plan = await one.plan(spec);
    one.aws.fails = fails;
    const injection = one.inject(plan);
    if (fails) await assert.rejects(injection);
    else await injection;
    const calls = one.aws.changes.length;
    one.aws.fails = undefined;
    await putBack(one, plan);
    assert.deepEqual(stateOf(one.aws), before, `all is as before ${JSON.stringify(fails)}`);
    const changes = one.aws.changes.length;
    await putBack(one, plan);
    assert.equal(one.aws.changes.length, changes, 'the second time changes nothing');
    return { calls };
  };

  for (const [who, putBack] of [['the undo', undo], ['a sweep without the record', swept]] as const) {
    it(`puts everything back by ${who}, and a second time changes nothing`, async () => {
      await broken(undefined, putBack);
    });

    it(`puts everything back by ${who}, wherever the injection broke off`, async () => {
      const { calls } = await broken(undefined, putBack);
      for (let at = 0; at < calls; at += 1) {
        await broken({ at, when: 'before' }, putBack);
        await broken({ at, when: 'after' }, putBack);
      }
    });
  }

  it('touches nothing when nothing was injected', async () => {
    const one = underTest(fault);
    await one.undo(await one.plan(spec));
    assert.deepEqual(one.aws.changes, []);
  });

  it("touches nothing that another run's tags are on", async () => {
    const one = underTest(fault);
    const plan = await one.plan(spec);
    await one.inject(plan);
    const changes = one.aws.changes.length;
    // A partition of another run is no ACL of ours: the undo says what a human must do, and touches nothing either.
    await one.undo(plan, 'run-2').catch((error: unknown) => assert.match(String(error), /does not carry our tags/));
    assert.equal(one.aws.changes.length, changes);
  });

  it('tells a human the commands that put everything back, when the undo can not', async () => {
    const one = underTest(fault);
    const commands = one.byHand(await one.plan(spec));
    assert.ok(commands.length > 0);
    for (const command of commands) assert.match(command, /^aws (ec2|autoscaling) [a-z-]+ --[a-z-]+ .*--region eu-west-1$|--region eu-west-1\) |^kubectl --kubeconfig \S+ --context staging /);
  });

  it('marks what it creates and changes with the run, the drill and an end', async () => {
    const one = underTest(fault);
    const plan = await one.plan(spec);
    await one.inject(plan);
    const text = JSON.stringify(one.aws.state());
    // Tags on AWS, annotations on Kubernetes.
    for (const tag of ['run":"run-1"', 'drill":"d"', 'expires":"2026-']) assert.ok(text.includes(`"firedrill:${tag}`) || text.includes(`"firedrill.dev/${tag}`), tag);
  });
}
