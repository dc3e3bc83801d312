import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { familyOf, isAlive, listProcesses, namespaceOf, processRef, type ProcessRef } from '../../lab/procfs.ts';

const kinds = ['net', 'mnt', 'pid', 'user'] as const;

/** What a lab has made of processes and namespaces, and what the system around it looked like. */
export interface Traces {
  readonly processes: readonly ProcessRef[];
  readonly namespaces: ReadonlySet<string>;
  /** How many of the namespaces are network namespaces. */
  readonly networks: number;
}

/** Everything that hangs on a lab's first process, by the kernel's own account. */
export function tracesOf(firstProcess: number): Traces {
  const own = new Set(namespacesOf(process.pid));
  const processes = familyOf(firstProcess);
  const namespaces = new Set(processes.flatMap(({ pid }) => namespacesOf(pid)).filter((each) => !own.has(each)));
  return { processes, namespaces, networks: [...namespaces].filter((each) => each.startsWith('net:')).length };
}

const namespacesOf = (pid: number): string[] => kinds.flatMap((kind) => namespaceOf(pid, kind) ?? []);

/** Mounts, network devices, routes and packet rules of the world outside of all labs. */
export function outside(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map((line) => line.split(' ').slice(3, 6).join(' '));
  const devices = readdirSync('/sys/class/net').map((name) => `device ${name}`);
  const routes = readFileSync('/proc/net/route', 'utf8').split('\n').map((line) => line.split('\t').slice(0, 3).join(' '));
  return [...mounts, ...devices, ...routes, `rules ${rules()}`].sort();
}

/** Only root can make rules out here, and only root can list them. */
function rules(): string {
  if (process.getuid?.() !== 0) return 'none of ours';
  const listed = spawnSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  assert.equal(listed.status, 0, listed.stderr);
  return listed.stdout;
}

/** Now, on the clock by which the kernel says when a process was started. */
export function ticks(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100;
}

/**
 * Waits until no process of these runs and nobody who was there before the end is in one of these namespaces: a namespace
 * without a process, and that is mounted nowhere (see {@link outside}), is gone, and with it its mounts, devices and rules.
 *
 * @param endedAt from {@link ticks}: the kernel gives the numbers of namespaces that are gone to later ones
 */
export async function assertNothingLeft(traces: Traces, endedAt: number, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const running = traces.processes.filter(isAlive).map(({ pid }) => pid);
    const inside = listProcesses()
      .filter((pid) => namespacesOf(pid).some((each) => traces.namespaces.has(each)))
      .filter((pid) => (processRef(pid)?.startTime ?? Infinity) <= endedAt);
    if (running.length === 0 && inside.length === 0) return;
    assert.ok(Date.now() < deadline, `still there: processes ${running.join(', ')}; in its namespaces: ${inside.join(', ')}`);
    await wait(50);
  }
}
