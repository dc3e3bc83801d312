import { formatDuration } from '../scenarios/duration.ts';
import type { FaultSpec, Scenario } from '../scenarios/schema.ts';
import { actFor } from './changes.ts';
import { withDeadline, type Clock } from './clock.ts';
import { longestFaultMs } from './drill-length.ts';
import { messageOf, Refused } from './errors.ts';
import type { Target, UndoRecord } from './fault.ts';
import { refusalsFor } from './guard.ts';
import type { Inventory } from './inventory.ts';
import type { Journal } from './journal-file.ts';
import { needsOf, type Kinds } from './kinds.ts';
import { lastsAtMost } from './lasts.ts';
import { describeSum, planFault, quorumSum, without, type Plan, type PlannedFault } from './plan.ts';
import { lookAt } from './prepare.ts';
import { undoFault } from './undo.ts';
import type { World } from './world.ts';

const injectDeadlineMs = 30_000;
/** A refusal may be a passing state (members that change leader at different moments): look again before believing it. */
const settle = { tries: 6, everyMs: 300 };

export interface InjectorInput {
  readonly scenario: Scenario;
  readonly plan: Plan;
  /** Nothing but what it says may be broken; without it, what the drill draws on the platform as it is then. */
  readonly approved?: Plan | undefined;
  /** The platform before the first fault. */
  readonly inventory: Inventory;
  readonly world: World;
  readonly allowProtected?: string | undefined;
  readonly kinds: Kinds;
  readonly seed: number;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly run: { readonly id: string; readonly drill: string };
  /** No injection starts once this aborts. */
  readonly stopping: AbortSignal;
  /** Waits until every probe is good again, as at the end of a recovery. Throws when that takes too long. */
  whole(signal: AbortSignal): Promise<void>;
}

/** Breaks what the drill says, when it says so, and remembers how to put it back. */
export class Injector {
  readonly #input: InjectorInput;
  readonly #hit: PlannedFault[] = [];
  readonly #open: { spec: FaultSpec; record: UndoRecord }[] = [];
  /** Ids of targets that were not hit after all. */
  readonly #spared = new Set<string>();
  readonly #leftBroken: string[] = [];
  /** By fault: takes back the clock's task that would undo it. */
  readonly #takeBack = new Map<string, () => void>();
  /** Injections and undos take turns: the guard's sum must not change under an injection. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(input: InjectorInput) {
    this.#input = input;
  }

  /** All that was hit so far, in order. */
  hit(): Target[] {
    return this.#hit.flatMap((fault) => fault.targets.filter(({ id }) => !this.#spared.has(id)));
  }

  hasOpen(): boolean {
    return this.#open.length > 0;
  }

  /** What could not be undone, with what a human must do. */
  leftBroken(): readonly string[] {
    return this.#leftBroken;
  }

  /**
   * Injects every fault at its time and undoes those with `for` when it is over.
   *
   * @throws the reason of `stopping`, Refused by the guard, or what the platform answered
   */
  async injectAll(): Promise<void> {
    const { scenario, clock } = this.#input;
    const startMs = clock.now();
    const started = new Map<string, Promise<void>>();
    const failed = new AbortController();
    const start = (spec: FaultSpec): Promise<void> => {
      const known = started.get(spec.id);
      if (known) return known;
      const before = spec.after === undefined ? undefined : start(scenario.faults.find((other) => other.id === spec.after)!);
      const signal = AbortSignal.any([this.#input.stopping, failed.signal]);
      const begun = (async () => {
        await before;
        const fromMs = before ? clock.now() : startMs;
        await clock.sleep(fromMs + (spec.at ?? 0) - clock.now(), signal);
        await (spec.rolling ? this.#injectOneByOne(spec, signal) : this.#inTurn(() => this.#inject(spec, signal)));
      })();
      started.set(spec.id, begun);
      return begun;
    };
    const whole = scenario.faults.map(async (spec) => {
      await start(spec);
      if (spec.for === undefined) return;
      await clock.sleep(spec.for, AbortSignal.any([this.#input.stopping, failed.signal]));
      await this.#inTurn(() => this.#undo(spec.id));
    });
    try {
      await Promise.all(whole);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(whole);
      throw error;
    }
  }

  /** Undoes all that is still open, last first. Never throws: see {@link leftBroken}. */
  async undoAll(): Promise<void> {
    await this.#inTurn(async () => {
      while (this.#open.length > 0) await this.#undo(this.#open.at(-1)!.spec.id);
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {
      // Whoever asked for this turn gets the error; the next turn must come all the same.
    });
    return mine;
  }

  async #inject(spec: FaultSpec, signal: AbortSignal): Promise<void> {
    const { journal, world, clock, kinds, run } = this.#input;
    const kind = kinds.faults[spec.kind]!;
    const { fault, inventory } = await this.#planLive(spec, signal);
    signal.throwIfAborted();

    const sum = quorumSum(fault.targets, inventory);
    const { says, targets, undo } = fault;
    journal.append('fault.intent', { fault: spec.id, kind: spec.kind, says, sum: sum ? describeSum(sum) : '', targets, undo });
    try {
      await journal.commit();
      signal.throwIfAborted();
    } catch (error) {
      // The record is written, and nothing has been touched: nobody may be sent to undo it.
      if (undo) journal.append('fault.undone', { fault: spec.id, verified: true, said: 'nothing to undo: it was not injected' });
      throw error;
    }
    this.#hit.push(fault);
    if (undo) this.#open.push({ spec, record: undo });
    try {
      await withDeadline(clock, injectDeadlineMs + (fault.waitsMs ?? 0), `injection of ${spec.id}`, (deadline) =>
        actFor({ fault: spec.id, during: 'inject' }, () =>
          kind.inject(fault, {
            world,
            clock,
            run,
            kind: spec.kind,
            signal: deadline,
            note: (text) => journal.append('note', { text }),
            spare: (ids) => ids.forEach((id) => this.#spared.add(id)),
          }),
        ),
      );
    } catch (error) {
      journal.append('fault.failed', { fault: spec.id, error: messageOf(error) });
      throw new Error(`fault ${spec.id} could not be injected: ${messageOf(error)}`, { cause: error });
    }
    const spared = targets.flatMap(({ id }) => (this.#spared.has(id) ? [id] : []));
    journal.append('fault.injected', { fault: spec.id, ...(spared.length > 0 ? { spared } : {}) });
    if (undo) this.#undoInTime(spec);
  }

  /** Whatever the drill still waits for, what has no `for` of its own ends when its time is over. */
  #undoInTime(spec: FaultSpec): void {
    if (spec.for !== undefined) return;
    const { clock, scenario, world, journal } = this.#input;
    const lastsMs = lastsAtMost(spec, scenario, world.environment);
    const undo = (): void => {
      if (!this.#open.some((open) => open.spec.id === spec.id)) return;
      journal.append('note', { text: `fault ${spec.id} has lasted ${formatDuration(lastsMs)}, the longest that is allowed: it is undone` });
      this.#inTurn(() => this.#undo(spec.id)).catch((error: unknown) => journal.append('note', { text: `undo of ${spec.id}: ${messageOf(error)}` }));
    };
    this.#takeBack.set(spec.id, clock.schedule(clock.now() + lastsMs, undo));
  }

  /** A rolling fault: each target on its own, planned and guarded when its turn comes. */
  async #injectOneByOne(spec: FaultSpec, signal: AbortSignal): Promise<void> {
    const { fault } = await this.#inTurn(() => this.#planLive(spec, signal));
    const { rolling: _rolling, ...once } = spec;
    for (const [index, { id, name }] of fault.targets.entries()) {
      if (index > 0) await this.#input.whole(signal);
      await this.#inTurn(() => this.#inject({ ...once, id: `${spec.id}/${name}`, select: { names: [id] } }, signal));
    }
  }

  /** Plans on the platform as it is now, and asks the guard about that. */
  async #planLive(spec: FaultSpec, signal: AbortSignal): Promise<{ fault: PlannedFault; inventory: Inventory }> {
    const { scenario, world, clock, kinds, seed, plan, approved, allowProtected, inventory: before } = this.#input;
    for (let attempt = 1; ; attempt += 1) {
      const { identity, inventory } = await lookAt(world, clock, needsOf({ faults: [spec] }, kinds), signal);
      const left = without(inventory, this.hit());
      const fault = await planFault({ spec, zones: plan.zones, world, kinds, inventory: left, seed });
      const refusals = refusalsFor({
        scenario,
        environment: world.environment,
        inventory,
        before,
        faults: [fault],
        hit: this.#hit,
        identity,
        approved,
        allowProtected,
        ownPlace: world.ownPlace,
        span: { wallMs: clock.wall(), takesMs: longestFaultMs(spec, fault, scenario.recovery) },
      });
      if (refusals.length === 0) return { fault, inventory };
      if (attempt === settle.tries) throw new Refused(refusals.map((reason) => `fault ${spec.id}: ${reason}`));
      await clock.sleep(settle.everyMs, signal);
    }
  }

  async #undo(id: string): Promise<void> {
    const index = this.#open.findIndex(({ spec }) => spec.id === id);
    if (index < 0) return;
    this.#takeBack.get(id)?.();
    const [{ spec, record }] = this.#open.splice(index, 1) as [{ spec: FaultSpec; record: UndoRecord }];
    const { journal, scenario, kinds, world, clock, run } = this.#input;
    const timeoutMs = scenario.recovery.undoTimeout;
    const note = (text: string): void => journal.append('note', { text });
    const undone = await undoFault({ id, fault: kinds.faults[spec.kind]!, record, world, clock, run, timeoutMs, note });
    journal.append('fault.undone', { fault: id, ...undone });
    if (!undone.verified) this.#leftBroken.push(`fault ${id}: ${undone.said}`);
  }
}
