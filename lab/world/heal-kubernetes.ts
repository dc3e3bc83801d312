import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clusterStatus, type ClusterStatus } from '../kubernetes/cluster.ts';
import { ApiError, ConnectionError } from '../kubernetes/client/index.ts';
import { masterGroup, mesh, workerGroup } from '../kubernetes/names.ts';
import { restoreCluster } from '../kubernetes/restore.ts';
import { staticPodPath } from '../kubernetes/static-pod-marks.ts';
import { terminateInstances } from '../platform.ts';
import { childrenOf } from '../procfs.ts';
import { meshTrouble } from '../specimen/mesh-view.ts';
import type { LabKubernetes } from './kubernetes.ts';
import type { Lab } from './lab.ts';
import { wholeWithinMs } from './readiness.ts';

const lookEveryMs = 250;

/** A machine that has run for so long without doing what it is for will not get well. */
const patienceMs = (lab: Lab): number => 20_000 + lab.timing.bootMs;

/**
 * Brings the Kubernetes of a lab back to what it was at its start, once etcd is whole. Machines that don't recover are
 * replaced by their groups.
 *
 * @returns the instances that had to be replaced
 * @throws when it doesn't become whole
 */
export async function healKubernetes(lab: Lab, kubernetes: LabKubernetes): Promise<string[]> {
  const startedAt = Date.now();
  const deadline = performance.now() + 2 * wholeWithinMs(lab.timing);
  const condemned = new Set<string>();
  let restored = false;
  removeManifests(lab);
  for (;;) {
    const status = await clusterStatus(kubernetes.client, kubernetes.specimens);
    const trouble = status.trouble ?? (restored ? await whatElse(lab, kubernetes, status) : 'the specimens are not what they were');
    if (restored && trouble === null) return [...condemned];
    if (!restored && status.clusterUid !== null) restored = await restore(lab, kubernetes);
    for (const id of hopeless(lab, kubernetes, status, startedAt)) {
      if (condemned.has(id)) continue;
      condemned.add(id);
      await terminateInstances([id]);
    }
    if (performance.now() > deadline) throw new Error(`Kubernetes could not be brought back to whole: ${trouble}`);
    await wait(lookEveryMs);
  }
}

/** What keeps a cluster whose pods are all ready from being as it was at its start. */
async function whatElse({ config }: Lab, { client }: LabKubernetes, { pods }: ClusterStatus): Promise<string | null> {
  const mirrored = pods.find(({ mirror: isMirror }) => isMirror);
  if (mirrored) return `the static pod ${mirrored.name} is still there`;
  if (!config.specimen) return null;
  const proxies = pods.flatMap(({ namespace, address }) => (namespace === mesh.namespace && address !== null ? [`${address}:${mesh.adminPort}`] : []));
  try {
    return await meshTrouble(client, proxies);
  } catch (error) {
    if (error instanceof ApiError || error instanceof ConnectionError) return error.message;
    throw error;
  }
}

/** What somebody put onto a worker to be run there. Its kubelet ends it. */
function removeManifests({ hypervisor }: Lab): void {
  for (const { spec, shepherd } of hypervisor.machines()) {
    const first = spec.name === workerGroup ? childrenOf(shepherd)[0] : undefined;
    const folder = `/proc/${first}/root${staticPodPath}`;
    if (first === undefined || !existsSync(folder)) continue;
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** @returns false when the API didn't let it, and it has to be tried again */
async function restore(lab: Lab, { client, specimens }: LabKubernetes): Promise<boolean> {
  try {
    await restoreCluster(client, specimens);
    return true;
  } catch (error) {
    lab.log(`reset: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** Masters that don't serve, and workers whose node isn't ready, since long before now and all the while of this reset. */
function hopeless(lab: Lab, { masters }: LabKubernetes, status: ClusterStatus, startedAt: number): string[] {
  if (Date.now() - startedAt < patienceMs(lab)) return [];
  return lab.hypervisor.machines().flatMap(({ spec, startedAt: bornAt }) => {
    if (Date.now() - bornAt < patienceMs(lab)) return [];
    const serves = spec.name === masterGroup ? masters().includes(spec.address) : status.nodes.some((node) => node.instanceId === spec.instanceId && node.ready);
    // While the API is silent, nothing is known of the workers.
    const isJudged = spec.name === masterGroup || (spec.name === workerGroup && status.clusterUid !== null);
    return isJudged && !serves ? [spec.instanceId] : [];
  });
}
