import { resources } from './clients/kubernetes-list.ts';
import type { PodRef } from './clients/kubernetes-pods.ts';
import type { KubernetesClient, V1Pod } from './clients/kubernetes.ts';
import type { FaultContext } from './fault.ts';
import { patiently } from './kubernetes-marks.ts';
import { waitUntil } from './marks.ts';

/**
 * How a proxy in a pod is told to delay requests, and how it answers: by annotations of its own pod, which it follows.
 * There is no standard for it; docs/drills.md is what a proxy, or something beside it in its pod, has to do.
 */
export const delayKeys = {
  /** Set to `true` in the template of the pods that can be told. */
  takes: 'firedrill.dev/takes-delay',
  /** What is asked for: {@link delayText}. Without it nothing is to be delayed. */
  delay: 'firedrill.dev/delay',
  /** What the proxy does: the same text once it does so, none once it has stopped. */
  inForce: 'firedrill.dev/delay-in-force',
} as const;

export interface Delay {
  /** Milliseconds. */
  readonly delay: number;
  /** Services as `service.namespace`; all when there are none. */
  readonly of: readonly string[];
  /** Of the requests, such as `50%`. */
  readonly share: string;
}

/** As it is written on the pod: JSON. */
export function delayText({ delay, of, share }: Delay): string {
  return JSON.stringify({ ms: delay, services: of, percent: Number.parseFloat(share) });
}

/** What the pod is asked for at the moment. */
export function asksFor({ metadata }: V1Pod): string | undefined {
  return metadata?.annotations?.[delayKeys.delay];
}

/**
 * Waits until the pod's proxy says that it does this; undefined: that it delays nothing. A pod that is gone needs nothing.
 *
 * @throws Error when it doesn't say so within `forMs`; the signal's reason
 */
export async function untilInForce(client: KubernetesClient, { namespace, name, uid }: PodRef, delay: string | undefined, forMs: number, context: FaultContext): Promise<void> {
  const otherwise = `${name}: its proxy does not say that it ${delay === undefined ? 'delays nothing any more' : 'delays requests'} (annotation ${delayKeys.inForce})`;
  await waitUntil(context, forMs, otherwise, async () => {
    const pod = await patiently(context, () => client.find<V1Pod>({ resource: resources.pods, namespace, name }, { signal: context.signal }));
    return pod?.metadata?.uid !== uid || pod.metadata.annotations?.[delayKeys.inForce] === delay;
  });
}
