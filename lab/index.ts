/**
 * The front of the lab: all that the command line, tests and benchmarks use of it. A lab is the platform in miniature, real
 * etcd on machines made of Linux namespaces under an emulated AWS, in a world of its own.
 */
import { join } from 'node:path';
import { askLab, streamLab } from './host/control-client.ts';
import { entrance, type Entrance } from './host/exec.ts';
import { writeEnvironmentFile } from './host/environment-file.ts';
import { footprint, type Footprint } from './host/footprint.ts';
import { findLab, labFolder, listLabs, requireLab, type LabEntry } from './host/registry.ts';
import { endLab, makeLab, type LabUpOptions, type RunningLab } from './host/up.ts';
import type { SabotageState } from './sabotage.ts';
import type { Healing } from './world/heal.ts';
import type { LabStatus } from './world/status.ts';

export { LabError, type LabErrorCode } from './errors.ts';
export { environmentFileOf, labUp } from './host/up.ts';
export { members, type Member } from './names.ts';
export { sabotages } from './sabotage.ts';
export type { Entrance, Footprint, Healing, LabEntry, LabStatus, LabUpOptions, RunningLab, SabotageState };

/**
 * A lab for the calling process alone: it ends with {@link RunningLab.end}, or with the caller, however that dies.
 *
 * @throws LabError when a lab can't run here
 */
export function labForCaller(options: Partial<LabUpOptions>): Promise<RunningLab> {
  const name = options.name ?? `own-${process.pid}`;
  return makeLab({ name, environmentFile: join(labFolder(name), 'environment.yaml'), ...options });
}

/**
 * Ends a lab; nothing of it is left then.
 *
 * @throws LabError when it isn't up
 */
export async function labDown(name: string): Promise<void> {
  await endLab(requireLab(name));
}

/** @throws LabError when the lab isn't up or doesn't answer */
export function labStatus(name: string): Promise<LabStatus> {
  requireLab(name);
  return askLab<LabStatus>(name, '/status');
}

/** This user's labs that run. What dead ones left is swept away. */
export const labList = (): LabEntry[] => listLabs();

/** Whether a lab of this name runs. */
export const labIsUp = (name: string): boolean => findLab(name) !== undefined;

/**
 * The environment file of a lab that is up, written afresh into the lab's own folder.
 *
 * @returns its path
 * @throws LabError when the lab isn't up
 */
export async function labEnvironmentFile(name: string): Promise<string> {
  const entry = requireLab(name);
  return writeEnvironmentFile(join(labFolder(name), 'environment.yaml'), await labStatus(name), entry.process);
}

/**
 * How to run a program inside the lab: where its addresses exist, set up for `etcdctl` and `aws`.
 *
 * @param machine for a program on one of its machines, named as for {@link labLogs}, or by its node's name
 * @throws LabError when the lab isn't up, or the machine doesn't run
 */
export async function labExec(name: string, argv: readonly string[], machine?: string): Promise<Entrance> {
  const lab = requireLab(name);
  if (machine === undefined) return entrance(lab, argv);
  const { pid } = await askLab<{ pid: number }>(name, '/machine', { machine });
  return entrance(lab, argv, pid);
}

/** The console of a machine (`peer-3`, its full name or an instance id); with `follow`, all that comes as well. */
export function labLogs(name: string, machine: string, options: { follow?: boolean; signal?: AbortSignal } = {}): AsyncGenerator<string> {
  requireLab(name);
  return streamLab(name, '/console', { machine, follow: String(options.follow ?? false) }, options.signal);
}

/**
 * Switches one kind of sabotage on or off.
 *
 * @param which its name, for some with a number: `api-down:10`
 * @returns all switches as they are now
 */
export function labSabotage(name: string, which: string, on: boolean): Promise<SabotageState[]> {
  requireLab(name);
  return askLab(name, '/sabotage', { name: which, on: String(on) });
}

export function labSabotages(name: string): Promise<SabotageState[]> {
  requireLab(name);
  return askLab(name, '/sabotage');
}

/** Brings a lab back to whole: no sabotage, nine healthy members. Takes seconds when nothing was broken for good. */
export async function labReset(name: string): Promise<Healing> {
  const entry = requireLab(name);
  const healing = await askLab<Healing>(name, '/reset', {}, 600_000);
  // A cluster of Kubernetes that was made anew is another one: it has another id.
  if (healing.rebuilt && entry.kubernetes && entry.environmentFile !== undefined) {
    writeEnvironmentFile(entry.environmentFile, await labStatus(name), entry.process);
  }
  return healing;
}

/** The whole state of the lab's AWS. */
export function labSnapshot(name: string): Promise<unknown> {
  requireLab(name);
  return askLab(name, '/snapshot');
}

/**
 * The state of the lab's AWS without all that is different after a group replaced an instance: what a drill has to leave as
 * it was. Its keys are in order, so two of them can be compared as they are.
 */
export function labNormalForm(name: string): Promise<unknown> {
  requireLab(name);
  return askLab(name, '/snapshot', { form: 'normal' });
}

/** How much memory a lab takes now. */
export async function labFootprint(name: string): Promise<Footprint> {
  const entry = requireLab(name);
  const { bytes } = await askLab<{ bytes: number }>(name, '/disk');
  return footprint(entry.process.pid, bytes);
}
