import { setTimeout as wait } from 'node:timers/promises';
import type { Aws } from './aws/index.ts';
import type { Timing } from './hypervisor.ts';
import { awsHosts, environmentTag, members, region } from './names.ts';
import { apiVersions, query } from './query.ts';
import { etcdMemberUserData, type BootPatience } from './roles/etcd-member.ts';

/**
 * How long a new machine waits for its volume: many times what a replacement takes in this timing, so that it starts empty
 * only when the volume can't be had at all.
 */
export function bootPatience(timing: Timing): BootPatience {
  return timing.name === 'fast' ? { deadlineMs: 15_000, retryMs: 250 } : { deadlineMs: 600_000, retryMs: 2_000 };
}

/**
 * A new member of etcd asks every other one, in turn and for a second each, whether the cluster is there already. One that
 * has just begun to listen leaves that open; so nine that start in the same moment wait for each other for eight seconds.
 */
const betweenGroupsMs = 200;

/** Makes the platform: for each member of etcd a volume, and a group of one with its launch template. */
export async function buildPlatform(aws: Aws, clusterToken: string, timing: Timing): Promise<void> {
  await Promise.all(members.map(({ volumeName, zone, role }) =>
    aws.createVolume({ name: volumeName, zone: zone.name, sizeGib: 100, tags: { environment: environmentTag, role } }),
  ));
  const patience = bootPatience(timing);
  for (const [index, member] of members.entries()) {
    if (index > 0) await wait(betweenGroupsMs);
    aws.createGroup({
      name: member.name,
      zones: [member.zone.name],
      userData: etcdMemberUserData(member, clusterToken, patience),
      tags: { environment: environmentTag, role: member.role },
      instanceType: 'm4.large',
    });
  }
  aws.markWhole();
}

/** Terminates instances the way anybody would: with a call of the API. Their groups notice and replace them. */
export async function terminateInstances(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const ec2 = { endpoint: `http://${awsHosts[0]}`, service: 'ec2', version: apiVersions.ec2, region };
  await query(ec2, 'TerminateInstances', Object.fromEntries(ids.map((id, index) => [`InstanceId.${index + 1}`, id])));
}
