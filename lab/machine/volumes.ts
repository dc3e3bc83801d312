import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemCode } from '../errors.ts';
import { childrenOf, kill, listProcesses, namespaceOf, openFilesOf, readProc } from '../procfs.ts';
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

/** Empties a volume that is not attached. */
export function eraseVolume(volumeId: string): void {
  for (const entry of readdirSync(volumePath(volumeId))) rmSync(join(volumePath(volumeId), entry), { recursive: true });
}

/** Where the copies are that {@link copyVolumes} has made. */
const copies = `${paths.volumes}-before`;

/**
 * Keeps a copy of every volume as it is now, in place of those that were kept before. The programs that write to them stand
 * still meanwhile: a copy is what a crash would have left.
 *
 * @param program what writes to them, such as `etcd`
 */
export async function copyVolumes(program: string): Promise<void> {
  const writers = listProcesses().filter((pid) => readProc(`/proc/${pid}/comm`)?.trim() === program);
  dropCopies();
  try {
    for (const pid of writers) kill(pid, 'SIGSTOP');
    await command('cp', ['-a', '--sparse=always', paths.volumes, copies]);
  } finally {
    for (const pid of writers) kill(pid, 'SIGCONT');
  }
}

export function dropCopies(): void {
  rmSync(copies, { recursive: true, force: true });
}

export async function restoreVolume(volumeId: string): Promise<void> {
  const copy = join(copies, volumeId);
  if (!existsSync(copy)) return;
  eraseVolume(volumeId);
  await command('cp', ['-a', '--sparse=always', `${copy}/.`, volumePath(volumeId)]);
}

/**
 * Whether a machine that runs has mounted the volume; that it has it as a device doesn't count.
 *
 * @param shepherd the process whose child is the machine's first one
 */
export function isMountedIn(volumeId: string, shepherd: number): boolean {
  const first = childrenOf(shepherd)[0];
  return first !== undefined && mountsOf(volumeId, first).some(isOwnMount);
}

/**
 * Takes the volume away from a machine, also where the machine has mounted it itself. A process that has files of it open
 * is killed, as by the bus error that it would get for mapped pages which can't be read any more: left alone it would go on
 * writing, unseen, to a disk that is in another machine already. (A real bus error makes a Go program write all its stacks,
 * which is more than a console keeps.)
 *
 * @param shepherd the process whose child is the machine's first one; undefined when the machine is dead
 * @returns the names of the programs that were killed
 */
export async function unplug(volumeId: string, instanceId: string, device: string, shepherd: number | undefined): Promise<string[]> {
  const killed: string[] = [];
  const first = shepherd === undefined ? undefined : childrenOf(shepherd)[0];
  if (first !== undefined) {
    const mounts = mountsOf(volumeId, first);
    const holders = processesIn(first).filter((pid) => holds(pid, mounts));
    for (const { place } of mounts.filter(isOwnMount)) {
      // In its PID namespace too: umount looks itself up in the machine's /proc.
      await command('nsenter', ['-t', String(first), '-m', '-p', '--', 'umount', '-n', '--lazy', place]);
    }
    for (const pid of holders) {
      killed.push((readProc(`/proc/${pid}/comm`) ?? '').trim());
      kill(pid);
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
  return killed;
}

interface Mount {
  readonly id: string;
  readonly place: string;
}

/** The volume's mounts as a process sees them: the fields of mountinfo are id, parent, device, root, place, … */
function mountsOf(volumeId: string, pid: number): Mount[] {
  const lines = (readProc(`/proc/${pid}/mountinfo`) ?? '').split('\n');
  return lines
    .map((line) => line.split(' '))
    .filter((fields) => fields[3] === `/${volumeId}`)
    .map(([id = '', , , , place = '']) => ({ id, place }));
}

/** What the machine mounted itself, in contrast to the device that was plugged into it. */
const isOwnMount = ({ place }: Mount): boolean => !place.startsWith('/dev/');

/** The processes of the machine whose first one this is: all that share its PID namespace. */
function processesIn(first: number): number[] {
  const namespace = namespaceOf(first, 'pid');
  return listProcesses().filter((pid) => namespaceOf(pid, 'pid') === namespace);
}

/** Whether a process has a file of one of these mounts open. */
function holds(pid: number, mounts: readonly Mount[]): boolean {
  return openFilesOf(pid).some((fd) => {
    const mount = /^mnt_id:\s*(\d+)$/m.exec(readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
    return mounts.some(({ id }) => id === mount);
  });
}

function isMounted(path: string): boolean {
  const lines = (readProc('/proc/self/mountinfo') ?? '').split('\n');
  return lines.some((line) => line.split(' ')[4] === path);
}
