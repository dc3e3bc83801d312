import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { childrenOf, readProc } from '../procfs.ts';
import { command } from '../world/commands.ts';
import { paths } from '../world/mounts.ts';

/** Where a volume's content lies in the world. */
export const volumePath = (volumeId: string): string => join(paths.volumes, volumeId);

/** Where a device of a machine is seen from the world; the machine itself sees it as `/dev/<name>`. */
const devicePath = (instanceId: string, device: string): string => join(paths.machines, instanceId, 'dev', basename(device));

export function createVolume(volumeId: string): void {
  // etcd asks that nobody else can read its folder.
  mkdirSync(volumePath(volumeId), { mode: 0o700 });
}

export function deleteVolume(volumeId: string): void {
  rmSync(volumePath(volumeId), { recursive: true, force: true });
}

/** Makes the volume appear in the machine; the mount is handed on to it because its /dev follows the world's. */
export async function plug(volumeId: string, instanceId: string, device: string): Promise<void> {
  const target = devicePath(instanceId, device);
  mkdirSync(target, { recursive: true });
  await command('mount', ['-n', '--bind', volumePath(volumeId), target]);
}

/**
 * Takes the volume away from a machine, also where the machine has mounted it itself.
 *
 * @param shepherd the process whose child is the machine's first one; undefined when the machine is dead
 */
export async function unplug(volumeId: string, instanceId: string, device: string, shepherd: number | undefined): Promise<void> {
  const first = shepherd === undefined ? undefined : childrenOf(shepherd)[0];
  if (first !== undefined) {
    for (const place of placesOf(volumeId, first).filter((path) => !path.startsWith('/dev/'))) {
      await command('nsenter', ['-t', String(first), '-m', '--', 'umount', '-n', '--lazy', place]);
    }
  }
  const target = devicePath(instanceId, device);
  if (isMounted(target)) await command('umount', ['-n', '--lazy', target]);
  // Never a recursive removal here: were it still mounted, the volume's content would go with it.
  try {
    rmdirSync(target);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Where a process sees the volume: the fields of mountinfo are id, parent, device, root, place, … */
function placesOf(volumeId: string, pid: number): string[] {
  const lines = (readProc(`/proc/${pid}/mountinfo`) ?? '').split('\n');
  return lines.map((line) => line.split(' ')).filter((fields) => fields[3] === `/${volumeId}`).map((fields) => fields[4] ?? '');
}

function isMounted(path: string): boolean {
  const lines = (readProc('/proc/self/mountinfo') ?? '').split('\n');
  return lines.some((line) => line.split(' ')[4] === path);
}
