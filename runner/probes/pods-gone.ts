import { z } from 'zod';
import { Doomed } from '../doomed.ts';
import { defineProbe } from '../probe.ts';
import { inCluster, inNamespaces } from '../rbac.ts';
import { requireKubernetes } from '../watched-select.ts';
import { watchedStream } from '../watched-stream.ts';

/** Has what was killed really gone? A pod that hangs in Terminating keeps its volumes, its name and its place on the node. */
export default defineProbe({
  summary: 'watches the pods that the faults have killed: good while none of them is still there, as one is that hangs in Terminating',
  schema: z.strictObject({}),
  selects: ['namespace'],
  permissions: {
    iam: [],
    rbac: [
      inNamespaces('', ['pods'], ['list', 'watch']),
      inCluster('', ['nodes'], ['list', 'watch']),
    ],
  },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 3000 },

  async open(spec, context) {
    const { name, clock, timeoutMs, hit } = context;
    const cluster = requireKubernetes(context);
    const pods = await cluster.open({ collection: 'pods', namespace: spec.select?.namespace });
    const nodes = await cluster.open({ collection: 'nodes' });
    const doomed = new Doomed({ hit, nodes: nodes.items });

    const judge = () => {
      const lost = doomed.pods(pods.items);
      const still = [...pods.items.values()].filter(({ uid }) => lost.has(uid)).map((pod) => pod.name).sort();
      return still.length === 0 ? { value: 'good' as const } : { value: 'bad' as const, why: `still there: ${still.join(', ')}` };
    };
    return { streams: [watchedStream({ name, clock, timeoutMs, collections: [pods, nodes], judge })], close: async () => {} };
  },
});
