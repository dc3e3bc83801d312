import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterHealth } from '../health.ts';
import { apiServerVersion, clusterStatus, type ClusterStatus } from '../kubernetes/cluster.ts';
import type { SabotageState } from '../sabotage.ts';
import { command } from './commands.ts';
import { contextOf, kubeconfigFile, kubernetesAuditFolder } from './config.ts';
import type { Lab } from './lab.ts';
import { paths } from './mounts.ts';

export interface MemberStatus {
  /** `peer-3` */
  readonly name: string;
  readonly zone: string;
  readonly address: string | null;
  readonly instanceId: string | null;
  readonly healthy: boolean;
  readonly leader: boolean;
  /** Why it isn't healthy. */
  readonly trouble: string | null;
}

export interface LabStatus {
  readonly name: string;
  readonly timing: string;
  /** It has come up. */
  readonly ready: boolean;
  /** All members are healthy and agree on a leader, now. */
  readonly whole: boolean;
  /** Hexadecimal; null while nobody answers. */
  readonly clusterId: string | null;
  readonly members: readonly MemberStatus[];
  readonly sabotage: readonly SabotageState[];
  /** Null in a lab without Kubernetes. */
  readonly kubernetes: (ClusterStatus & { readonly kubeconfig: string; readonly context: string; readonly auditLog: string; readonly apiServer: ApiServerStatus; readonly specimen: boolean }) | null;
}

/** Which API server the masters run. */
export interface ApiServerStatus {
  /** As it says itself, such as `v1.36.2`; null while it doesn't answer. */
  readonly version: string | null;
  /** The folder that it comes from; null for the lab's own. */
  readonly assets: string | null;
}

export async function labStatus(lab: Lab): Promise<LabStatus> {
  const [cluster, kubernetes] = await Promise.all([clusterHealth(lab.zone.addressOf), kubernetesStatus(lab)]);
  const machines = lab.hypervisor.machines();
  return {
    name: lab.config.name,
    timing: lab.timing.name,
    ready: lab.progress.isReady(),
    whole: cluster.whole && (kubernetes?.whole ?? true),
    clusterId: cluster.clusterId ?? null,
    members: cluster.members.map((each) => ({
      name: each.member.short,
      zone: each.member.zone.name,
      address: each.address ?? null,
      instanceId: machines.find((machine) => machine.spec.address === each.address)?.spec.instanceId ?? null,
      healthy: each.healthy,
      leader: each.leaderId !== undefined && each.leaderId === each.memberId,
      trouble: each.trouble ?? null,
    })),
    sabotage: lab.sabotage.list(),
    kubernetes,
  };
}

async function kubernetesStatus({ kubernetes, config }: Lab): Promise<LabStatus['kubernetes']> {
  if (!kubernetes) return null;
  const [cluster, version] = await Promise.all([clusterStatus(kubernetes.impatientClient, kubernetes.specimens), apiServerVersion(kubernetes.impatientClient)]);
  const apiServer = { version, assets: config.kubeAssets?.folder ?? null };
  const auditLog = join(config.folder, kubernetesAuditFolder);
  return { ...cluster, apiServer, kubeconfig: join(config.folder, kubeconfigFile), context: contextOf(config.name), auditLog, specimen: config.specimen };
}

/**
 * How much memory the world's file systems hold, in bytes. ramfs counts nothing itself, so the pages of the volumes' files
 * are counted one by one; holes in them cost nothing.
 */
export async function diskBytes(): Promise<number> {
  const [run, machines] = await Promise.all([statfs('/run'), statfs(paths.machines)]);
  const used = (fs: typeof run): number => (fs.blocks - fs.bfree) * fs.bsize;
  const pages = await command('sh', [
    '-c',
    `find ${paths.volumes} -type f -size +0 -exec fincore --bytes --noheadings --output RES {} + | awk '{ sum += $1 } END { print sum + 0 }'`,
  ]);
  return used(run) + used(machines) + Number(pages);
}
