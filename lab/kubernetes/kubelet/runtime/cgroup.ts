import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { removeCgroup, type CgroupTrees } from '../../../cgroups.ts';
import { readQuantity } from '../../quantity.ts';

/** What one run of a container may take. */
export interface Limits {
  readonly memoryBytes: number | undefined;
  /** In cores. */
  readonly cpus: number | undefined;
}

/** The control groups of one run. */
export interface Cgroup {
  /** Who writes `0` into each of these files is in it, with all that it starts. */
  readonly joins: readonly string[];
  /** Whether this limit is held. */
  holds(limit: keyof Limits): boolean;
  /** Holds the run to other limits from now on: those that it is held to. @throws what the kernel says against it */
  change(limits: Limits): void;
  /** How many of its processes the kernel has killed because there was too little memory. */
  oomKills(): number;
  /** To be called when the run has ended. What ran in it from outside may need a moment more: then it goes a little later. */
  remove(): void;
}

/** One control group, as a version of the kernel's interface has it. */
interface Group {
  readonly path: string;
  /** By the files that they are written to, in this order. One that a kernel doesn't have is left out where it is optional. */
  readonly settings: readonly { file: string; value: string; optional?: boolean }[];
  /** Where the kernel counts its kills. */
  readonly counter: string | undefined;
  /** For version 2: what the groups above have to hand down. */
  readonly controllers: readonly string[];
  readonly tree: string;
}

const periodUs = 100_000;
/** The kernel takes no less. */
const leastQuotaUs = 1_000;

const againMs = 2_000;

/** How the files begin by which a limit is held, in both versions. */
const prefixes: Readonly<Record<keyof Limits, string>> = { memoryBytes: 'memory.', cpus: 'cpu.' };

/** The limits that a container's spec sets; undefined when it sets none. */
export function limitsOf(limits: Readonly<Record<string, string>> = {}): Limits | undefined {
  const amount = (name: string): number | undefined => (readQuantity(limits[name]) > 0 ? readQuantity(limits[name]) : undefined);
  const [memory, cpus] = [amount('memory'), amount('cpu')];
  return memory === undefined && cpus === undefined ? undefined : { memoryBytes: memory && Math.floor(memory), cpus };
}

/**
 * Makes the control groups that hold a container to its limits: each limit as far as this system allows it.
 *
 * @param name below each tree
 * @returns the group, undefined when no limit can be held, and why those that can't be can't
 */
export function makeCgroup(trees: CgroupTrees, name: string, limits: Limits): { cgroup: Cgroup | undefined; obstacles: string[] } {
  const made: Group[] = [];
  const obstacles: string[] = [];
  for (const group of groupsFor(trees, name, limits, obstacles)) {
    try {
      make(group);
      made.push(group);
    } catch (error) {
      removeCgroup(group.path);
      obstacles.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (made.length === 0) return { cgroup: undefined, obstacles };
  return {
    cgroup: {
      joins: made.map(({ path }) => join(path, 'cgroup.procs')),
      holds: (limit) => made.some(({ settings }) => settings.some(({ file }) => file.startsWith(prefixes[limit]))),
      change(next) {
        for (const { path, settings } of groupsFor(trees, name, next, [])) if (made.some((group) => group.path === path)) write(path, settings);
      },
      oomKills: () => made.reduce((sum, { path, counter }) => sum + (counter === undefined ? 0 : killsIn(join(path, counter))), 0),
      remove() {
        const left = made.filter(({ path }) => !removeCgroup(path));
        if (left.length > 0) setTimeout(() => left.forEach(({ path }) => removeCgroup(path)), againMs).unref();
      },
    },
    obstacles,
  };
}

function groupsFor({ memory, cpu, unified }: CgroupTrees, name: string, { memoryBytes, cpus }: Limits, obstacles: string[]): Group[] {
  const groups: Group[] = [];
  const quotaUs = cpus === undefined ? '' : String(Math.max(leastQuotaUs, Math.round(cpus * periodUs)));
  const second: Group['settings'][number][] = [];
  const controllers: string[] = [];
  if (memoryBytes !== undefined && memory !== undefined) {
    // Without the second one it would go on in swap, where there is any.
    const settings = [
      { file: 'memory.limit_in_bytes', value: String(memoryBytes) },
      { file: 'memory.memsw.limit_in_bytes', value: String(memoryBytes), optional: true },
    ];
    groups.push({ path: join(memory, name), settings, counter: 'memory.oom_control', controllers: [], tree: memory });
  } else if (memoryBytes !== undefined && unified !== undefined) {
    controllers.push('memory');
    second.push({ file: 'memory.max', value: String(memoryBytes) }, { file: 'memory.swap.max', value: '0', optional: true });
    // As kubelets have it: a container dies as a whole.
    second.push({ file: 'memory.oom.group', value: '1', optional: true });
  } else if (memoryBytes !== undefined) obstacles.push('no control groups for memory are mounted');
  if (cpus !== undefined && cpu !== undefined) {
    const settings = [
      { file: 'cpu.cfs_period_us', value: String(periodUs) },
      { file: 'cpu.cfs_quota_us', value: quotaUs },
    ];
    groups.push({ path: join(cpu, name), settings, counter: undefined, controllers: [], tree: cpu });
  } else if (cpus !== undefined && unified !== undefined) {
    controllers.push('cpu');
    second.push({ file: 'cpu.max', value: `${quotaUs} ${periodUs}` });
  } else if (cpus !== undefined) obstacles.push('no control groups for cpu are mounted');
  if (second.length > 0) groups.push({ path: join(unified!, name), settings: second, counter: 'memory.events', controllers, tree: unified! });
  return groups;
}

function make({ path, settings, controllers, tree }: Group): void {
  mkdirSync(dirname(path), { recursive: true });
  if (controllers.length > 0) handDown(tree, dirname(path), controllers);
  mkdirSync(path, { recursive: true });
  write(path, settings);
}

function write(path: string, settings: Group['settings']): void {
  const present = settings.filter(({ file, optional = false }) => !optional || existsSync(join(path, file)));
  for (const { file, value } of rises(path, present) ? present.toReversed() : present) writeFileSync(join(path, file), value);
}

/** In version 1 memory may never be above memory and swap, so that goes first when both rise. */
function rises(path: string, [first]: Group['settings']): boolean {
  if (first?.file !== 'memory.limit_in_bytes' || !existsSync(join(path, first.file))) return false;
  return Number(readFileSync(join(path, first.file), 'utf8')) < Number(first.value);
}

/** A group of version 2 has only the controllers that all those above it hand down. */
function handDown(tree: string, to: string, controllers: readonly string[]): void {
  const steps = relative(tree, to).split('/').filter((step) => step !== '');
  for (let depth = 0; depth <= steps.length; depth++) {
    const file = join(tree, ...steps.slice(0, depth), 'cgroup.subtree_control');
    const has = readFileSync(file, 'utf8').split(/\s+/);
    const lacking = controllers.filter((controller) => !has.includes(controller));
    if (lacking.length > 0) writeFileSync(file, lacking.map((controller) => `+${controller}`).join(' '));
  }
}

/** Both versions have a line such as `oom_kill 1`. */
const killsIn = (file: string): number => Number(/^oom_kill (\d+)$/m.exec(existsSync(file) ? readFileSync(file, 'utf8') : '')?.[1] ?? 0);
