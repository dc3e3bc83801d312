import { join } from 'node:path';
import { cgroupTrees, removeCgroup, type CgroupTrees } from '../../cgroups.ts';
import { limitsOf, makeCgroup, type Cgroup } from './runtime/cgroup.ts';
import type { ContainerSpec } from './spec.ts';

/** Holds the containers of one kubelet to the limits in their specs, where the system lets it. */
export interface ResourceLimits {
  /** @param run names this run of the container among all on the node. @returns undefined when nothing is held */
  hold(container: ContainerSpec, run: string): Cgroup | undefined;
}

export interface LimitOptions {
  /** Below each tree of control groups; nobody else's. What an earlier kubelet left there goes. */
  readonly folder: string;
  /** Says that limits aren't held, and why; each reason once. */
  readonly tell: (message: string) => void;
  readonly trees?: CgroupTrees;
}

export function createResourceLimits({ folder, tell, trees = cgroupTrees() }: LimitOptions): ResourceLimits {
  const told = new Set<string>();
  for (const tree of [trees.memory, trees.cpu, trees.unified]) if (tree !== undefined) removeCgroup(join(tree, folder));
  return {
    hold({ resources }, run) {
      const limits = limitsOf(resources?.limits);
      if (!limits) return undefined;
      const { cgroup, obstacles } = makeCgroup(trees, join(folder, run), limits);
      for (const obstacle of obstacles) {
        // The same for every container, but for its name.
        const reason = obstacle.replaceAll(run, '…');
        if (!told.has(reason)) tell(`Limits of containers are not enforced on this node, but count for the scheduler: ${reason}`);
        told.add(reason);
      }
      return cgroup;
    },
  };
}
