import { isConflict, isGone, KubernetesFailure } from './clients/kubernetes-failure.ts';
import type { KubernetesClient } from './clients/kubernetes.ts';
import { messageOf } from './errors.ts';
import type { FaultContext, Target } from './fault.ts';
import { patiently } from './kubernetes-marks.ts';
import { podRef } from './pod-killing.ts';
import { inNamespaces, inventoryRules } from './rbac.ts';

export const evictionRules = [...inventoryRules, inNamespaces('', ['pods'], ['get']), inNamespaces('', ['pods/eviction'], ['create'])];

/** How long it waits after a refusal. */
const againAfterMs = 500;

export interface EvictionOptions {
  readonly graceSeconds?: number | undefined;
  /** How long refusals are tried again; milliseconds. */
  readonly withinMs: number;
}

/**
 * Evicts pods as `kubectl drain` does: a disruption budget that forbids it now is asked again until the time is over. A
 * refusal is an answer: it goes into the journal, and the pod counts as spared.
 */
export async function evict(targets: readonly Target[], options: EvictionOptions, context: FaultContext): Promise<void> {
  const client = await context.world.kubernetes();
  const untilMs = context.clock.now() + options.withinMs;
  await Promise.all(targets.map((target) => evictOne(client, target, { ...options, untilMs }, context)));
}

async function evictOne(
  client: KubernetesClient,
  target: Target,
  { graceSeconds, untilMs }: { graceSeconds?: number | undefined; untilMs: number },
  context: FaultContext,
): Promise<void> {
  const { clock, signal, note, spare } = context;
  const pod = podRef(target);
  let refused = 0;
  for (;;) {
    try {
      // An eviction that fails on the uid has used the budget up already: look before.
      if ((await patiently(context, () => client.podUid(pod, { signal }))) !== pod.uid) {
        spare([target.id]);
        return note(`pod ${pod.name} in ${pod.namespace} had been replaced before it was evicted`);
      }
      await patiently(context, () => client.evictPod(pod, { graceSeconds, signal }));
      if (refused > 0) note(`pod ${pod.name} in ${pod.namespace} was evicted after ${refused} refusals`);
      return;
    } catch (error) {
      if (isGone(error) || isConflict(error)) {
        spare([target.id]);
        return note(`pod ${pod.name} in ${pod.namespace} had gone before it was evicted`);
      }
      if (!(error instanceof KubernetesFailure) || error.reason !== 'DisruptionBudget') throw error;
      refused += 1;
      if (refused === 1) note(`the eviction of ${pod.name} in ${pod.namespace} is refused, trying again: ${messageOf(error)}`);
      if (clock.now() + againAfterMs > untilMs) {
        spare([target.id]);
        return note(`pod ${pod.name} in ${pod.namespace} was not evicted: refused ${refused} times, as its disruption budget asks`);
      }
    }
    await clock.sleep(againAfterMs, signal);
  }
}
