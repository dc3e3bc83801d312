import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from '../errors.ts';
import { readProc } from '../procfs.ts';

/** Programs the lab runs, and the packages they come in. */
const programs = [
  { name: 'etcd', debian: 'etcd-server', fedora: 'etcd' },
  { name: 'ip', debian: 'iproute2', fedora: 'iproute' },
  { name: 'nft', debian: 'nftables', fedora: 'nftables' },
  { name: 'unshare', debian: 'util-linux', fedora: 'util-linux' },
  { name: 'nsenter', debian: 'util-linux', fedora: 'util-linux' },
  { name: 'mount', debian: 'mount', fedora: 'util-linux' },
] as const;

/** Ordinary users' paths often leave out where `ip` and `nft` are. */
export const programPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  .filter((folder, index, all) => folder !== '' && all.indexOf(folder) === index)
  .join(delimiter);

/** The full path of a program; undefined when it isn't installed. */
export function findProgram(name: string): string | undefined {
  return programPath.split(delimiter).map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      // Not in this folder, or not to be run from it: the next one may have it.
      return false;
    }
  });
}

/** What is asked of the system; tests put another one in its place. */
export interface System {
  readonly platform: string;
  has(program: string): boolean;
  /** Makes namespaces as a lab does, and says why that failed. */
  tryNamespaces(): string | undefined;
  /** A kernel setting such as `user.max_user_namespaces`; undefined when this kernel doesn't have it. */
  setting(name: string): string | undefined;
}

const thisSystem: System = {
  platform: process.platform,
  has: (program) => findProgram(program) !== undefined,
  tryNamespaces() {
    const args = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'true'];
    const attempt = spawnSync('unshare', args, { encoding: 'utf8', env: { ...process.env, PATH: programPath } });
    return attempt.status === 0 ? undefined : (attempt.error?.message ?? attempt.stderr).trim();
  },
  setting: (name) => readProc(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim(),
};

/**
 * Makes sure that a lab can run here.
 *
 * @throws LabError that says what is missing and how to get it
 */
export function checkRequirements(system: System = thisSystem): void {
  if (system.platform !== 'linux') {
    throw new LabError(
      'unsupported-system',
      `the lab is made of Linux namespaces, and this is ${system.platform}; run firedrill in a Linux container or virtual machine`,
    );
  }
  const missing = programs.filter(({ name }) => !system.has(name));
  if (missing.length > 0) {
    const packages = (of: 'debian' | 'fedora'): string => [...new Set(missing.map((each) => each[of]))].join(' ');
    throw new LabError(
      'missing-program',
      `the lab needs ${missing.map((each) => each.name).join(', ')}, not found in ${programPath}\n` +
        `on Debian and Ubuntu: apt-get install ${packages('debian')}\non Fedora: dnf install ${packages('fedora')}`,
    );
  }
  const refusal = system.tryNamespaces();
  if (refusal !== undefined) {
    throw new LabError('no-namespaces', `this user may not make the namespaces that a lab is made of: ${refusal}\n${namespaceAdvice(system)}`);
  }
}

/** Settings that decide whether a user may make namespaces: the value that forbids it, and one that allows it. */
const settings = [
  ['kernel.unprivileged_userns_clone', '0', '1'],
  ['user.max_user_namespaces', '0', '10000'],
  ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
] as const;

function namespaceAdvice(system: System): string {
  const forbidding = settings.filter(([name, bad]) => system.setting(name) === bad);
  if (forbidding.length > 0) {
    return forbidding.map(([name, bad, good]) => `${name} is ${bad} here; as root: sysctl -w ${name}=${good}`).join('\n');
  }
  return (
    `the settings that decide are ${settings.map(([name]) => name).join(', ')}; a container has to be started with ` +
    '--privileged, or with a seccomp profile that allows unshare and mount'
  );
}
