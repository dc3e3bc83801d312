import { isNotFound, pods, type Client, type Informer } from './client/index.ts';
import type { Condition, Pod, PodStatus } from './objects.ts';
import { conditionOf, withCondition } from './pod-state.ts';

/**
 * Sets conditions of a pod, and whatever else of its status is given. A pod that is gone is fine.
 *
 * @returns the pod as it is now; undefined when it is gone
 * @throws ApiError 409 when the pod was changed since it was read: look again
 */
export async function setPodConditions(
  client: Client,
  informer: Pick<Informer<Pod>, 'absorb'>,
  pod: Pod,
  conditions: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[],
  others: Pick<PodStatus, 'phase' | 'reason' | 'message'> = {},
): Promise<Pod | undefined> {
  let all = pod.status?.conditions ?? [];
  for (const condition of conditions) {
    const { reason: _reason, message: _message, ...before } = conditionOf(pod, condition.type) ?? { type: condition.type, status: condition.status };
    const observedGeneration = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
    all = withCondition(all, { lastProbeTime: null, ...before, ...observedGeneration, ...condition });
  }
  const { name, namespace, uid, resourceVersion } = pod.metadata;
  try {
    const written = await client.patch(
      pods,
      { name, namespace },
      'merge',
      { metadata: { uid, resourceVersion }, status: { ...others, conditions: all } },
      'status',
    );
    informer.absorb(written);
    return written;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
