import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isExecutable } from './programs.ts';

/** Something that a container sees at a place of its own. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface RootSpec {
  /** The container's own folder; its root and its mount table are made in it. */
  readonly folder: string;
  /** The text of /etc/hosts. */
  readonly hosts: string;
  readonly hostname: string;
  readonly files: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
}

/** The root of a container before it runs: a folder, and what has to be mounted into it. */
export interface Root {
  readonly path: string;
  /** In the form of fstab, for `mount -a -T`. */
  readonly mountTable: string;
}

/** Taken from the host as they are; where they are links, as links. */
const systemFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** Of the host's /etc: what its programs need to run at all. */
const sharedSettings = ['alternatives', 'ssl', 'ld.so.cache', 'localtime'];
/** What every container has in its /dev. */
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const deviceLinks = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2', ptmx: 'pts/ptmx' };
const copiedSettings = ['passwd', 'group', 'nsswitch.conf', 'resolv.conf'];

/**
 * Makes the root of a container: empty but for the programs of the host, which it can't change, and folders of its own.
 *
 * @throws when a mount has no place, such as below a folder of the host's
 */
export function makeRoot({ folder, hosts, hostname, files, mounts }: RootSpec): Root {
  const root = join(folder, 'root');
  for (const name of ['dev/pts', 'dev/shm', 'etc', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'usr', 'var/tmp', 'var/log', 'var/lib']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  symlinkSync('/run', join(root, 'var/run'));
  const lines = [
    entry('/usr', join(root, 'usr'), 'rbind,ro'),
    `proc ${join(root, 'proc')} proc defaults 0 0`,
    // Terminals of its own, for `kubectl exec -t`.
    `devpts ${join(root, 'dev/pts')} devpts newinstance,ptmxmode=0666,mode=0620 0 0`,
    ...devices.map((name) => place({ source: `/dev/${name}`, target: `/dev/${name}`, readOnly: false }, root)),
  ];
  for (const [name, target] of Object.entries(deviceLinks)) symlinkSync(target, join(root, 'dev', name));
  for (const name of systemFolders) {
    const stat = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(root, name));
    else if (stat?.isDirectory()) {
      mkdirSync(join(root, name));
      lines.push(entry(`/${name}`, join(root, name), 'rbind,ro'));
    }
  }
  for (const name of copiedSettings) if (existsSync(`/etc/${name}`)) writeFileSync(join(root, 'etc', name), readFileSync(`/etc/${name}`));
  for (const name of sharedSettings) if (existsSync(`/etc/${name}`)) lines.push(place({ source: `/etc/${name}`, target: `/etc/${name}`, readOnly: true }, root));
  writeFileSync(join(root, 'etc/hosts'), hosts);
  writeFileSync(join(root, 'etc/hostname'), `${hostname}\n`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  }
  for (const mount of mounts) lines.push(place(mount, root));
  const mountTable = join(folder, 'mounts');
  writeFileSync(mountTable, `${lines.join('\n')}\n`);
  return { path: root, mountTable };
}

/** Makes the place of a mount, of the kind that its source is. */
function place({ source, target, readOnly }: Mount, root: string): string {
  // The path may lead through a link of the root's own, such as /var/run, which mustn't lead out of it.
  const path = join(root, target.replace(/^\/var\/run\//, '/run/'));
  if (statSync(source).isDirectory()) mkdirSync(path, { recursive: true });
  else {
    mkdirSync(dirname(path), { recursive: true });
    // Seen through the mount are the rights of what is mounted; before it, a program is looked for.
    writeFileSync(path, '', { mode: 0o755 });
  }
  return entry(source, path, readOnly ? 'bind,ro' : 'bind');
}

/** Spaces in a path are written as in fstab. */
function entry(source: string, target: string, options: string): string {
  const escaped = (path: string): string => path.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\t', '\\011');
  return `${escaped(source)} ${escaped(target)} none ${options} 0 0`;
}

/**
 * Where a program is in a container, or undefined when it isn't: by its path, or looked for in the container's PATH.
 *
 * @param root the container's root folder; what is mounted into it is looked for on the host
 */
export function findInRoot(root: string, program: string, path: string): string | undefined {
  const isThere = (candidate: string): boolean => isExecutable(join(root, candidate)) || isExecutable(candidate);
  if (program.includes('/')) return isThere(program) ? program : undefined;
  return path
    .split(':')
    .map((folder) => join(folder || '/', program))
    .find(isThere);
}
