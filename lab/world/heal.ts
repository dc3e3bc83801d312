import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { clusterHealth, type ClusterHealth } from '../health.ts';
import { volumePath } from '../machine/volumes.ts';
import { members } from '../names.ts';
import { terminateInstances } from '../platform.ts';
import type { Lab } from './lab.ts';
import { whoIsMissing, wholeWithinMs } from './readiness.ts';

export interface Healing {
  readonly tookMs: number;
  /** What had to be replaced: members, and instance ids of masters and workers. */
  readonly replaced: readonly string[];
  /** Replacing was not enough: the cluster was made anew, and is empty. */
  readonly rebuilt: boolean;
}

const lookEveryMs = 200;

/** How long etcd may take to become whole on machines that all have their volumes: several elections, on a busy computer. */
const etcdPatienceMs = 25_000;

/**
 * Brings the lab back to whole: no sabotage, nine groups at work, nine healthy members with their data. Machines that don't
 * recover by themselves are replaced by their groups; if that doesn't do it, etcd is made anew on empty volumes. The
 * cluster's id stays what it was.
 *
 * @throws when even that doesn't help
 */
export async function heal(lab: Lab): Promise<Healing> {
  const startedAt = performance.now();
  const tookMs = (): number => Math.round(performance.now() - startedAt);
  lab.sabotage.clear();
  lab.aws?.reset();
  const replaced = await replaceUntilWhole(lab);
  if (replaced) {
    const machines = await healMore(lab);
    return { tookMs: tookMs(), replaced: [...replaced, ...machines], rebuilt: false };
  }
  lab.log('reset: replacing machines did not heal etcd; it is made anew');
  await rebuild(lab);
  if (!(await replaceUntilWhole(lab))) {
    const cluster = await clusterHealth(lab.zone.addressOf);
    throw new Error(`the lab could not be brought back to whole: ${[...missing(lab), whoIsMissing(cluster)].join('; ')}`);
  }
  const machines = await healMore(lab);
  return { tookMs: tookMs(), replaced: [...members.map((each) => each.short), ...machines], rebuilt: true };
}

/** What stands on etcd comes after it. @returns the machines that had to be replaced */
async function healMore(lab: Lab): Promise<string[]> {
  if (!lab.kubernetes) return [];
  const { healKubernetes } = await import('./heal-kubernetes.ts');
  return healKubernetes(lab, lab.kubernetes);
}

/**
 * Replaces machines that don't recover by themselves.
 *
 * @returns the members that were replaced; undefined when etcd doesn't become whole although every machine and every volume
 *   has long been in its place
 */
async function replaceUntilWhole(lab: Lab): Promise<Set<string> | undefined> {
  const { terminateMs, groupPeriodMs, launchMs } = lab.timing;
  // A launch that was begun under slow-replacement takes half a minute longer, and is waited for.
  const deadline = performance.now() + 60_000 + wholeWithinMs(lab.timing) + 2 * (terminateMs + groupPeriodMs + launchMs);
  let inPlaceSince = performance.now();
  const replaced = new Set<string>();
  const condemned = new Set<string>();
  while (performance.now() < deadline && performance.now() - inPlaceSince < etcdPatienceMs) {
    const cluster = await clusterHealth(lab.zone.addressOf);
    if (missing(lab).length > 0) inPlaceSince = performance.now();
    else if (cluster.whole) return replaced;
    for (const [id, name] of hopeless(lab, cluster)) {
      if (condemned.has(id)) continue;
      condemned.add(id);
      replaced.add(name);
      await terminateInstances([id]);
    }
    await wait(lookEveryMs);
  }
  return undefined;
}

/**
 * The machines that will not get well: those that started without their volume, however healthy their members look, and
 * those that have had it for long and still don't serve.
 */
function hopeless(lab: Lab, cluster: ClusterHealth): [id: string, name: string][] {
  const { bootMs, attachMs } = lab.timing;
  const withoutVolumeMs = 3_000 + bootMs + attachMs;
  const withVolumeMs = 10_000 + bootMs + attachMs;
  // Without a quorum nobody is healthy, and a member that is replaced then only takes longer: those with a volume wait.
  const quorum = cluster.members.filter((each) => each.healthy).length > cluster.members.length / 2;
  return cluster.members.flatMap((each): [string, string][] => {
    const machine = lab.hypervisor.machines().find(({ spec }) => spec.address === each.address);
    if (!machine) return [];
    const ageMs = Date.now() - machine.startedAt;
    const plugged = lab.hypervisor.volumesOf(machine.spec.instanceId).length > 0;
    const lost = plugged ? !each.healthy && quorum && ageMs > withVolumeMs : ageMs > withoutVolumeMs;
    return lost ? [[machine.spec.instanceId, each.member.short]] : [];
  });
}

/** Ends all machines, empties all volumes, and lets the groups start again. */
async function rebuild(lab: Lab): Promise<void> {
  // Until the volumes are empty nobody may start on them.
  lab.sabotage.set('no-replacement', true);
  try {
    await terminateInstances(lab.hypervisor.machines().map((machine) => machine.spec.instanceId));
    while (lab.hypervisor.machines().length > 0) await wait(lookEveryMs);
    for (const { id } of lab.aws?.status().volumes ?? []) {
      for (const entry of readdirSync(volumePath(id))) rmSync(join(volumePath(id), entry), { recursive: true });
    }
  } finally {
    lab.sabotage.clear();
  }
  // Groups wait after failed launches; a reset lets them try at once.
  lab.aws?.reset();
}

const missing = (lab: Lab): string[] => lab.aws?.missing() ?? [];
