import { isDeepStrictEqual } from 'node:util';
import { createWorkQueue, isConflict, isNotFound, keyOf, nodes as nodeResource, pods as podResource, type Client, type Informers } from '../client/index.ts';
import type { Node, Pod } from '../objects.ts';
import { setPodConditions } from '../pod-conditions.ts';
import { conditionOf, isFinished } from '../pod-state.ts';
import type { Places } from './cluster.ts';
import { decidePlace } from './decision.ts';
import { createSchedulingEvents } from './scheduling-events.ts';

/** Ways to be wrong that the scheduler knows. */
export type SchedulerSabotage = 'no-reschedule';

export interface SchedulingOptions {
  readonly client: Client;
  readonly informers: Informers;
  readonly instance: string;
  readonly isOn: (sabotage: SchedulerSabotage) => boolean;
  readonly backOff: { readonly minMs: number; readonly maxMs: number };
  readonly log: (line: string) => void;
}

const schedulerName = 'default-scheduler';
const heldBack = 'node(s) were held back by the sabotage no-reschedule';
const sabotagePeriodMs = 250;

/** Gives every pod that waits for one a node, one pod after the other. Those that find none are tried again when something changes. */
export function startScheduling({ client, informers, instance, isOn, backOff, log }: SchedulingOptions): { close(): Promise<void> } {
  const events = createSchedulingEvents(client, instance, log);
  const nodeInformer = informers.of(nodeResource);
  const podsInformer = informers.of(podResource);
  podsInformer.addIndex('node', (pod) => [pod.spec.nodeName]);
  /** Pods that were given a node which the watch has not told of yet: their node, by key. */
  const assumed = new Map<string, { pod: Pod; node: string }>();
  /** Pods that found no place. */
  const waiting = new Map<string, { attempts: number; notBeforeMs: number }>();
  const closing = Promise.withResolvers<'closed'>();
  const synced = Promise.all([nodeInformer.synced, podsInformer.synced]);

  const places = (): Places => {
    const extra = Map.groupBy(assumed.values(), ({ node }) => node);
    return [...nodeInformer.store.values()].map((node) => ({
      node,
      pods: [...podsInformer.store.by('node', node.metadata.name).filter((pod) => !isFinished(pod)), ...(extra.get(node.metadata.name) ?? []).map(({ pod }) => pod)],
    }));
  };

  const work = async (key: string): Promise<void> => {
    if ((await Promise.race([synced, closing.promise])) === 'closed') return;
    const pod = podsInformer.store.get(key);
    if (!pod || !wantsPlace(pod) || assumed.has(key)) {
      waiting.delete(key);
      return;
    }
    const decision = decidePlace(pod, places(), Math.random, isOn('no-reschedule') ? heldBack : undefined);
    if ('why' in decision) return refuse(key, pod, decision.why);
    const node = decision.place.node.metadata.name;
    assumed.set(key, { pod: { ...pod, spec: { ...pod.spec, nodeName: node } }, node });
    try {
      await bind(pod, node);
    } catch (error) {
      assumed.delete(key);
      if (isNotFound(error) || isConflict(error)) return;
      throw error;
    }
    waiting.delete(key);
    events.scheduled(pod, node);
    // The watch may have told of it already, before it was asked for.
    if (podsInformer.store.get(key)?.spec.nodeName) assumed.delete(key);
  };

  const bind = async (pod: Pod, node: string): Promise<void> => {
    const { name, namespace, uid } = pod.metadata;
    await client.createSubresource(podResource, { name, namespace }, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    });
  };

  const refuse = async (key: string, pod: Pod, why: string): Promise<void> => {
    const attempts = (waiting.get(key)?.attempts ?? 0) + 1;
    waiting.set(key, { attempts, notBeforeMs: performance.now() + Math.min(backOff.minMs * 2 ** (attempts - 1), backOff.maxMs) });
    events.failed(pod, why);
    const before = conditionOf(pod, 'PodScheduled');
    if (before?.status === 'False' && before.message === why) return;
    await setPodConditions(client, podsInformer, pod, [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: why }]);
  };

  const queue = createWorkQueue({ name: 'scheduler', workers: 1, work, log });
  const offer = (pod: Pod): void => {
    if (wantsPlace(pod) && !waiting.has(keyOf(pod))) queue.add(keyOf(pod));
  };
  /** Something has changed that might make room. */
  const retry = (): void => {
    for (const [key, { notBeforeMs }] of waiting) queue.addAfter(key, notBeforeMs - performance.now());
  };
  podsInformer.on({
    added: offer,
    changed(pod, before) {
      if (pod.spec.nodeName) assumed.delete(keyOf(pod));
      else if (!isDeepStrictEqual(withoutStatus(pod), withoutStatus(before))) retry();
      offer(pod);
      if (isFinished(pod) && !isFinished(before)) retry();
    },
    deleted(pod) {
      assumed.delete(keyOf(pod));
      waiting.delete(keyOf(pod));
      if (pod.spec.nodeName) retry();
    },
  });
  nodeInformer.on({
    added: retry,
    changed(node, before) {
      if (!isDeepStrictEqual(roomOf(node), roomOf(before))) retry();
    },
    deleted: retry,
  });
  const interval = setInterval(() => {
    if (isOn('no-reschedule')) return;
    for (const key of waiting.keys()) {
      if (conditionOf(podsInformer.store.get(key) ?? {}, 'PodScheduled')?.message?.includes(heldBack)) queue.add(key);
    }
  }, sabotagePeriodMs);

  return {
    async close() {
      clearInterval(interval);
      closing.resolve('closed');
      await queue.close();
    },
  };
}

/** Whether a pod waits for a node, from this scheduler. */
function wantsPlace({ metadata, spec }: Pod): boolean {
  return !spec.nodeName && metadata.deletionTimestamp === undefined && (spec.schedulerName ?? schedulerName) === schedulerName;
}

/** What of a node decides whether pods find room on it. */
function roomOf({ metadata, spec, status }: Node): unknown {
  return { labels: metadata.labels, taints: spec.taints, cordoned: spec.unschedulable, allocatable: status?.allocatable, ready: conditionOf({ status: status ?? {} }, 'Ready')?.status };
}

function withoutStatus({ metadata, spec }: Pod): unknown {
  return { labels: metadata.labels, spec };
}
