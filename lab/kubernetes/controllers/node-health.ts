import type { Condition, Lease, Node, Taint } from '../objects.ts';
import { taintKeys } from '../node-fit.ts';
import { conditionOf, timestamp } from '../pod-state.ts';

/** The conditions that a kubelet answers for. */
const kubeletConditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'] as const;

/**
 * Remembers when each node last gave a sign of life: a renewed Lease or a written status. Counted by the own clock from when
 * it was seen, as nodes' clocks are not trusted; a controller that has just started gives every node its full grace.
 */
export interface SignsOfLife {
  /** @returns milliseconds since the last sign */
  silentForMs(node: Node, lease: Lease | undefined, nowMs: number): number;
  /** All nodes count as just heard of. */
  reset(): void;
  forget(name: string): void;
}

export function createSignsOfLife(): SignsOfLife {
  const seen = new Map<string, { sign: string; atMs: number }>();
  return {
    silentForMs(node, lease, nowMs) {
      const { name, uid } = node.metadata;
      const sign = [uid, lease?.spec.renewTime, conditionOf(node, 'Ready')?.lastHeartbeatTime].join(' ');
      const before = seen.get(name);
      if (before?.sign === sign) return nowMs - before.atMs;
      seen.set(name, { sign, atMs: nowMs });
      return 0;
    },
    reset: () => seen.clear(),
    forget: (name) => void seen.delete(name),
  };
}

/** The conditions of a node that nothing is heard of any more; undefined when they say so already. */
export function silentConditions(node: Node, nowMs: number): Condition[] | undefined {
  const conditions = [...(node.status?.conditions ?? [])];
  let changed = false;
  for (const type of kubeletConditions) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const before = conditions[at];
    if (before?.status === 'Unknown') continue;
    changed = true;
    const unknown: Condition = before
      ? { ...before, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: timestamp(nowMs) }
      : {
          type,
          status: 'Unknown',
          lastHeartbeatTime: node.metadata.creationTimestamp ?? timestamp(nowMs),
          lastTransitionTime: timestamp(nowMs),
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
        };
    if (at < 0) conditions.push(unknown);
    else conditions[at] = unknown;
  }
  return changed ? conditions : undefined;
}

export function isNodeReady(node: Node): boolean {
  return conditionOf(node, 'Ready')?.status === 'True';
}

const fromReadiness: Readonly<Record<string, string>> = { False: taintKeys.notReady, Unknown: taintKeys.unreachable };

/** The taints that keep new pods away: from the node's conditions, and from a cordon. */
export function noScheduleTaints(node: Node): string[] {
  const ready = conditionOf(node, 'Ready')?.status ?? 'Unknown';
  const pressed = (type: string): boolean => conditionOf(node, type)?.status === 'True';
  return [
    ...(ready === 'True' ? [] : [fromReadiness[ready] ?? taintKeys.unreachable]),
    ...(pressed('MemoryPressure') ? [taintKeys.memoryPressure] : []),
    ...(pressed('DiskPressure') ? [taintKeys.diskPressure] : []),
    ...(pressed('PIDPressure') ? [taintKeys.pidPressure] : []),
    ...(pressed('NetworkUnavailable') ? [taintKeys.networkUnavailable] : []),
    ...(node.spec.unschedulable ? [taintKeys.unschedulable] : []),
  ];
}

/** The taint that drives pods off a node that is not ready. */
export function noExecuteTaint(node: Node): string | undefined {
  return fromReadiness[conditionOf(node, 'Ready')?.status ?? 'Unknown'];
}

/** Taints of one effect that are the cluster's own: others are left alone. */
const ownKeys: Readonly<Record<string, readonly string[]>> = {
  NoSchedule: Object.values(taintKeys),
  NoExecute: [taintKeys.notReady, taintKeys.unreachable],
};

/** The node's taints with exactly these of the cluster's own of an effect; undefined when they are so already. */
export function withOwnTaints(node: Node, effect: 'NoSchedule' | 'NoExecute', keys: readonly string[], nowMs: number): Taint[] | undefined {
  const taints = node.spec.taints ?? [];
  const own = (taint: Taint): boolean => taint.effect === effect && ownKeys[effect]!.includes(taint.key);
  const present = taints.filter(own).map(({ key }) => key);
  if (present.length === keys.length && keys.every((key) => present.includes(key))) return undefined;
  const added = keys.filter((key) => !present.includes(key)).map((key): Taint => ({ key, effect, timeAdded: timestamp(nowMs) }));
  return [...taints.filter((taint) => !own(taint) || keys.includes(taint.key)), ...added];
}
