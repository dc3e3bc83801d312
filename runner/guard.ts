import { formatDuration } from '../scenarios/duration.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { outsideHours, type Span } from './calendar.ts';
import { etcdRateRefusal, type EtcdDemand } from './consistency-workload/leash.ts';
import type { Environment } from './environment.ts';
import type { Target } from './fault.ts';
import { isSameFault } from './fingerprint.ts';
import { awsRefusals, type Identity } from './identity.ts';
import { groupSums, passesShare } from './group-sum.ts';
import type { Inventory } from './inventory.ts';
import { listed, offTheLeash } from './leash.ts';
import { hitsItself, type OwnPlace } from './own-place.ts';
import { blastRadiusOf, describeSum, isHealthy, quorumSum, takenAtOnce, type Plan, type PlannedFault } from './plan.ts';
import { trafficRefusals, type TrafficDemand } from './traffic/leash.ts';
import { untold } from './untold.ts';
import { mostAway, workloadSums } from './workload-sum.ts';

/** What the guard looks at. All of it is live: read from the platform just before. */
export interface GuardInput {
  readonly scenario: Scenario;
  readonly environment: Environment;
  /** The platform as it is now. */
  readonly inventory: Inventory;
  /** What is about to be broken: the whole plan before the run, one fault before its injection. */
  readonly faults: readonly PlannedFault[];
  /** What the faults before have broken already; none before the run. */
  readonly hit: readonly PlannedFault[];
  /** The platform as it was before the first fault; the same as `inventory` before the run. */
  readonly before: Inventory;
  readonly identity: Identity;
  /** What the platform does not grant, each a line for people. */
  readonly shortcomings?: readonly string[];
  /** The plan that somebody has approved, once the run has begun with it. */
  readonly approved?: Plan | undefined;
  /** The environment's name as the user typed it with --allow-protected. */
  readonly allowProtected?: string | undefined;
  /** What the drill would send; looked at before the run, as it does not change. */
  readonly traffic?: readonly TrafficDemand[];
  /** What it would ask of etcd, beside its usual probes; likewise. */
  readonly asksEtcd?: readonly EtcdDemand[];
  /** Where the harness itself stands, when it is a pod. */
  readonly ownPlace?: OwnPlace | undefined;
  /** Now, and how long it may take from now until all has recovered. */
  readonly span?: Span | undefined;
}

type Refusal = (input: GuardInput) => string | readonly string[] | undefined;

/** Every reason to refuse. What can't be worked out is a reason too. */
const refusals: readonly Refusal[] = [
  protectedEnvironment,
  otherAccountOrRegion,
  otherCluster,
  otherKubernetes,
  rightsMissing,
  notAsApproved,
  outOfHours,
  objectionsOfFaults,
  lastsTooLong,
  bystandersHit,
  deniedOrNotOptedIn,
  ownPlaceHit,
  tooManyZones,
  tooManyInstances,
  tooMuchOfGroup,
  tooManyMembersDown,
  quorumLost,
  clusterNotKnown,
  namespaceNotAllowed,
  namespaceTerminating,
  tooManyPods,
  tooManyNodes,
  tooManyPodsOfWorkload,
  trafficNotAllowed,
  etcdAskedTooOften,
];

const selectLess = 'select less, or change the limit';
const lookAgain = 'look again: firedrill plan';

/** Why these faults must not be injected now. Empty: go ahead. */
export function refusalsFor(input: GuardInput): string[] {
  return refusals.flatMap((refusal) => refusal(input) ?? []);
}

/** Whoever types another name means another environment, protected or not. */
function protectedEnvironment({ environment: { name, protected: isProtected }, allowProtected }: GuardInput): string | undefined {
  if (allowProtected !== undefined && allowProtected !== name) {
    return `--allow-protected names ${allowProtected || 'nothing'}, and this is environment ${name}; look again which environment file you mean`;
  }
  if (!isProtected || allowProtected === name) return undefined;
  return `environment ${name} is protected; run it where nothing is at stake, or type --allow-protected ${name}`;
}

function otherAccountOrRegion({ environment, identity }: GuardInput): string[] {
  return awsRefusals(environment, identity);
}

function otherCluster({ environment, identity }: GuardInput): string | undefined {
  if (!environment.etcd || identity.etcdClusterId === environment.etcd.clusterId) return undefined;
  return `the endpoints are those of etcd cluster ${identity.etcdClusterId || '(unknown)'}, the environment file names ${environment.etcd.clusterId}; check etcd.endpoints`;
}

function otherKubernetes({ environment, inventory, identity }: GuardInput): string | undefined {
  const named = environment.kubernetes?.clusterUid;
  // Not looked at: then nothing here touches it.
  if (named === undefined || !inventory.kubernetes || identity.clusterUid === named) return undefined;
  return `context ${environment.kubernetes?.context} leads to Kubernetes cluster ${identity.clusterUid || '(unknown)'}, the environment file names ${named}; check kubernetes.kubeconfig and kubernetes.context`;
}

function outOfHours({ environment, span }: GuardInput): string[] {
  return outsideHours(environment, span);
}

/** Those of the undo count as those of the injection do: what can't be put back must not be broken. */
function rightsMissing({ shortcomings = [] }: GuardInput): readonly string[] {
  return shortcomings;
}

/** One of a rolling fault's targets, planned on its own, is among those that were approved. */
function notAsApproved({ approved, faults }: GuardInput): string[] {
  if (!approved) return [];
  return faults.flatMap((fault) => {
    const was = approved.faults.find(({ id, rolling }) => id === fault.id || (rolling && fault.id.startsWith(`${id}/`)));
    const isApproved = was?.rolling ? fault.targets.every(({ id }) => was.targets.some((target) => target.id === id)) : was && isSameFault(was, fault);
    if (isApproved) return [];
    return [`fault ${fault.id} is not what was approved any more: it would now ${fault.says}; approved was: ${was?.says ?? 'no such fault'}; ${lookAgain}`];
  });
}

function objectionsOfFaults({ faults }: GuardInput): readonly string[] {
  return faults.flatMap((fault) => fault.objections.map((objection) => `fault ${fault.id}: ${objection}`));
}

/** Only what has to be undone lasts. */
function lastsTooLong({ scenario, environment, faults }: GuardInput): string[] {
  const { maxFaultMinutes } = environment;
  if (maxFaultMinutes === undefined) return [];
  return faults.flatMap(({ id, undo }) => {
    const lasts = scenario.faults.find((spec) => spec.id === id)?.for;
    if (undo === null || lasts === undefined || lasts <= maxFaultMinutes * 60_000) return [];
    return [`fault ${id} would last ${formatDuration(lasts)}, and environment ${environment.name} allows ${maxFaultMinutes} min (maxFaultMinutes); give the fault a shorter "for"`];
  });
}

/** Instances that no fault selects but that stand in the way. */
function bystandersHit({ scenario, faults }: GuardInput): string[] {
  const allowed = scenario.limits.bystanders ?? [];
  return faults.flatMap((fault) => {
    const others = (fault.bystanders ?? []).filter(({ roles }) => !roles.some((role) => allowed.includes(role)));
    if (others.length === 0) return [];
    const who = others.map(({ name, id, roles }) => `${name} (${id}, ${roles.join(', ') || 'no role'})`).join(', ');
    return [`fault ${fault.id} would hit ${who} as well, which its selection does not mean; allow them by role with limits.bystanders`];
  });
}

function deniedOrNotOptedIn({ environment, faults, inventory }: GuardInput): string[] {
  return faults.flatMap((fault) => offTheLeash(fault, environment, inventory));
}

/** Where it stands is known from before: what is broken by now may be what tells. */
function ownPlaceHit(input: GuardInput): string[] {
  const { ownPlace, environment, faults, inventory, before } = input;
  const { zonesLost } = blastRadius(input);
  const seen = { ...inventory, kubernetes: inventory.kubernetes ?? before.kubernetes };
  return [...new Set(faults.flatMap((fault) => hitsItself(fault, zonesLost, ownPlace, environment, seen)))];
}

function tooManyZones(input: GuardInput): string | undefined {
  const limit = tightest(input, 'zones');
  if (limit === undefined) return undefined;
  const { zonesLost } = blastRadius(input);
  const lost = targetsOf(input.faults).filter(({ kind, zone }) => kind === 'instance' && zone === '');
  if (lost.length > 0) return `the zone of ${listed(lost.map(({ name }) => name))} is not known, and limits.zones is ${limit}; ${lookAgain}`;
  if (zonesLost.length <= limit) return undefined;
  return `${count(zonesLost.length, 'zone')} would be lost (${zonesLost.join(', ')}), limits.zones is ${limit}; ${selectLess}`;
}

function tooManyInstances(input: GuardInput): string | undefined {
  const limit = tightest(input, 'instances');
  const { instances } = blastRadius(input);
  if (limit === undefined || instances <= limit) return undefined;
  return `${count(instances, 'instance')} would be hit, limits.instances is ${limit}; ${selectLess}`;
}

/** All of a group of one is 100 %: whoever has such groups and means to hit them sets no percentage, or that one. */
function tooMuchOfGroup({ scenario, environment, faults, hit, inventory }: GuardInput): string[] {
  const given = [scenario.limits.groupPercent, environment.limits.groupPercent].filter((share) => share !== undefined);
  const limit = given.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b))[0];
  if (limit === undefined) return [];
  const { sums, unknown } = groupSums(faults, hit, inventory);
  return [
    ...unknown.map((what) => `how much of its group would be away is not known for ${what}, and limits.groupPercent is ${limit}; ${lookAgain}`),
    ...sums
      .filter((sum) => sum.taken > 0 && passesShare(sum, limit))
      .map(({ group, size, down, taken }) => `${down + taken} of ${count(size, 'instance')} of group ${group} would be away (${down} not in service now + ${taken} to be taken), limits.groupPercent is ${limit}; ${selectLess}`),
  ];
}

function tooManyMembersDown(input: GuardInput): string | undefined {
  const limit = tightest(input, 'etcdMembersDown');
  const sum = quorumSum(input.faults.flatMap(takenAtOnce), input.inventory);
  if (limit === undefined || (!sum && !input.environment.etcd)) return undefined;
  if (!sum) return `how many etcd members would be down is not known, and limits.etcdMembersDown is ${limit}; ${lookAgain}`;
  const doubtful = mayHostMembers(input.faults.flatMap(takenAtOnce), input.inventory);
  const down = sum.down + sum.taken;
  if (down + doubtful <= limit) return undefined;
  if (down <= limit) return `${count(down + doubtful, 'etcd member')} might be down, as it is not known on which machines ${doubtful} of them are, and limits.etcdMembersDown is ${limit}; ${selectLess}`;
  return `${count(down, 'etcd member')} would be down (${sum.down} not healthy now + ${sum.taken} to be taken), limits.etcdMembersDown is ${limit}; ${selectLess}`;
}

function quorumLost({ scenario, environment, faults, inventory }: GuardInput): string | undefined {
  const takes = targetsOf(faults).length > 0;
  if (!environment.etcd || !takes || scenario.limits.quorumLoss === 'expected') return undefined;
  const sum = quorumSum(faults.flatMap(takenAtOnce), inventory);
  if (!sum) return `the quorum sum could not be worked out: etcd did not tell its members; ${lookAgain}`;
  if (!sum.holds) return `etcd would lose quorum: ${describeSum(sum)}; a drill that means to says limits.quorumLoss: expected`;
  const doubtful = mayHostMembers(faults.flatMap(takenAtOnce), inventory);
  if (sum.voters - sum.down - sum.taken - doubtful >= sum.needed) return undefined;
  return `etcd might lose quorum: ${describeSum(sum)}, but ${count(doubtful, 'more voter')} may be on the machines to be hit, as it is not known where they are; give members host names that are the Name tags of their machines, or a drill that means to says limits.quorumLoss: expected`;
}

/** How many healthy voters whose machines nobody knows may be on machines that host none that is known. */
function mayHostMembers(targets: readonly Target[], inventory: Inventory): number {
  const homeless = inventory.etcd?.members.filter(
    (member) => !member.learner && member.instanceId === undefined && isHealthy(member, inventory) && !targets.some(({ etcdMember }) => etcdMember === member.id),
  );
  return Math.min(homeless?.length ?? 0, targets.filter(({ kind, etcdMember }) => kind === 'instance' && etcdMember === undefined).length);
}

function clusterNotKnown({ inventory, faults }: GuardInput): string[] {
  return faults.flatMap(({ id, targets }) => untold(targets, inventory.kubernetes).map((what) => `fault ${id} would hit ${what}; ${lookAgain}`));
}

function namespaceNotAllowed({ scenario, environment, faults }: GuardInput): string[] {
  const allowed = environment.kubernetes?.namespaces;
  if (!allowed) return [];
  const may = new Set([...allowed, ...(scenario.limits.namespaces ?? [])]);
  return faults.flatMap(({ id, targets }) => {
    const outside = targets.filter(({ namespace }) => namespace !== undefined && !may.has(namespace));
    if (outside.length === 0) return [];
    const which = [...new Set(outside.map(({ namespace }) => namespace))].join(', ');
    return [
      `fault ${id} would hit ${listed(outside.map(({ name }) => name))} in ${which}, and environment ${environment.name} allows ${allowed.join(', ') || 'no namespace'}; ` +
        'a drill that means to says limits.namespaces',
    ];
  });
}

function namespaceTerminating({ inventory, faults }: GuardInput): string[] {
  const ending = inventory.kubernetes?.namespaces.filter(({ terminating }) => terminating).map(({ name }) => name) ?? [];
  const hit = new Set(targetsOf(faults).flatMap(({ namespace }) => namespace ?? []));
  return ending.filter((name) => hit.has(name)).map((name) => `namespace ${name} is terminating: nothing that is broken there would come back; select another`);
}

function tooManyPods(input: GuardInput): string | undefined {
  const limit = tightest(input, 'pods');
  const { pods = 0 } = blastRadius(input);
  if (limit === undefined || pods <= limit) return undefined;
  return `${count(pods, 'pod')} would be hit, limits.pods is ${limit}; ${selectLess}`;
}

function tooManyNodes(input: GuardInput): string | undefined {
  const limit = tightest(input, 'nodes');
  const { nodes = 0 } = blastRadius(input);
  if (limit === undefined || nodes <= limit) return undefined;
  return `${count(nodes, 'node')} would be hit, limits.nodes is ${limit}; ${selectLess}`;
}

/** A drill has to say that it takes every replica of something; the environment may forbid that it says so. */
function tooManyPodsOfWorkload({ scenario, environment, faults, inventory }: GuardInput): string[] {
  if (!inventory.kubernetes) return [];
  const limits = [scenario.limits.podsOfWorkload, ...(environment.limits.podsOfWorkload === undefined ? [] : [environment.limits.podsOfWorkload])];
  return workloadSums(faults.flatMap(takenAtOnce), inventory.kubernetes).flatMap(({ namespace, ref, desired, down, taken }) => {
    const away = down + taken;
    const broken = limits.find((limit) => away > mostAway(limit, desired));
    if (taken === 0 || !limits.some((limit) => away > mostAway(limit, desired))) return [];
    const sum = `${away} of ${desired} pods of ${ref} in ${namespace} would be away (${down} not ready now + ${taken} to be taken)`;
    return [broken === undefined ? `${sum}, and none would stay; a drill that means to says limits.podsOfWorkload: all` : `${sum}, limits.podsOfWorkload is ${broken}; ${selectLess}`];
  });
}

function trafficNotAllowed({ traffic = [], environment, span }: GuardInput): string[] {
  return trafficRefusals(traffic, environment, span?.takesMs);
}

function etcdAskedTooOften({ asksEtcd = [], environment }: GuardInput): string | undefined {
  return etcdRateRefusal(asksEtcd, environment);
}

function blastRadius({ faults, hit, before }: GuardInput): ReturnType<typeof blastRadiusOf> {
  return blastRadiusOf(targetsOf([...hit, ...faults]), before);
}

function targetsOf(faults: readonly PlannedFault[]): PlannedFault['targets'] {
  return faults.flatMap((fault) => fault.targets);
}

/** The drill's own limit or the environment's, whichever is tighter. */
function tightest({ scenario, environment }: GuardInput, key: 'zones' | 'instances' | 'etcdMembersDown' | 'pods' | 'nodes'): number | undefined {
  const given = [scenario.limits[key], environment.limits[key]].filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
