import type { Select } from '../scenarios/select.ts';
import type { Cluster, Pod } from './cluster.ts';
import type { EtcdMember, Instance, Inventory } from './inventory.ts';
import { shortName } from './roles.ts';
import { leaderOf, matchesLeadership } from './select.ts';
import type { World } from './world.ts';

/** A member of etcd that no machine was found for by its name or address, and what it runs in. */
export interface PodMember {
  readonly member: EtcdMember;
  readonly pod: Pod;
  /** The machine of a static pod's node: the API can't end such a pod. */
  readonly instance: Instance | undefined;
  readonly zone: string;
}

/**
 * The members that run as pods and that a selection means, before `pick`. Kubernetes is asked only where the environment
 * names it and a member has no machine of its own.
 */
export async function matchPodMembers(inventory: Inventory, select: Select, world: World): Promise<{ members: PodMember[]; objections: string[] }> {
  // One that doesn't answer is down with its machine, and Kubernetes may be down with etcd.
  const homeless = inventory.etcd?.members.filter(({ instanceId, status }) => instanceId === undefined && status !== undefined) ?? [];
  const { kubernetes } = world.environment;
  // Roles and tags are those of machines.
  if (!kubernetes || homeless.length === 0 || select.role !== undefined || select.tags !== undefined) return { members: [], objections: [] };
  const cluster = await (await world.kubernetes()).cluster();
  const leader = leaderOf(inventory);
  const members = homeless
    .flatMap((member) => hostOf(member, cluster, inventory))
    .filter(({ member }) => matchesLeadership(member, select, leader))
    .filter(({ zone }) => (select.zone === undefined || zone === select.zone) && (select.notZone === undefined || zone !== select.notZone))
    .filter(({ member, pod }) => select.names === undefined || select.names.some((name) => [member.name, member.id, pod.name, pod.uid].includes(name)));
  const other = members.length > 0 && kubernetes.clusterUid !== undefined && kubernetes.clusterUid !== cluster.uid;
  return {
    members,
    objections: other ? [`context ${kubernetes.context} leads to Kubernetes cluster ${cluster.uid}, the environment file names ${kubernetes.clusterUid}`] : [],
  };
}

/** By the pod's address, or its name as the first label of the host's. */
function hostOf(member: EtcdMember, { pods, nodes }: Cluster, { instances }: Inventory): PodMember[] {
  const hosts = member.clientUrls.flatMap((url) => URL.parse(url)?.hostname ?? []);
  // A mirror pod that is being deleted says nothing about its static pod, which runs on.
  const alive = pods.filter(({ terminating, mirror, phase }) => (!terminating || mirror) && phase === 'Running');
  const pod =
    alive.find(({ address, hostNetwork }) => address !== undefined && !hostNetwork && hosts.includes(address)) ??
    alive.find(({ name }) => hosts.some((host) => shortName(host) === name)) ??
    // Of those that share their node's address, the one that says it is etcd.
    alive.find(({ address, labels, name }) => address !== undefined && hosts.includes(address) && [labels['component'], labels['app'], name.split('-')[0]].includes('etcd'));
  if (!pod) return [];
  const node = nodes.find(({ name }) => name === pod.node);
  const instance = pod.mirror ? instances.find(({ id, state }) => id === node?.instanceId && state === 'running') : undefined;
  return [{ member, pod, instance, zone: pod.zone }];
}
