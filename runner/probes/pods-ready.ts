import { z } from 'zod';
import type { Select } from '../../scenarios/select.ts';
import type { ClusterWatch, WatchedCollection, WatchedNode, WatchedPod } from '../cluster-watch.ts';
import { Doomed } from '../doomed.ts';
import { ExpectedError } from '../errors.ts';
import { defineProbe } from '../probe.ts';
import { inCluster, inNamespaces } from '../rbac.ts';
import { matchesPatterns } from '../roles.ts';
import { describeSelect } from '../select.ts';
import { atLeastSchema, countText, labelSelectorOf, requireKubernetes, wantedOf, type AtLeast } from '../watched-select.ts';
import { watchedStream } from '../watched-stream.ts';

/** Are as many pods ready as should be, without those that were killed? */
export default defineProbe<{ atLeast?: AtLeast }>({
  summary: 'watches pods: good while as many are ready as their workloads wanted when the run began; killed ones never count, their replacements do',
  schema: z.strictObject({
    atLeast: atLeastSchema
      .optional()
      .describe('How many must be ready, such as 4 or 90%; what their workloads wanted when the run began, when left out'),
  }),
  selects: ['namespace', 'labels', 'owner', 'node', 'zone', 'notZone'],
  permissions: {
    iam: [],
    rbac: [
      inNamespaces('', ['pods'], ['list', 'watch']),
      inNamespaces('apps', ['deployments', 'statefulsets', 'daemonsets'], ['list']),
      inCluster('', ['nodes'], ['list', 'watch']),
    ],
  },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 3000 },

  async open(spec, context) {
    const { name, clock, timeoutMs, hit } = context;
    const cluster = requireKubernetes(context);
    const select: Select = spec.select ?? {};
    const { namespace, labels } = select;
    const pods = await cluster.open({ collection: 'pods', namespace, labelSelector: labelSelectorOf(labels) });
    const nodes = await cluster.open({ collection: 'nodes' });
    const meant = [...pods.items.values()].filter((pod) => isAlive(pod) && matches(pod, select, zonesOf(nodes)));
    const desired = typeof spec.atLeast === 'number' ? spec.atLeast : await desiredBy(cluster, select);
    if (meant.length === 0 && !desired) {
      throw new ExpectedError(`probe ${name}: select ${describeSelect(select)} matches no pod, and no workload that would make one`);
    }
    const wanted = wantedOf(spec.atLeast, desired ?? meant.filter(({ ready }) => ready).length);
    const doomed = new Doomed({ hit, nodes: nodes.items });

    const judge = () => {
      const lost = doomed.pods(pods.items);
      const zones = zonesOf(nodes);
      let ready = 0;
      for (const pod of pods.items.values()) if (pod.ready && isAlive(pod) && !lost.has(pod.uid) && matches(pod, select, zones)) ready += 1;
      return ready >= wanted ? { value: 'good' as const } : { value: 'bad' as const, why: countText(ready, wanted, 'ready') };
    };
    return { streams: [watchedStream({ name, clock, timeoutMs, collections: [pods, nodes], judge })], close: async () => {} };
  },
});

/** It has not ended, and is not about to. */
function isAlive({ phase, terminating }: WatchedPod): boolean {
  return !terminating && phase !== 'Succeeded' && phase !== 'Failed';
}

type Zones = ReadonlyMap<string | undefined, string>;

/** A pod's zone is its node's. */
function zonesOf({ items }: WatchedCollection<WatchedNode>): Zones {
  return new Map([...items.values()].map(({ name, zone }) => [name, zone]));
}

function matches(pod: WatchedPod, { labels = {}, owner, node, zone, notZone }: Select, zones: Zones): boolean {
  if (owner !== undefined && pod.workload !== owner) return false;
  if (node !== undefined && pod.node !== node) return false;
  if (!matchesPatterns(pod.labels, labels)) return false;
  const itsZone = zones.get(pod.node);
  return (zone === undefined || itsZone === zone) && (notZone === undefined || itsZone !== notZone);
}

/** How many pods their workloads want; undefined for those of a node or a zone, as no workload says how many go there. */
async function desiredBy(cluster: ClusterWatch, { namespace, labels = {}, owner, node, zone, notZone }: Select): Promise<number | undefined> {
  if (node !== undefined || zone !== undefined || notZone !== undefined) return undefined;
  const all = ['deployments', 'statefulsets', 'daemonsets'] as const;
  const collections = all.filter((collection) => owner === undefined || collection === `${owner.split('/')[0]}s`);
  const lists = await Promise.all(collections.map((collection) => cluster.list({ collection, namespace })));
  const meant = lists.flat().filter(({ ref, podLabels }) => (owner === undefined || ref === owner) && matchesPatterns(podLabels, labels));
  return meant.length === 0 ? undefined : meant.reduce((sum, { desired }) => sum + desired, 0);
}
