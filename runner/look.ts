import { EtcdFailure } from './clients/etcd-failure.ts';
import type { EtcdListed, EtcdMemberClient, EtcdSelf } from './clients/etcd.ts';
import type { Ec2Instance } from './clients/ec2.ts';
import type { Cluster } from './cluster.ts';
import { ExpectedError, exitCodes, messageOf } from './errors.ts';
import type { EtcdMember, EtcdState, Group, Instance, Inventory } from './inventory.ts';
import { rolesOf } from './roles.ts';
import type { World } from './world.ts';

/** How long a member may take to be dialled, once, in milliseconds. */
const dialTimeoutMs = 3000;
const memberTimeoutMs = 3000;
/** Only members that have just answered are asked for the list, so this is for busy machines. */
const listTimeoutMs = 8000;
/** Members that are silent for this long already are not waited for: the guard looks again between two injections. */
const silenceMs = 800;
/** etcd's own words, and gRPC's for the same. */
const noCredentials = /authentication failed|authentication is not enabled|permission denied|user name is empty|PERMISSION_DENIED|UNAUTHENTICATED/;

/**
 * Looks at the whole platform, by its APIs. etcd members that don't answer are in it, with the reason.
 *
 * @param needs what is looked at only when somebody needs it
 * @param signal aborts the look
 * @throws ExpectedError when an API can't be asked, or no etcd member tells the member list
 */
export async function takeInventory(world: World, needs: Needs, signal?: AbortSignal): Promise<Inventory> {
  const { aws, etcd: asksEtcd, kubernetes } = world.environment;
  // Loading a library takes up to seconds in which no answer is read: all are loaded before anything is asked.
  await Promise.all([
    ...(aws ? [world.ec2(), world.autoScaling()] : []),
    ...(asksEtcd ? [world.etcd()] : []),
    ...(kubernetes && needs.kubernetes ? [world.kubernetes()] : []),
  ]);
  const [platform, etcd, cluster] = await Promise.all([
    aws ? lookAtAws(world, signal) : { instances: [], groups: [], volumes: [] },
    asksEtcd ? lookAtEtcd(world) : undefined,
    kubernetes && needs.kubernetes ? lookAtKubernetes(world, signal) : undefined,
  ]);
  signal?.throwIfAborted();
  return {
    ...platform,
    etcd: etcd && { ...etcd, members: withInstances(etcd.members, platform.instances) },
    ...(cluster ? { kubernetes: cluster } : {}),
  };
}

/** What has to be looked at besides AWS and etcd, which always are where the environment names them. */
export interface Needs {
  readonly kubernetes: boolean;
}

async function lookAtKubernetes(world: World, signal: AbortSignal | undefined): Promise<Cluster> {
  return (await world.kubernetes()).cluster({ signal });
}

async function lookAtAws(world: World, signal: AbortSignal | undefined): Promise<Omit<Inventory, 'etcd'>> {
  const [ec2, autoScaling] = await Promise.all([world.ec2(), world.autoScaling()]);
  const options = signal ? { signal } : {};
  const [instances, groups, volumes] = await Promise.all([
    ec2.instances(options),
    autoScaling.groups(options),
    ec2.volumes(options),
  ]);
  return { ...withRoles(instances, groups, world), volumes };
}

/** Gives instances and groups the roles of the environment file, and instances their group. */
export function withRoles(
  instances: readonly Ec2Instance[],
  groups: readonly Omit<Group, 'roles'>[],
  { environment: { roles } }: Pick<World, 'environment'>,
): { instances: Instance[]; groups: Group[] } {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((member) => [member.instanceId, group.name])));
  return {
    instances: instances.map((instance) => ({
      ...instance,
      roles: rolesOf(instance.tags, roles),
      group: groupOf.get(instance.id) ?? instance.tags['aws:autoscaling:groupName'],
    })),
    groups: groups.map((group) => ({ ...group, roles: rolesOf(group.tags, roles) })),
  };
}

/** Asks every endpoint for its status, and of those that answer the first for the member list. */
async function lookAtEtcd(world: World): Promise<EtcdState> {
  const fleet = await world.etcd();
  await fleet.warm(dialTimeoutMs);
  const answers = await fleet.statuses(memberTimeoutMs, silenceMs);
  const asked = fleet.members.map((client, index) => askedOf(client, answers[index]!));
  const answered = asked.filter((answer) => answer.status !== undefined);
  const listed = await (answered.length > 0
    ? firstList(answered.map(({ client }) => client), listTimeoutMs)
    : firstList(fleet.members, memberTimeoutMs));
  const clusterId = answered[0]?.status?.clusterId ?? '';
  return { clusterId, members: listed.map((member) => describe(member, asked)) };
}

interface Asked {
  readonly client: EtcdMemberClient;
  readonly status: EtcdSelf | undefined;
  readonly silence: string | undefined;
}

function askedOf(client: EtcdMemberClient, answer: EtcdSelf | EtcdFailure): Asked {
  if (answer instanceof EtcdFailure) return { client, status: undefined, silence: answer.message };
  return { client, status: answer, silence: undefined };
}

async function firstList(clients: readonly EtcdMemberClient[], timeoutMs: number): Promise<EtcdListed[]> {
  try {
    return await Promise.any(clients.map((client) => client.members(timeoutMs)));
  } catch (error) {
    const reasons = error instanceof AggregateError ? [...new Set(error.errors.map(messageOf))] : [messageOf(error)];
    const hosts = clients.map(({ host, port }) => `${host}:${port}`).join(', ');
    // The user has to mend that: it isn't tried again.
    if (reasons.every((reason) => noCredentials.test(reason))) {
      throw new ExpectedError(`etcd refuses our credentials at ${hosts} (${reasons.join('; ')}); check etcd.username and etcd.password in the environment file`, exitCodes.badInput, { cause: error });
    }
    throw new ExpectedError(`no etcd member answers at ${hosts} (${reasons.join('; ')}); check etcd.endpoints in the environment file`, exitCodes.inconclusive, { cause: error });
  }
}

function describe(member: EtcdListed, asked: readonly Asked[]): EtcdMember {
  const own = asked.find(({ client, status }) => status?.memberId === member.id || isEndpointOf(member, client));
  return {
    ...member,
    status: own?.status,
    silence: own ? own.silence : 'none of the endpoints in the environment file is this member',
    instanceId: undefined,
  };
}

/** Whether one of the URLs that the member gives to clients is this endpoint. */
export function isEndpointOf(member: EtcdListed, client: EtcdMemberClient): boolean {
  return member.clientUrls.some((url) => URL.parse(url)?.host === `${client.host}:${client.port}`);
}

/** Finds the machine of each member: by its host name, which is the machine's `Name` tag, or by its address. */
function withInstances(members: readonly EtcdMember[], instances: readonly Instance[]): EtcdMember[] {
  const alive = instances.filter((instance) => instance.state === 'running' || instance.state === 'pending');
  return members.map((member) => {
    const hosts = member.clientUrls.map((url) => URL.parse(url)?.hostname);
    const host = alive.find((instance) => hosts.includes(instance.name)) ?? alive.find((instance) => hosts.includes(instance.address));
    return { ...member, instanceId: host?.id };
  });
}
