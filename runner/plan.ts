import { formatDuration } from '../scenarios/duration.ts';
import type { FaultSpec, Scenario } from '../scenarios/schema.ts';
import type { Select, ZoneChoice } from '../scenarios/select.ts';
import { actFor } from './changes.ts';
import { ExpectedError } from './errors.ts';
import type { FaultPlan, Target } from './fault.ts';
import type { EtcdMember, Inventory } from './inventory.ts';
import type { Kinds } from './kinds.ts';
import { ownZone } from './own-place.ts';
import { seeded, seedFor } from './rng.ts';
import { describeSelect, leaderOf, matchInstances } from './select.ts';
import { matchPods, selectsPods } from './pod-selection.ts';
import type { World } from './world.ts';

/** What a drill would hit, and why that is safe. Plain data. */
export interface Plan {
  readonly faults: readonly PlannedFault[];
  readonly blastRadius: BlastRadius;
  readonly quorum: QuorumSum | null;
  /** The zone chosen for each `any`, by parameter. */
  readonly zones: Readonly<Record<string, string>>;
}

export interface PlannedFault extends FaultPlan {
  readonly id: string;
  readonly kind: string;
  /** When it starts, in words: `0s`, `1s`, `after zone`. */
  readonly when: string;
  /** Its targets are taken one after another, each when the last is whole again. */
  readonly rolling?: true;
}

export interface BlastRadius {
  readonly instances: number;
  /** Of Kubernetes; left out where none is hit. */
  readonly pods?: number;
  readonly nodes?: number;
  /** Zones in which nothing of the roles that are hit stays. */
  readonly zonesLost: readonly string[];
  /** Members down at the worst moment, those that were down before included. */
  readonly etcdMembersDown: number;
}

/** The quorum gate's sum: `voters - down - taken` must be at least `needed`. */
export interface QuorumSum {
  readonly voters: number;
  readonly down: number;
  readonly taken: number;
  readonly needed: number;
  readonly holds: boolean;
}

export interface PlanInput {
  readonly scenario: Scenario;
  readonly world: World;
  readonly kinds: Kinds;
  readonly inventory: Inventory;
  readonly seed: number;
}

/**
 * Works out what the drill would hit on the platform as it is now. Touches nothing. The same seed on the same inventory
 * gives the same targets.
 *
 * @throws ExpectedError when a selection matches nothing
 */
export async function makePlan({ scenario, world, kinds, inventory, seed }: PlanInput): Promise<Plan> {
  const zones = chooseZones(scenario, inventory, seed, ownZone(world.ownPlace, inventory));
  const faults: PlannedFault[] = [];
  let left = inventory;
  for (const spec of scenario.faults) {
    const fault = await planFault({ spec, zones, world, kinds, inventory: left, seed });
    faults.push(fault);
    left = without(left, fault.targets);
  }
  const targets = faults.flatMap((fault) => fault.targets);
  const quorum = quorumSum(faults.flatMap(takenAtOnce), inventory);
  const etcdMembersDown = quorum ? quorum.down + quorum.taken : 0;
  return { faults, zones, blastRadius: { ...blastRadiusOf(targets, inventory), etcdMembersDown }, quorum };
}

/** What a fault takes at any one moment: of a rolling one a single target, a member of etcd if there is one. */
export function takenAtOnce({ targets, rolling }: PlannedFault): readonly Target[] {
  if (!rolling) return targets;
  const one = targets.find(({ etcdMember }) => etcdMember !== undefined) ?? targets[0];
  return one ? [one] : [];
}

export interface FaultPlanInput extends Omit<PlanInput, 'scenario'> {
  readonly spec: FaultSpec;
  readonly zones: Plan['zones'];
}

/** Plans one fault on the platform as it is now; also called right before its injection. */
export async function planFault({ spec, zones, world, kinds, inventory, seed }: FaultPlanInput): Promise<PlannedFault> {
  const kind = kinds.faults[spec.kind];
  if (!kind) throw new ExpectedError(`fault ${spec.id}: there is no kind ${spec.kind}`);
  const rng = seeded(seedFor(seed, `fault ${spec.id}`));
  const plan = await actFor({ fault: spec.id, during: 'plan' }, () => kind.plan({ ...spec, ...withZones(spec, zones) }, { inventory, rng, world }));
  const own = { ...plan, id: spec.id, kind: spec.kind, when: whenOf(spec) };
  if (!spec.rolling) return own;
  const undone = plan.undo === null ? [] : ['rolling goes only with kinds that are not undone; use a fault for each'];
  return { ...own, rolling: true, objections: [...plan.objections, ...undone] };
}

/** The inventory as it will be when these are gone: what was hit once is not chosen again. */
export function without(inventory: Inventory, targets: readonly Target[]): Inventory {
  const gone = new Set(targets.map((target) => target.id));
  const { kubernetes } = inventory;
  return {
    ...inventory,
    instances: inventory.instances.filter((instance) => !gone.has(instance.id)),
    ...(kubernetes && {
      kubernetes: { ...kubernetes, pods: kubernetes.pods.filter(({ uid }) => !gone.has(uid)), nodes: kubernetes.nodes.filter((node) => !gone.has(node.uid)) },
    }),
  };
}

/** The selection of a fault or a probe with the zones that the plan chose in place of each `any`. */
export function withZones({ select }: { readonly select?: Select | undefined }, zones: Plan['zones']): { select?: Select } {
  if (!select) return {};
  const chosen = (zone: ZoneChoice | undefined): string | undefined => (typeof zone === 'object' ? zones[zone.any] : zone);
  const { zone, notZone, ...rest } = select;
  return {
    select: {
      ...rest,
      ...(zone === undefined ? {} : { zone: chosen(zone) }),
      ...(notZone === undefined ? {} : { notZone: chosen(notZone) }),
    },
  };
}

/** One zone for each `any`, among those in which the first that uses it (faults before probes) finds something. */
function chooseZones(scenario: Scenario, inventory: Inventory, seed: number, own: string | undefined): Record<string, string> {
  const zones: Record<string, string> = {};
  const faults = scenario.faults.map((spec) => ({ user: `fault ${spec.id}`, select: spec.select }));
  const probes = Object.entries(scenario.probes).map(([name, spec]) => ({ user: `probe ${name}`, select: spec.select }));
  for (const { user, select } of [...faults, ...probes]) {
    const { zone, notZone, ...rest } = select ?? {};
    for (const choice of [zone, notZone]) {
      if (typeof choice !== 'object' || zones[choice.any] !== undefined) continue;
      const candidates = [...new Set(zonesWith(rest, inventory))].filter((one) => one !== '').sort();
      // The harness stays out of what it breaks, where it can.
      const elsewhere = candidates.filter((one) => one !== own);
      const [drawn] = seeded(seedFor(seed, `zone ${choice.any}`)).sample(elsewhere.length > 0 ? elsewhere : candidates, 1);
      if (drawn === undefined) throw new ExpectedError(`${user}: no zone has anything that matches ${describeSelect(rest)}`);
      zones[choice.any] = drawn;
    }
  }
  return zones;
}

/** The zones of what a selection means: pods where it says so, else machines, nodes where it names none. */
function zonesWith(select: Select, { kubernetes, ...inventory }: Inventory): string[] {
  if (selectsPods(select)) return kubernetes ? matchPods(kubernetes, select).map(({ zone }) => zone) : [];
  const bare = select.role === undefined && select.tags === undefined && select.leader === undefined && select.follower === undefined;
  if (kubernetes && bare) return kubernetes.nodes.map(({ zone }) => zone);
  return matchInstances(inventory, select).map(({ zone }) => zone);
}

function whenOf(spec: FaultSpec): string {
  const at = `${formatDuration(spec.at ?? 0)}${spec.rolling ? ', one by one' : ''}`;
  if (spec.after === undefined) return at;
  return spec.at === undefined ? `after ${spec.after}` : `${at} after ${spec.after}`;
}

/**
 * How far these targets reach.
 *
 * @param inventory as it was before anything of the drill was broken
 */
export function blastRadiusOf(targets: readonly Target[], inventory: Inventory): BlastRadius {
  const hit = new Set(targets.map((target) => target.id));
  const different = (concerns: (target: Target) => boolean): number => new Set(targets.filter(concerns).map(({ id }) => id)).size;
  const roles = new Set(targets.flatMap((target) => target.roles));
  const nodeIds = new Set(targets.some(isNode) ? inventory.kubernetes?.nodes.map(({ instanceId }) => instanceId) : []);
  const machines = targets.filter(({ kind }) => kind === 'instance');
  const zones = [...new Set(machines.map((target) => target.zone))].sort();
  const zonesLost = zones.filter((zone) =>
    inventory.instances.every((instance) => {
      const alike = nodeIds.has(instance.id) || instance.roles.some((role) => roles.has(role));
      const concerned = instance.zone === zone && instance.state === 'running' && alike;
      return !concerned || hit.has(instance.id);
    }),
  );
  const sum = quorumSum(targets, inventory);
  const pods = different(({ kind }) => kind === 'pod') + targets.reduce((total, { takes = 0 }) => total + takes, 0);
  const nodes = different(isNode);
  return {
    instances: different(({ kind }) => kind === 'instance'),
    ...(pods > 0 ? { pods } : {}),
    ...(nodes > 0 ? { nodes } : {}),
    zonesLost,
    etcdMembersDown: sum ? sum.down + sum.taken : 0,
  };
}

function isNode({ kind, node }: Target): boolean {
  return kind === 'node' || (kind === 'instance' && node !== undefined);
}

/**
 * The quorum gate: of `voters`, those not healthy now and those to be taken are gone; a majority of all must stay.
 *
 * @returns null when the environment has no etcd
 */
export function quorumSum(targets: readonly Target[], inventory: Inventory): QuorumSum | null {
  if (!inventory.etcd) return null;
  const voters = inventory.etcd.members.filter((member) => !member.learner);
  const healthy = voters.filter((member) => isHealthy(member, inventory));
  const taken = healthy.filter((member) => targets.some(({ etcdMember, id }) => etcdMember === member.id || id === member.instanceId)).length;
  const down = voters.length - healthy.length;
  const needed = Math.floor(voters.length / 2) + 1;
  return { voters: voters.length, down, taken, needed, holds: voters.length - down - taken >= needed };
}

/**
 * A member counts when it answers and follows the leader that most follow. While no member knows a leader (an election),
 * answering is enough.
 */
export function isHealthy(member: EtcdMember, inventory: Inventory): boolean {
  if (member.learner || !member.status) return false;
  return member.status.leader === leaderOf(inventory);
}

/** The sum as people write it. */
export function describeSum(sum: QuorumSum): string {
  const stay = sum.voters - sum.down - sum.taken;
  const { voters, down, taken, needed } = sum;
  return `${voters} voters - ${down} not healthy - ${taken} to be taken = ${stay}, and quorum needs ${needed}`;
}
