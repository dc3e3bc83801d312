import { isNotFound, keyOf, leases, nodes as nodeResource, pods as podResource, startInformer } from '../client/index.ts';
import type { Node, Taint } from '../objects.ts';
import { zoneLabel } from '../node-fit.ts';
import { setPodConditions } from '../pod-conditions.ts';
import { isReady } from '../pod-state.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createSignsOfLife, isNodeReady, noExecuteTaint, noScheduleTaints, silentConditions, withOwnTaints } from './node-health.ts';
import { podInformer } from './pods.ts';

/** Where kubelets keep their Leases. */
const leaseNamespace = 'kube-node-lease';

/**
 * Watches over nodes: one that has been silent for too long gets conditions that are Unknown, taints that keep pods away and
 * drive them off, and its pods are no longer ready.
 */
export function startNodeLifecycleController(context: ControllerContext): Running {
  const { client, informers, timing, now } = context;
  const events = context.events('node-controller');
  const nodeInformer = informers.of(nodeResource);
  const podsInformer = podInformer(informers);
  const leaseInformer = startInformer(client, leases, { namespace: leaseNamespace, log: context.log });
  const signs = createSignsOfLife();
  /** Nodes whose pods have been told that they are not ready. */
  const told = new Set<string>();
  /** When a node of a zone was last given up, by the zone's name. */
  const gaveUpMs = new Map<string, number>();
  let allSilent = false;

  /** Looks for silence. Only what changes is written, so that a quiet cluster costs nothing. */
  const look = (): void => {
    const nodes = [...nodeInformer.store.values()];
    // When every node is silent it is more likely that we are cut off: then nothing is driven off anywhere.
    const silent = nodes.filter((node) => isSilent(node) || !isNodeReady(node));
    const wereAllSilent = allSilent;
    allSilent = nodes.length > 1 && silent.length === nodes.length;
    if (allSilent !== wereAllSilent) {
      context.log(allSilent ? 'all nodes are not ready: nobody is evicted' : 'a node is ready again: pods may be evicted');
      if (!allSilent) signs.reset();
      for (const node of nodes) queue.add(keyOf(node));
    }
    for (const node of silent) if (isSilent(node) && silentConditions(node, now())) queue.add(keyOf(node));
  };
  const isSilent = (node: Node): boolean => signs.silentForMs(node, leaseInformer.store.get(`${leaseNamespace}/${node.metadata.name}`), now()) > timing.monitorGraceMs;

  const work = async (key: string): Promise<void> => {
    const node = nodeInformer.store.get(key);
    if (!node) {
      signs.forget(key);
      told.delete(key);
      return;
    }
    try {
      await sync(node);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  const sync = async (found: Node): Promise<void> => {
    let node = found;
    const conditions = isSilent(node) ? silentConditions(node, now()) : undefined;
    if (conditions) {
      const wasReady = isNodeReady(node);
      node = await client.updateStatus(nodeResource, { ...node, status: { ...node.status, conditions } });
      nodeInformer.absorb(node);
      const { name } = node.metadata;
      if (wasReady) events.record(nodeResource, node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    node = await taint(node, 'NoSchedule', noScheduleTaints(node));
    await tellPods(node);
    const key = noExecuteTaint(node);
    const waitMs = key === undefined || allSilent ? 0 : turnMs(node);
    if (waitMs > 0) queue.addAfter(keyOf(node), waitMs);
    else await taint(node, 'NoExecute', key === undefined || allSilent ? [] : [key]);
  };

  /** How long until it is this node's turn: nodes of a zone are given up one after the other. */
  const turnMs = (node: Node): number => {
    if (node.spec.taints?.some(({ key, effect }) => effect === 'NoExecute' && key === noExecuteTaint(node))) return 0;
    const zone = node.metadata.labels?.[zoneLabel] ?? '';
    const waitMs = (gaveUpMs.get(zone) ?? -Infinity) + timing.evictionSpacingMs - now();
    if (waitMs <= 0) gaveUpMs.set(zone, now());
    return waitMs;
  };

  const taint = async (node: Node, effect: 'NoSchedule' | 'NoExecute', keys: readonly string[]): Promise<Node> => {
    const taints: Taint[] | undefined = withOwnTaints(node, effect, keys, now());
    if (!taints) return node;
    const { name, resourceVersion } = node.metadata;
    const written = await client.patch(nodeResource, { name }, 'merge', { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } });
    nodeInformer.absorb(written);
    return written;
  };

  /** Pods of a node that is not ready are not ready either: so they leave the endpoints. Told once, as a kubelet may know better. */
  const tellPods = async (node: Node): Promise<void> => {
    const { name } = node.metadata;
    if (isNodeReady(node)) return void told.delete(name);
    if (told.has(name)) return;
    for (const pod of podsInformer.store.by('node', name).filter(isReady)) {
      if (await setPodConditions(client, podsInformer, pod, [{ type: 'Ready', status: 'False' }])) {
        events.record(podResource, pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      }
    }
    told.add(name);
  };

  const queue = controllerQueue(context, 'node-lifecycle', [nodeInformer, podsInformer, leaseInformer], work);
  nodeInformer.on({ added: (node) => queue.add(keyOf(node)), changed: (node) => queue.add(keyOf(node)), deleted: (node) => queue.add(keyOf(node)) });
  const looking = Promise.all([nodeInformer.synced, leaseInformer.synced]).then(() => setInterval(look, timing.monitorPeriodMs));
  let interval: NodeJS.Timeout | undefined;
  let closed = false;
  looking.then(
    (started) => {
      if (closed) clearInterval(started);
      else interval = started;
    },
    (error: unknown) => context.log(`node-lifecycle: ${String(error)}`),
  );
  return {
    async close() {
      closed = true;
      clearInterval(interval);
      leaseInformer.close();
      await queue.close();
    },
  };
}
