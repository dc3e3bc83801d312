import type { ResourceRequirements } from '../../objects.ts';
import { readQuantity } from '../../quantity.ts';
import type { Cgroup, Limits } from '../runtime/cgroup.ts';
import type { ContainerSpec } from '../spec.ts';

const resources = ['cpu', 'memory'] as const;
const limitOf: Readonly<Record<(typeof resources)[number], keyof Limits>> = { cpu: 'cpus', memory: 'memoryBytes' };

/** Whether a container would have other limits or requests. */
export function isChanged(spec: ContainerSpec, next: ResourceRequirements): boolean {
  return changed(spec, next, 'limits').length > 0 || changed(spec, next, 'requests').length > 0;
}

/** Whether its resizePolicy says that what changes needs another run. */
export function restartsFor(spec: ContainerSpec, next: ResourceRequirements): boolean {
  const all = [...changed(spec, next, 'limits'), ...changed(spec, next, 'requests')];
  return (spec.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && all.some((name) => name === resourceName));
}

/**
 * Why the limits of a run can't be changed, undefined when they can.
 *
 * @param cgroup what holds the run to its limits
 */
export function obstacleToResize(spec: ContainerSpec, next: ResourceRequirements, cgroup: Cgroup | undefined): string | undefined {
  if (restartsFor(spec, next)) return undefined;
  const missing = changed(spec, next, 'limits').find((name) => !cgroup?.holds(limitOf[name]));
  if (missing === undefined) return undefined;
  return spec.resources?.limits?.[missing] === undefined
    ? `container ${spec.name} was started without a control group for ${missing}, and can't be moved into one while it runs`
    : `limits of containers are not enforced on this node: container ${spec.name} has no control group for ${missing}`;
}

function changed(spec: ContainerSpec, next: ResourceRequirements, of: 'limits' | 'requests'): (typeof resources)[number][] {
  return resources.filter((name) => readQuantity(spec.resources?.[of]?.[name]) !== readQuantity(next[of]?.[name]));
}
