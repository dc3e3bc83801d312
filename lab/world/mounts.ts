import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dnsAddress, etcdDomain } from '../names.ts';
import { command } from './commands.ts';
import { kubernetesAuditFolder } from './config.ts';

/** Where things are in the world. `/run` is the world's own; nothing of it is seen outside. */
export const paths = {
  /** Bound into every machine: the Node that runs boot programs, firedrill itself, and the host's devices. */
  tools: '/run/firedrill',
  node: '/run/firedrill/node',
  app: '/run/firedrill/app',
  devices: '/run/firedrill/dev',
  /** Where machines leave their compiled programs for the others, and for other labs' machines. */
  cache: '/run/firedrill/cache',
  /** The programs of a Kubernetes release, where the user gave some. */
  kubeAssets: '/run/firedrill/kube-assets',
  /** Where masters write who has changed what in Kubernetes: a folder of the lab outside, so that it is there when they are gone. */
  audit: '/run/firedrill/audit',
  volumes: '/run/volumes',
  machines: '/run/machines',
} as const;

export interface WorldFolders {
  /** The lab's own folder outside, which must stay reachable although `/run` is replaced. */
  readonly lab: string;
  /** The folder that holds the folders of all labs. */
  readonly runtime: string;
  /** The Node binary. */
  readonly node: string;
  /** The root of this package. */
  readonly app: string;
  /** A folder with the programs of a Kubernetes release. */
  readonly kubeAssets: { readonly folder: string } | null;
}

// A new /run is made ready at one side and then moved over the old one: what it takes over from the host may itself lie
// below /run. /run is replaced because sockets below it (nscd, systemd-resolved) would answer for the host's network.
const script = `
set -e
new=$LAB/run
mkdir -p "$new"
mount -n -t tmpfs -o mode=0755 firedrill "$new"
mkdir -p "$new/firedrill/app" "$new/firedrill/dev" "$new/firedrill/etc" "$new/firedrill/cache" "$new/firedrill/audit" "$new/lock" "$new/volumes" "$new/machines"
: > "$new/firedrill/node"
mount -n --bind "$NODE" "$new/firedrill/node"
mount -n --rbind "$APP" "$new/firedrill/app"
mount -n --rbind /dev "$new/firedrill/dev"
if [ -n "$KUBE_ASSETS" ]; then
  mkdir "$new/firedrill/kube-assets"
  mount -n --rbind "$KUBE_ASSETS" "$new/firedrill/kube-assets"
fi
mkdir -p "$AUDIT"
mount -n --bind "$AUDIT" "$new/firedrill/audit"
if [ -w "$CACHE" ]; then mount -n --bind "$CACHE" "$new/firedrill/cache"; fi
case $RUNTIME in /run/*)
  mkdir -p "$new\${RUNTIME#/run}"
  mount -n --bind "$RUNTIME" "$new\${RUNTIME#/run}" ;;
esac
mount -n --move "$new" /run
# ramfs, not tmpfs: see docs/decisions/volumes-on-ramfs.md
mount -n -t ramfs -o mode=0755 volumes /run/volumes
mount -n -t tmpfs -o mode=0755 machines /run/machines
# What is mounted below appears in the machines that look at it: this is how a volume is plugged into a running one.
mount -n --make-shared /run/machines
printf '%s' "$RESOLV" > /run/firedrill/etc/resolv.conf
printf '%s' "$NSSWITCH" > /run/firedrill/etc/nsswitch.conf
printf '127.0.0.1 localhost\\n' > /run/firedrill/etc/hosts
for file in resolv.conf nsswitch.conf hosts; do
  target=$(readlink -m "/etc/$file")
  case $target in
    /run/*) mkdir -p "\${target%/*}"; cp "/run/firedrill/etc/$file" "$target" ;;
    *) if [ -e "$target" ]; then mount --bind "/run/firedrill/etc/$file" "$target"; fi ;;
  esac
done
`;

/** Makes the world's own view of the file system: its `/run`, its volumes' disk, its resolver settings. */
export async function arrangeMounts(folders: WorldFolders): Promise<void> {
  if (!lstatSync('/etc/resolv.conf', { throwIfNoEntry: false })) {
    throw new Error('/etc/resolv.conf does not exist, and the lab needs it as the place for its own: create an empty file');
  }
  const env = {
    PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    LAB: folders.lab,
    AUDIT: join(folders.lab, kubernetesAuditFolder),
    RUNTIME: realpathSync(folders.runtime),
    NODE: folders.node,
    APP: folders.app,
    KUBE_ASSETS: folders.kubeAssets?.folder ?? '',
    // The cache that this very program uses: to strip and compile a program takes longer than to run it.
    CACHE: process.env.NODE_COMPILE_CACHE ?? '',
    RESOLV: `nameserver ${dnsAddress}\nsearch ${etcdDomain}\noptions timeout:1 attempts:2\n`,
    NSSWITCH: nameServiceSwitch(),
  };
  await command('env', [...Object.entries(env).map(([key, value]) => `${key}=${value}`), 'sh', '-c', script]);
}

/** The file that `/etc/resolv.conf` leads to; many systems have it somewhere below /run. */
export function resolverFile(): string {
  const path = '/etc/resolv.conf';
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  return resolve('/etc', readlinkSync(path)).replace(/^\/var\/run\//, '/run/');
}

/** The host's own, but names are asked of the VPC's DNS alone: the other sources would answer for the host. */
function nameServiceSwitch(): string {
  const own = existsSync('/etc/nsswitch.conf') ? readFileSync('/etc/nsswitch.conf', 'utf8') : 'passwd: files\ngroup: files\n';
  const others = own.split('\n').filter((line) => !/^\s*hosts\s*:/.test(line));
  return `${others.join('\n').trimEnd()}\nhosts: files dns\n`;
}
