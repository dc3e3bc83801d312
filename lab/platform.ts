import { setTimeout as wait } from 'node:timers/promises';
import type { Aws } from './aws/index.ts';
import type { Timing } from './hypervisor.ts';
import { awsHosts, clientPort, environmentTag, etcdDomain, members, peerPort, region, vpcCidr } from './names.ts';
import { apiVersions, query } from './query.ts';
import { etcdMemberUserData, type BootPatience } from './roles/etcd-member.ts';
import type { Lab } from './world/lab.ts';

/**
 * How long a new machine waits for its volume: many times what a replacement takes in this timing, so that it starts empty
 * only when the volume can't be had at all.
 */
export function bootPatience(timing: Timing): BootPatience {
  return timing.name === 'fast' ? { deadlineMs: 15_000, retryMs: 250 } : { deadlineMs: 600_000, retryMs: 2_000 };
}

/**
 * A new member of etcd asks every other one, in turn and for a second each, whether the cluster is there already; one that
 * has just begun to listen leaves that open. Nine that start in the same moment so wait for each other for eight seconds.
 * All ask peer-1 first: it gets a head start until its machine runs, as theirs are launched and booted for as long again, or of
 * this length where machines take minutes to start.
 */
const longestHeadStartMs = 5_000;

/** Makes the platform: a security group, and for each member of etcd a volume, and a group of one with its launch template. */
export async function buildPlatform(aws: Aws, lab: Pick<Lab, 'clusterToken' | 'timing' | 'zone'>): Promise<void> {
  await Promise.all(members.map(({ volumeName, zone, role }) =>
    aws.createVolume({ name: volumeName, zone: zone.name, sizeGib: 100, tags: { environment: environmentTag, role } }),
  ));
  const securityGroup = await aws.createSecurityGroup({
    name: etcdDomain,
    description: 'members of etcd: clients and peers in the VPC',
    cidr: vpcCidr,
    ports: { from: clientPort, to: peerPort },
  });
  const patience = bootPatience(lab.timing);
  const [first, ...others] = members.map((member) => ({
    member,
    create: () =>
      aws.createGroup({
        name: member.name,
        zones: [member.zone.name],
        userData: etcdMemberUserData(member, lab.clusterToken, patience),
        tags: { environment: environmentTag, role: member.role },
        instanceType: 'm4.large',
        securityGroupIds: [securityGroup],
      }),
  }));
  first!.create();
  const deadline = performance.now() + longestHeadStartMs;
  while (performance.now() < deadline && lab.zone.addressOf(first!.member.name) === undefined) await wait(50);
  for (const other of others) other.create();
}

/** Terminates instances the way anybody would: with a call of the API. Their groups notice and replace them. */
export async function terminateInstances(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const ec2 = { endpoint: `http://${awsHosts[0]}`, service: 'ec2', version: apiVersions.ec2, region };
  await query(ec2, 'TerminateInstances', Object.fromEntries(ids.map((id, index) => [`InstanceId.${index + 1}`, id])));
}
