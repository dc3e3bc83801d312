import { isConflict, isGone } from './clients/kubernetes-failure.ts';
import { resources } from './clients/kubernetes-list.ts';
import type { CpuAmounts, PodRef } from './clients/kubernetes-pods.ts';
import type { KubernetesClient, V1Pod } from './clients/kubernetes.ts';
import { containerOf, isSameCpu, limitInForce, resizeObstacle } from './container-cpu.ts';
import type { FaultContext } from './fault.ts';
import { patiently } from './kubernetes-marks.ts';

/** One container of one very pod. */
export interface ContainerRef extends PodRef {
  readonly container: string;
}

/** What was asked of a kubelet. */
export interface Resize extends ContainerRef {
  readonly limit: string;
  /** Of the pod since then. */
  readonly generation: number | undefined;
}

/** `other` is the limit that somebody else has set meanwhile. */
export type Resized = { readonly resized: Resize } | { readonly gone: true } | { readonly other: string };

const again = { everyMs: 300 };

/**
 * Changes a container's CPU where it is still what it is taken for, or was changed already. Each try names the version that
 * it has looked at: no change in between is overwritten, and a try that was given up on takes no effect later.
 *
 * @throws KubernetesFailure for what the API refuses; the signal's reason
 */
export async function resizeFrom(client: KubernetesClient, ref: ContainerRef, from: CpuAmounts, to: CpuAmounts, context: FaultContext): Promise<Resized> {
  const { namespace, name, uid, container } = ref;
  const { signal, clock } = context;
  for (;;) {
    const pod = await read(client, ref, context);
    if (!pod) return { gone: true };
    const limit = containerOf(pod, container)?.resources?.limits?.['cpu'];
    const { resourceVersion, generation } = pod.metadata!;
    if (isSameCpu(limit, to.limit)) return { resized: { ...ref, limit: to.limit, generation } };
    if (!isSameCpu(limit, from.limit)) return { other: limit ?? 'none' };
    try {
      const changed = await patiently(context, () => client.resizePod({ namespace, name, uid, resourceVersion }, container, to, { signal }));
      return { resized: { ...ref, limit: to.limit, generation: changed.metadata?.generation } };
    } catch (error) {
      if (isGone(error) && !(await read(client, ref, context))) return { gone: true };
      if (!isConflict(error)) throw error;
    }
    await clock.sleep(again.everyMs, signal);
  }
}

/**
 * Waits until the pod's kubelet says that the limit is in force. A pod that is gone meanwhile, or over, needs none.
 *
 * @throws Error when the kubelet says that it can't be, or nothing within `forMs`; the signal's reason
 */
export async function untilInForce(client: KubernetesClient, { limit, generation, ...ref }: Resize, forMs: number, context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  const untilMs = clock.now() + forMs;
  for (;;) {
    const pod = await read(client, ref, context);
    if (!pod || isOver(pod) || isSameCpu(limitInForce(pod, ref.container), limit)) break;
    const obstacle = resizeObstacle(pod, generation);
    const waits = `${ref.name}: the CPU limit of ${limit} for ${ref.container} is not in force: ${obstacle?.text ?? 'its kubelet says nothing of it'}`;
    if (obstacle?.final || clock.now() >= untilMs) throw new Error(waits);
    context.awaits?.(waits);
    await clock.sleep(again.everyMs, signal);
  }
  context.awaits?.(undefined);
}

const isOver = ({ status }: V1Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** This very pod; undefined when it is gone or another has its name. */
async function read(client: KubernetesClient, { namespace, name, uid }: PodRef, context: FaultContext): Promise<V1Pod | undefined> {
  const pod = await patiently(context, () => client.find<V1Pod>({ resource: resources.pods, namespace, name }, { signal: context.signal }));
  return pod?.metadata?.uid === uid ? pod : undefined;
}
