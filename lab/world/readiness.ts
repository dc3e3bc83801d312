import { setTimeout as wait } from 'node:timers/promises';
import type { Timing } from '../hypervisor.ts';
import { clusterHealth, type ClusterHealth } from '../health.ts';
import type { Lab } from './lab.ts';

const lookEveryMs = 150;

/** Many times what it takes, so that only a lab that will never be whole gives up. */
export const wholeWithinMs = (timing: Timing): number => 60_000 + 3 * (timing.launchMs + timing.bootMs + timing.attachMs);

/**
 * Waits until all nine members of etcd are healthy and follow one leader.
 *
 * @throws when that takes too long; the message says who is missing and why
 */
export async function waitUntilWhole(lab: Lab): Promise<ClusterHealth> {
  const deadline = performance.now() + wholeWithinMs(lab.timing);
  let running = 0;
  let healthy = 0;
  for (;;) {
    const cluster = await clusterHealth(lab.zone.addressOf);
    const count = cluster.members.filter((each) => each.healthy).length;
    const machines = lab.hypervisor.machines().length;
    if (machines > running && machines === cluster.members.length) lab.progress.step(`${machines} machines run`);
    if (count > healthy && !cluster.whole) lab.progress.step(`${count} of ${cluster.members.length} members of etcd are healthy`);
    running = Math.max(running, machines);
    healthy = Math.max(healthy, count);
    if (cluster.whole) {
      lab.progress.step(`${count} members of etcd are healthy and agree on a leader`);
      return cluster;
    }
    if (performance.now() > deadline) throw new Error(`etcd did not come up: ${whoIsMissing(cluster)}`);
    await wait(lookEveryMs);
  }
}

/** In one line: who is not healthy, and why. */
export function whoIsMissing(cluster: ClusterHealth): string {
  const missing = cluster.members.filter((each) => !each.healthy);
  if (missing.length === 0) return 'the members do not agree on a leader';
  return missing.map((each) => `${each.member.short} ${each.trouble ?? 'is not healthy'}`).join('; ');
}
