import type { Scenario } from '../scenarios/schema.ts';
import { withDeadline, type Clock } from './clock.ts';
import { etcdDemandsOf } from './consistency-workload/leash.ts';
import { longestDrillMs } from './drill-length.ts';
import { ExpectedError, exitCodes, messageOf } from './errors.ts';
import { refusalsFor } from './guard.ts';
import { askAws, withGroups, type Identity } from './identity.ts';
import type { Inventory } from './inventory.ts';
import { asksForPods } from './leash.ts';
import { needsOf, type Kinds } from './kinds.ts';
import { takeInventory, type Needs } from './look.ts';
import { mayStandIn } from './own-place.ts';
import { makePlan, quorumSum, type Plan } from './plan.ts';
import { demandsOf } from './traffic/demands.ts';
import { vantageWarnings } from './traffic/vantage.ts';
import type { World } from './world.ts';

/** One look; how long failed looks are tried again, and the pause between two. */
const lookDeadlineMs = 30_000;
const lookForMs = 30_000;
const lookAgainAfterMs = 300;

/** How often etcd is looked at before a member counts as not healthy, and the pause between two looks. */
const looksInDoubt = 3;
const doubtForMs = 700;

/** A drill that is ready to run, as far as can be told without touching anything. */
export interface Prepared {
  readonly identity: Identity;
  readonly inventory: Inventory;
  readonly plan: Plan;
  /** Why it must not run; empty when it may. */
  readonly refusals: readonly string[];
  /** What is worth thinking about, and no reason to refuse; left out where there is nothing. */
  readonly warnings?: readonly string[];
  /** The environment's name as the user typed it, for one that is protected. */
  readonly allowProtected?: string | undefined;
}

/**
 * Looks at the platform, plans, and asks the guard. Touches nothing.
 *
 * @throws ExpectedError when the platform can't be reached (exit 4) or a selection matches nothing (exit 2)
 */
export async function prepare(input: {
  scenario: Scenario;
  world: World;
  kinds: Kinds;
  seed: number;
  clock: Clock;
  /** Asks the platform what it does not grant, for these instances; not asked when left out. */
  shortcomings?: (targets: readonly string[]) => Promise<readonly string[]>;
  allowProtected?: string | undefined;
}): Promise<Prepared> {
  const { scenario, world, kinds, clock, allowProtected } = input;
  const needs = { kubernetes: needsOf(scenario, kinds).kubernetes || mayStandIn(world.ownPlace, world.environment) };
  const { identity, inventory } = await lookCalmly(world, clock, needs);
  const plan = await makePlan({ ...input, inventory });
  const shortcomings = await patiently(world, clock, async () => (await input.shortcomings?.(instancesOf(plan, inventory))) ?? []);
  const refusals = refusalsFor({
    scenario,
    environment: world.environment,
    inventory,
    before: inventory,
    faults: plan.faults,
    hit: [],
    identity,
    shortcomings,
    allowProtected,
    traffic: demandsOf(scenario, kinds),
    asksEtcd: etcdDemandsOf(scenario, kinds),
    ownPlace: world.ownPlace,
    span: { wallMs: clock.wall(), takesMs: longestDrillMs(scenario, plan.faults) },
  });
  const warnings = vantageWarnings(scenario, plan);
  return { identity, inventory, plan, refusals, ...(warnings.length > 0 ? { warnings } : {}), ...(allowProtected === undefined ? {} : { allowProtected }) };
}

/** The ids of the instances that a plan is about, by themselves or as nodes. */
function instancesOf({ faults }: Plan, { kubernetes }: Inventory): string[] {
  const targets = faults.flatMap((fault) => fault.targets);
  const byNode = new Map(kubernetes?.nodes.map(({ uid, instanceId }) => [uid, instanceId]));
  return [...new Set(targets.flatMap(({ kind, id }) => (kind === 'instance' ? id : (byNode.get(id) ?? []))))];
}

/**
 * Nothing is broken yet: a member that is silent, or follows nobody, may only have been late for a harness that was busy
 * starting, or be in the middle of an election. It is looked at again before a drill is refused for it.
 */
async function lookCalmly(world: World, clock: Clock, needs: Needs): Promise<{ identity: Identity; inventory: Inventory }> {
  for (let look = 1; ; look += 1) {
    const seen = await lookAt(world, clock, needs);
    if (look === looksInDoubt || (quorumSum([], seen.inventory)?.down ?? 0) === 0) return seen;
    await clock.sleep(doubtForMs);
  }
}

/**
 * The platform as it is now, and whose it is. A look that fails is tried again for a while: an API that throttles, a name
 * server that is slow for a moment are no reason to give up.
 *
 * @throws ExpectedError when it can't be told; the reason of `stop` when that aborts
 */
export async function lookAt(world: World, clock: Clock, needs: Needs, stop?: AbortSignal): Promise<{ identity: Identity; inventory: Inventory }> {
  return patiently(world, clock, look, stop);

  async function look(signal: AbortSignal): Promise<{ identity: Identity; inventory: Inventory }> {
    // Loaded before anything is asked, as all that takeInventory needs.
    if (world.environment.aws) await Promise.all([world.sts(), world.ec2()]);
    const [asked, inventory] = await Promise.all([world.environment.aws ? askAws(world, signal) : undefined, takeInventory(world, { kubernetes: needs.kubernetes || asksForPods(world.environment) }, signal)]);
    const aws = asked ? withGroups(asked, inventory) : { accountId: undefined };
    return { inventory, identity: { ...aws, etcdClusterId: inventory.etcd?.clusterId, clusterUid: inventory.kubernetes?.uid } };
  }
}

/** Tries again while it may be weather: see {@link lookAt}. */
async function patiently<T>(world: World, clock: Clock, look: (signal: AbortSignal) => Promise<T>, stop?: AbortSignal): Promise<T> {
  const untilMs = clock.now() + lookForMs;
  for (;;) {
    try {
      return await withDeadline(clock, lookDeadlineMs, `environment ${world.environment.name}`, look, stop);
    } catch (error) {
      stop?.throwIfAborted();
      // What the user has to mend doesn't mend itself.
      if (error instanceof ExpectedError && error.exitCode === exitCodes.badInput) throw error;
      if (clock.now() < untilMs) {
        await clock.sleep(lookAgainAfterMs, stop);
        continue;
      }
      if (error instanceof ExpectedError) throw error;
      throw new ExpectedError(`the platform could not be looked at: ${messageOf(error)}`, exitCodes.inconclusive, { cause: error });
    }
  }
}
