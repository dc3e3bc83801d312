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

/**
 * Makes sure that a lab can run here.
 *
 * @throws LabError that says what is missing and how to get it
 */
export function checkRequirements(): void {
  if (process.platform !== 'linux') {
    throw new LabError(
      'unsupported-system',
      `the lab is made of Linux namespaces, and this is ${process.platform}; run firedrill in a Linux container or virtual machine`,
    );
  }
  const missing = programs.filter(({ name }) => findProgram(name) === undefined);
  if (missing.length > 0) {
    const packages = (system: 'debian' | 'fedora'): string => [...new Set(missing.map((each) => each[system]))].join(' ');
    throw new LabError(
      'missing-program',
      `the lab needs ${missing.map((each) => each.name).join(', ')}, not found in ${programPath}\n` +
        `on Debian and Ubuntu: apt-get install ${packages('debian')}\non Fedora: dnf install ${packages('fedora')}`,
    );
  }
  checkNamespaces();
}

function checkNamespaces(): void {
  const attempt = spawnSync(
    'unshare',
    ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'true'],
    { encoding: 'utf8', env: { ...process.env, PATH: programPath } },
  );
  if (attempt.status === 0) return;
  const settings = [
    ['kernel.unprivileged_userns_clone', '0', '1'],
    ['user.max_user_namespaces', '0', '10000'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
  ] as const;
  const said = (attempt.error?.message ?? attempt.stderr).trim();
  const found = settings.filter(([name, bad]) => readProc(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim() === bad);
  const advice =
    found.length > 0
      ? found.map(([name, bad, good]) => `${name} is ${bad} here; as root: sysctl -w ${name}=${good}`).join('\n')
      : `the settings that decide are ${settings.map(([name]) => name).join(', ')}; in a container it has to be started with ` +
        '--privileged, or with a seccomp profile that allows unshare and mount';
  throw new LabError('no-namespaces', `this user may not make the namespaces that a lab is made of: ${said}\n${advice}`);
}
