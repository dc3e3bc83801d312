import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Timing } from '../hypervisor.ts';
import { LabError } from '../errors.ts';
import { clusterHealth, type ClusterHealth } from '../health.ts';
import { clusterStatus, makeSpecimens, type ClusterStatus } from '../kubernetes/cluster.ts';
import { failureIn } from '../kubernetes/assets/keep-running.ts';
import { masterGroup } from '../kubernetes/names.ts';
import { etcdDomain, members } from '../names.ts';
import { keptLog } from './config.ts';
import type { LabKubernetes } from './kubernetes.ts';
import type { Lab } from './lab.ts';

const lookEveryMs = 150;

/** Many times what it takes, so that only a lab that will never be whole gives up. */
export const wholeWithinMs = (timing: Timing): number => 60_000 + 3 * (timing.launchMs + timing.bootMs + timing.attachMs);

/** Waits until the machines of all members run, for as long as the members may take. */
export async function waitUntilMachinesRun(lab: Lab): Promise<void> {
  const deadline = performance.now() + wholeWithinMs(lab.timing);
  for (;;) {
    const running = lab.hypervisor.machines().filter(({ spec }) => spec.name?.endsWith(etcdDomain)).length;
    if (running === members.length) return lab.progress.step(`${running} machines run`);
    if (performance.now() > deadline) return;
    await wait(lookEveryMs);
  }
}

/**
 * Waits until all nine members of etcd are healthy and follow one leader.
 *
 * @throws when that takes too long; the message says who is missing and why
 */
export async function waitUntilWhole(lab: Lab): Promise<ClusterHealth> {
  const deadline = performance.now() + wholeWithinMs(lab.timing);
  let healthy = 0;
  for (;;) {
    const cluster = await clusterHealth(lab.zone.addressOf);
    const count = cluster.members.filter((each) => each.healthy).length;
    if (count > healthy && !cluster.whole) lab.progress.step(`${count} of ${cluster.members.length} members of etcd are healthy`);
    healthy = Math.max(healthy, count);
    if (cluster.whole) {
      lab.progress.step(`${count} members of etcd are healthy and agree on a leader`);
      return cluster;
    }
    if (performance.now() > deadline) throw new Error(`etcd did not come up: ${whoIsMissing(cluster)}`);
    await wait(lookEveryMs);
  }
}

/**
 * Waits until the API answers, all workers are ready and the specimen workloads run; makes those where they are missing.
 *
 * @throws when that takes too long; the message says what is missing
 */
export async function waitUntilClusterWhole(lab: Lab, kubernetes: LabKubernetes): Promise<ClusterStatus> {
  const real = lab.config.kubeAssets !== null;
  const deadline = performance.now() + wholeWithinMs(lab.timing) + (real ? realExtraMs : 0) + (lab.config.specimen ? specimenExtraMs : 0);
  let made = false;
  let said = 0;
  for (;;) {
    const status = await clusterStatus(kubernetes.client, kubernetes.specimens);
    if (real) refuseFailure(lab);
    if (status.whole) {
      lab.progress.step(`${status.nodes.length} nodes and ${status.pods.length} pods are ready`);
      return status;
    }
    if (!made && status.clusterUid !== null) {
      made = await specimensMade(lab, kubernetes);
      if (made) lab.progress.step('the API of Kubernetes answers');
    }
    const ready = status.nodes.filter((node) => node.ready).length;
    if (ready > said && ready === status.nodes.length) lab.progress.step(`${ready} nodes are ready`);
    said = Math.max(said, ready);
    if (performance.now() > deadline) throw new Error(`Kubernetes did not come up: ${status.trouble}`);
    await wait(lookEveryMs);
  }
}

/** Programs of hundreds of megabytes, nine of them, take longer to start than the lab's own. */
const realExtraMs = 120_000;

/** Two dozen pods more, each a Node of its own. */
const specimenExtraMs = 60_000;

/** So much of a log says why. */
const toldLines = 12;

/** @throws LabError when a program of the user's ends again and again on a master; its log is kept, as the lab isn't */
function refuseFailure(lab: Lab): void {
  for (const { spec } of lab.hypervisor.machines()) {
    const failure = spec.name === masterGroup ? failureIn(lab.hypervisor.consoleOf(spec.instanceId)?.text() ?? '') : undefined;
    if (!failure) continue;
    const { program, how, lines } = failure;
    const file = keptLog(lab.config, program);
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    throw new LabError(
      'start-failed',
      `${program} from ${lab.config.kubeAssets?.folder} ended with ${how}, and does so again and again; the end of its log, which is kept in ${file}:\n` +
        lines.slice(-toldLines).map((line) => `  ${line}`).join('\n'),
    );
  }
}

/** @returns false when the API doesn't take them yet */
async function specimensMade(lab: Lab, { client, specimens }: LabKubernetes): Promise<boolean> {
  try {
    await makeSpecimens(client, specimens);
    return true;
  } catch (error) {
    lab.log(`the specimen workloads can't be made yet: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** In one line: who is not healthy, and why. */
export function whoIsMissing(cluster: ClusterHealth): string {
  const missing = cluster.members.filter((each) => !each.healthy);
  if (missing.length === 0) return 'the members do not agree on a leader';
  return missing.map((each) => `${each.member.short} ${each.trouble ?? 'is not healthy'}`).join('; ');
}
