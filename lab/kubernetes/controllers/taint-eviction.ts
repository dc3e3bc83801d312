import { isNotFound, keyOf, nodes as nodeResource, pods as podResource } from '../client/index.ts';
import type { Node, Pod, Taint } from '../objects.ts';
import { tolerates } from '../node-fit.ts';
import { setPodConditions } from '../pod-conditions.ts';
import { isFinished, isTerminating } from '../pod-state.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { podInformer } from './pods.ts';

/**
 * How long a pod may stay on a node with these taints: 0 when it does not tolerate one of them, otherwise the shortest of the
 * tolerations that are needed; `undefined` when it may stay for good.
 */
export function toleratedForMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  const noExecute = taints.filter(({ effect }) => effect === 'NoExecute');
  let shortest: number | undefined;
  for (const taint of noExecute) {
    const toleration = (pod.spec.tolerations ?? []).find((each) => tolerates(each, taint));
    if (!toleration) return 0;
    if (toleration.tolerationSeconds === undefined) continue;
    shortest = Math.min(shortest ?? Infinity, Math.max(0, toleration.tolerationSeconds) * 1000);
  }
  return shortest;
}

/** Deletes pods from nodes whose NoExecute taints they don't tolerate, or not for so long. */
export function startTaintEvictionController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('taint-eviction-controller');
  const nodeInformer = informers.of(nodeResource);
  const podsInformer = podInformer(informers);
  /** Pods that are to go, and when; by uid. */
  const marked = new Map<string, number>();

  const work = async (key: string): Promise<void> => {
    const pod = podsInformer.store.get(key);
    if (!pod) return;
    const uid = pod.metadata.uid!;
    const node = nodeInformer.store.get(pod.spec.nodeName ?? '');
    const stayMs = node ? toleratedForMs(pod, node.spec.taints ?? []) : undefined;
    if (stayMs === undefined || isTerminating(pod) || isFinished(pod)) {
      if (marked.delete(uid) && !isTerminating(pod)) events.record(podResource, pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
      return;
    }
    const dueMs = marked.get(uid) ?? now() + stayMs;
    marked.set(uid, dueMs);
    if (dueMs > now()) return queue.addAfter(key, dueMs - now());
    await evict(pod);
    marked.delete(uid);
  };
  const evict = async (pod: Pod): Promise<void> => {
    const { name, namespace, uid } = pod.metadata;
    events.record(podResource, pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
    const reason = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };
    if (!(await setPodConditions(client, podsInformer, pod, [{ type: 'DisruptionTarget', status: 'True', ...reason }]))) return;
    try {
      await client.delete(podResource, { name, namespace }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  const queue = controllerQueue(context, 'taint-eviction', [nodeInformer, podsInformer], work);
  const hasNoExecute = (node: Node | undefined): boolean => node?.spec.taints?.some(({ effect }) => effect === 'NoExecute') ?? false;
  const wakePods = (node: Node): void => {
    for (const pod of podsInformer.store.by('node', node.metadata.name)) queue.add(keyOf(pod));
  };
  nodeInformer.on({
    added: (node) => void (hasNoExecute(node) && wakePods(node)),
    changed: (node, before) => void ((hasNoExecute(node) || hasNoExecute(before)) && wakePods(node)),
  });
  podsInformer.on({
    added: (pod) => void (hasNoExecute(nodeInformer.store.get(pod.spec.nodeName ?? '')) && queue.add(keyOf(pod))),
    changed: (pod) => void (hasNoExecute(nodeInformer.store.get(pod.spec.nodeName ?? '')) && queue.add(keyOf(pod))),
    deleted: (pod) => void marked.delete(pod.metadata.uid!),
  });
  return queue;
}
