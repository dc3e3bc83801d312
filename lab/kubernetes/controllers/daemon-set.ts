import { isDeepStrictEqual } from 'node:util';
import { isNotFound, keyOf, nodes as nodeResource, pods as podResource } from '../client/index.ts';
import type { Node } from '../objects.ts';
import { daemonSets, type DaemonSet } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { daemonPod, daemonSetStatus, decidePlacement, decideUpdate } from './daemon-set-decision.ts';
import { createPodMaker } from './make-pods.ts';
import { claim } from './ownership.ts';
import { followPods, podInformer } from './pods.ts';
import { noteRevision, revisionInformer, revisionLabel, trimHistory } from './revision-history.ts';

/** Keeps one pod of each DaemonSet on each node that should have one. */
export function startDaemonSetController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('daemonset-controller');
  const daemonSetInformer = informers.of(daemonSets);
  daemonSetInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const nodeInformer = informers.of(nodeResource);
  const podsInformer = podInformer(informers);
  const revisions = revisionInformer(context);
  const maker = createPodMaker(context, daemonSets, events, podsInformer);

  const work = async (key: string): Promise<void> => {
    const daemonSet = daemonSetInformer.store.get(key);
    if (!daemonSet) return;
    try {
      await sync(key, daemonSet);
    } catch (error) {
      // Deleted meanwhile: the watch will say so.
      if (!isNotFound(error)) throw error;
    }
  };
  const sync = async (key: string, daemonSet: DaemonSet): Promise<void> => {
    const history = await noteRevision(context, daemonSets, daemonSet, revisions);
    const hash = history.current.metadata.labels?.[revisionLabel] ?? '';
    const pods = await claim(context, daemonSets, daemonSet, daemonSet.spec.selector, podResource, podsInformer);
    const nodes = [...nodeInformer.store.values()];
    let failure: Error | undefined;
    if (daemonSet.metadata.deletionTimestamp === undefined) {
      const { create, remove } = decidePlacement(daemonSet, nodes, pods);
      for (const pod of remove) {
        const { phase } = pod.status ?? {};
        if (phase !== 'Failed' && phase !== 'Succeeded') continue;
        const what = `${pod.metadata.namespace}/${pod.metadata.name} on node ${pod.spec.nodeName}`;
        if (phase === 'Failed') events.record(daemonSets, daemonSet, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${what}, will try to kill it`);
        else events.record(daemonSets, daemonSet, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${what}, will try to delete it`);
      }
      try {
        await Promise.all(remove.map((pod) => maker.delete(daemonSet, pod)));
        await maker.create(daemonSet, create.map((node) => daemonPod(daemonSet, node, hash)));
        if (create.length === 0 && remove.length === 0) {
          await Promise.all(decideUpdate(daemonSet, nodes, pods, hash, now()).map((pod) => maker.delete(daemonSet, pod)));
        }
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
      await trimHistory(context, history, daemonSet.spec.revisionHistoryLimit ?? 10, new Set(pods.map(({ metadata }) => metadata.labels?.[revisionLabel] ?? '')));
    }
    // As in Kubernetes, the status tells of the pods before this turn; their changes bring the next one.
    const status = daemonSetStatus(daemonSet, nodes, pods, hash, now());
    if (!isDeepStrictEqual(status, daemonSet.status)) daemonSetInformer.absorb(await client.updateStatus(daemonSets, { ...daemonSet, status }));
    const { minReadySeconds = 0 } = daemonSet.spec;
    if (status.numberReady > (status.numberAvailable ?? 0)) queue.addAfter(key, minReadySeconds * 1000);
    if (failure) throw failure;
  };
  const queue = controllerQueue(context, 'daemon-set', [daemonSetInformer, nodeInformer, podsInformer, revisions], work);

  const wakeAll = (): void => {
    for (const daemonSet of daemonSetInformer.store.values()) queue.add(keyOf(daemonSet));
  };
  daemonSetInformer.on({ added: (object) => queue.add(keyOf(object)), changed: (object) => queue.add(keyOf(object)) });
  nodeInformer.on({
    added: wakeAll,
    changed: (node, before) => {
      if (!isDeepStrictEqual(placementOf(node), placementOf(before))) wakeAll();
    },
    deleted: wakeAll,
  });
  followPods(podsInformer, 'DaemonSet', daemonSetInformer, (key) => queue.add(key));
  return queue;
}

/** What of a node decides about its pods. */
function placementOf({ metadata, spec }: Node): unknown {
  return { labels: metadata.labels, taints: spec.taints };
}
