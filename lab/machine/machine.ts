import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { MachineSpec } from '../hypervisor.ts';
import { zoneNamed } from '../names.ts';
import { childrenOf, kill } from '../procfs.ts';
import { ip } from '../world/commands.ts';
import { paths, resolverFile } from '../world/mounts.ts';
import type { Console } from './console.ts';
import { initScriptPath } from './init.ts';

/** A machine that runs. */
export interface Machine {
  readonly spec: MachineSpec;
  readonly startedAt: number;
  /** The process that waits for the machine's first one; its namespaces are the machine's, but for the PID one. */
  readonly shepherd: number;
  /** Resolves with the reason when nothing of the machine runs any more. */
  readonly ended: Promise<string>;
}

const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** The router's end of the machine's cable; names of network devices have at most 15 characters. */
const cableName = (instanceId: string): string => `v${instanceId.replace(/^i-/, '').slice(-14)}`;

/** Starts a machine: its namespaces, its cable, its user data. */
export async function startMachine(spec: MachineSpec, console: Console): Promise<Machine> {
  const zone = zoneNamed(spec.zone);
  makeFolder(spec);
  const child = spawn(
    'unshare',
    // prettier-ignore
    ['--mount', '--propagation', 'slave', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc',
      'sh', initScriptPath, spec.instanceId, spec.address, zone.router],
    { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: environment(), cwd: '/' },
  );
  const ended = endOf(child);
  for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk: Buffer) => console.write(chunk));
  const failed = ended.then((reason): never => {
    throw new Error(`${spec.instanceId} ended while it was starting: ${reason}\n${console.text().slice(-2_000)}`);
  });
  // A machine that ends later is no failure of its start.
  failed.catch(() => {});
  const { stdin } = child;
  stdin.on('error', () => {});
  await Promise.race([once(child.stdio[3] as Readable, 'data'), failed]);
  const machine: Machine = { spec, startedAt: Date.now(), shepherd: child.pid!, ended };
  try {
    const cable = cableName(spec.instanceId);
    await ip([
      `link add ${cable} type veth peer name eth0 netns ${child.pid}`,
      `link set ${cable} master ${zone.bridge} up`,
    ]);
    stdin.end('plugged\n');
    return machine;
  } catch (error) {
    await killMachine(machine);
    throw error;
  }
}

/** SIGKILL to all that runs in the machine. Resolves when its processes are gone. */
export async function killMachine(machine: Machine): Promise<void> {
  let over = false;
  const ended = machine.ended.then(() => (over = true));
  while (!over) {
    // The first process, not its shepherd: the kernel kills everything in a PID namespace with its first process, and the
    // shepherd then ends by itself once it has been waited for. Were the shepherd killed, its child would stay a zombie.
    const firsts = childrenOf(machine.shepherd);
    for (const pid of firsts.length > 0 ? firsts : [machine.shepherd]) kill(pid);
    await Promise.race([ended, wait(100)]);
  }
}

/** Removes what a dead machine leaves in the world; volumes that are still plugged in are left alone. */
export async function clearMachine(instanceId: string): Promise<void> {
  try {
    await ip([`link del ${cableName(instanceId)}`]);
  } catch (error) {
    // The kernel takes the cable away with the machine's network: it may have been faster.
    if (!/Cannot find device/.test(String(error))) throw error;
  }
  const folder = join(paths.machines, instanceId);
  rmSync(join(folder, 'run'), { recursive: true, force: true });
  for (const name of devices) unlinkSync(join(folder, 'dev', name));
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    // "close", not "exit": only then has everything that held its console ended too.
    child.once('close', (code, signalName) => resolve(signalName ? `killed by ${signalName}` : `ended with ${code}`));
  });
}

function makeFolder(spec: MachineSpec): void {
  const folder = join(paths.machines, spec.instanceId);
  mkdirSync(join(folder, 'dev', 'shm'), { recursive: true });
  mkdirSync(join(folder, 'run', 'firedrill'), { recursive: true });
  for (const name of devices) symlinkSync(join(paths.devices, name), join(folder, 'dev', name));
  writeFileSync(join(folder, 'run', 'user-data'), spec.userData);
  const resolver = resolverFile();
  if (resolver.startsWith('/run/')) {
    const own = join(folder, resolver);
    mkdirSync(dirname(own), { recursive: true });
    symlinkSync('/run/firedrill/etc/resolv.conf', own);
  }
}

/** What a freshly booted system has: nothing of the environment that the lab was started in. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };
}
