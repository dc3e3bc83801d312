import type { Limits, Scenario } from '../scenarios/schema.ts';
import type { Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';
import { blastRadiusOf, describeSum, quorumSum, takenAtOnce, type PlannedFault } from './plan.ts';

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
}

/** Whose platform this is, as its APIs tell. Undefined: not asked for by the environment file. */
export interface Identity {
  readonly accountId: string | undefined;
  readonly etcdClusterId: string | undefined;
}

type Refusal = (input: GuardInput) => string | readonly string[] | undefined;

/** Every reason to refuse. What can't be worked out is a reason too. */
const refusals: readonly Refusal[] = [
  protectedEnvironment,
  otherAccount,
  otherCluster,
  objectionsOfFaults,
  bystandersHit,
  tooManyZones,
  tooManyInstances,
  tooManyMembersDown,
  quorumLost,
];

/** Why these faults must not be injected now. Empty: go ahead. */
export function refusalsFor(input: GuardInput): string[] {
  return refusals.flatMap((refusal) => refusal(input) ?? []);
}

function protectedEnvironment({ environment }: GuardInput): string | undefined {
  if (!environment.protected) return undefined;
  return `environment ${environment.name} is protected; drills are run in environments that are not`;
}

function otherAccount({ environment, identity }: GuardInput): string | undefined {
  if (!environment.aws || identity.accountId === environment.aws.accountId) return undefined;
  return `the credentials belong to AWS account ${identity.accountId ?? '(unknown)'}, the environment file names ${environment.aws.accountId}`;
}

function otherCluster({ environment, identity }: GuardInput): string | undefined {
  if (!environment.etcd || identity.etcdClusterId === environment.etcd.clusterId) return undefined;
  return `the endpoints are those of etcd cluster ${identity.etcdClusterId ?? '(unknown)'}, the environment file names ${environment.etcd.clusterId}`;
}

function objectionsOfFaults({ faults }: GuardInput): readonly string[] {
  return faults.flatMap((fault) => fault.objections.map((objection) => `fault ${fault.id}: ${objection}`));
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

function tooManyZones(input: GuardInput): string | undefined {
  const limit = tightest(input, 'zones');
  const { zonesLost } = blastRadius(input);
  if (limit === undefined || zonesLost.length <= limit) return undefined;
  return `${count(zonesLost.length, 'zone')} would be lost (${zonesLost.join(', ')}), limits.zones is ${limit}`;
}

function tooManyInstances(input: GuardInput): string | undefined {
  const limit = tightest(input, 'instances');
  const { instances } = blastRadius(input);
  if (limit === undefined || instances <= limit) return undefined;
  return `${count(instances, 'instance')} would be hit, limits.instances is ${limit}`;
}

function tooManyMembersDown(input: GuardInput): string | undefined {
  const limit = tightest(input, 'etcdMembersDown');
  const sum = quorumSum(input.faults.flatMap(takenAtOnce), input.inventory);
  if (limit === undefined || !sum || sum.down + sum.taken <= limit) return undefined;
  const down = sum.down + sum.taken;
  return `${count(down, 'etcd member')} would be down (${sum.down} not healthy now + ${sum.taken} to be taken), limits.etcdMembersDown is ${limit}`;
}

function quorumLost({ scenario, environment, faults, inventory }: GuardInput): string | undefined {
  const takes = targetsOf(faults).length > 0;
  if (!environment.etcd || !takes || scenario.limits.quorumLoss === 'expected') return undefined;
  const sum = quorumSum(faults.flatMap(takenAtOnce), inventory);
  if (!sum) return 'the quorum sum could not be worked out: etcd did not tell its members';
  if (sum.holds) return undefined;
  return `etcd would lose quorum: ${describeSum(sum)}; a drill that means to says limits.quorumLoss: expected`;
}

function blastRadius({ faults, hit, before }: GuardInput): ReturnType<typeof blastRadiusOf> {
  return blastRadiusOf(targetsOf([...hit, ...faults]), before);
}

function targetsOf(faults: readonly PlannedFault[]): PlannedFault['targets'] {
  return faults.flatMap((fault) => fault.targets);
}

/** The drill's own limit or the environment's, whichever is tighter. */
function tightest({ scenario, environment }: GuardInput, key: Exclude<keyof Limits, 'quorumLoss' | 'bystanders'>): number | undefined {
  const given = [scenario.limits[key], environment.limits[key]].filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
