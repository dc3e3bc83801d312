import type { CpuAmounts } from './clients/kubernetes-pods.ts';
import type { V1Container, V1Pod } from './clients/kubernetes.ts';

/** The kernel's least quota, a millisecond in a tenth of a second: a kubelet sets no lower limit than this. */
const leastMilli = 10;

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

type Amounts = Readonly<Record<string, string>>;

/** A quantity of Kubernetes as a number: `500m` is 0.5, `1Gi` 1073741824; 0 for none. */
function amount(quantity: string | undefined): number {
  const [, digits = '0', suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(quantity ?? '') ?? [];
  return Number(digits) * (suffixes[suffix] ?? 0);
}

/** Thousandths of a core; `1`, `1000m` and `1e3m` are the same. */
const milli = (quantity: string | undefined): number => Math.round(amount(quantity) * 1000);

export const isSameCpu = (one: string | undefined, other: string | undefined): boolean => milli(one) === milli(other);

export function containerOf({ spec }: V1Pod, name: string): V1Container | undefined {
  return spec?.containers.find((container) => container.name === name);
}

/** The CPU limit that the container's kubelet says it is held to; undefined while it says none. */
export function limitInForce({ status }: V1Pod, container: string): string | undefined {
  return status?.containerStatuses?.find(({ name }) => name === container)?.resources?.limits?.['cpu'];
}

/** How a container's CPU can be lowered, with what it has now; or why it can't be. */
export type Lowering = { readonly original: CpuAmounts; readonly to: CpuAmounts } | { readonly refused: string };

/**
 * Works out a lower CPU limit. The request stays, unless it would be above the limit or the pod would get another QoS class:
 * neither is possible.
 *
 * @param to `100m`, or a part of the present limit such as `10%`
 */
export function lowerCpu(pod: V1Pod, container: string, to: string): Lowering {
  const found = containerOf(pod, container);
  if (!found) return { refused: `has no container ${container}; it has ${pod.spec?.containers.map(({ name }) => name).join(', ')}` };
  const limit = found.resources?.limits?.['cpu'];
  const request = found.resources?.requests?.['cpu'];
  if (limit === undefined) {
    const needed = "give it one in its workload's template, as large as a node where it is to hold nothing back";
    return { refused: `has no CPU limit for ${container}: Kubernetes would take one, but not take it away again; ${needed}` };
  }
  const policy = found.resizePolicy?.find(({ resourceName }) => resourceName === 'cpu')?.restartPolicy;
  if (policy === 'RestartContainer') return { refused: `has the resizePolicy RestartContainer for the CPU of ${container}: it would be restarted, not throttled` };
  const wanted = to.endsWith('%') ? Math.floor((milli(limit) * Number(to.slice(0, -1))) / 100) : milli(to);
  if (wanted < leastMilli) return { refused: `would get a CPU limit of ${wanted}m for ${container}; the kernel takes no less than ${leastMilli}m` };
  if (wanted >= milli(limit)) return { refused: `has a CPU limit of ${limit} for ${container}: ${wanted}m is no less` };
  for (const asked of request === undefined ? [undefined] : [Math.min(milli(request), wanted), wanted - 1]) {
    const keepsRequest = asked === undefined || asked === milli(request);
    const next: CpuAmounts = { limit: `${wanted}m`, ...(keepsRequest ? {} : { request: `${asked}m` }) };
    if (isGuaranteed(pod) !== isGuaranteed(pod, found.name, next)) continue;
    return { original: { limit, ...(keepsRequest ? {} : { request: request! }) }, to: next };
  }
  return { refused: `would get another QoS class with a CPU limit of ${wanted}m for ${container}, which Kubernetes does not allow` };
}

/** Whether each of its containers asks for exactly its limits, which is a QoS class of its own. The others differ by whether anything is set at all. */
function isGuaranteed({ spec }: V1Pod, changed?: string, cpu?: CpuAmounts): boolean {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.every(({ name, resources }) => {
    const isChanged = cpu !== undefined && name === changed;
    const limits: Amounts = { ...resources?.limits, ...(isChanged ? { cpu: cpu.limit } : {}) };
    const requests: Amounts = { ...limits, ...resources?.requests, ...(isChanged && cpu.request !== undefined ? { cpu: cpu.request } : {}) };
    return ['cpu', 'memory'].every((of) => amount(limits[of]) > 0 && amount(requests[of]) === amount(limits[of]));
  });
}

/**
 * Why a kubelet hasn't done what was asked of it.
 *
 * @param generation of the pod since it was asked; what is said of an earlier one doesn't count
 */
export function resizeObstacle({ status }: V1Pod, generation: number | undefined): { readonly final: boolean; readonly text: string } | undefined {
  for (const { type, status: is, reason, message, observedGeneration } of status?.conditions ?? []) {
    if (is !== 'True' || (generation !== undefined && observedGeneration !== undefined && observedGeneration < generation)) continue;
    const said = message === undefined ? '' : `: ${message}`;
    if (type === 'PodResizePending') return { final: reason === 'Infeasible', text: `its kubelet says ${reason}${said}` };
    if (type === 'PodResizeInProgress' && reason === 'Error') return { final: false, text: `its kubelet is at it, with an error${said}` };
  }
  return undefined;
}
