import { z } from 'zod';
import type { Select } from '../../scenarios/select.ts';
import type { WatchedNode } from '../cluster-watch.ts';
import { Doomed } from '../doomed.ts';
import { ExpectedError } from '../errors.ts';
import { defineProbe } from '../probe.ts';
import { inCluster } from '../rbac.ts';
import { describeSelect, matchesNode } from '../select.ts';
import { atLeastSchema, countText, labelSelectorOf, requireKubernetes, wantedOf, type AtLeast } from '../watched-select.ts';
import { watchedStream } from '../watched-stream.ts';

/** Are as many nodes ready as when the run began? */
export default defineProbe<{ atLeast?: AtLeast }>({
  summary: 'watches nodes: good while as many are ready as when the run began; lost ones never count, their replacements do',
  schema: z.strictObject({
    atLeast: atLeastSchema.optional().describe('How many must be ready, such as 5 or 80%; as many as when the run began when left out'),
  }),
  selects: ['names', 'labels', 'zone', 'notZone'],
  permissions: { iam: [], rbac: [inCluster('', ['nodes'], ['list', 'watch'])] },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 3000 },

  async open(spec, context) {
    const { name, clock, timeoutMs, hit } = context;
    const select: Select = spec.select ?? {};
    const nodes = await requireKubernetes(context).open({ collection: 'nodes', labelSelector: labelSelectorOf(select.labels) });
    const isMeant = (node: WatchedNode): boolean => matchesNode(node, select);
    const meant = [...nodes.items.values()].filter(isMeant);
    if (meant.length === 0) throw new ExpectedError(`probe ${name}: select ${describeSelect(select)} matches no node`);
    const wanted = wantedOf(spec.atLeast, meant.filter(({ ready }) => ready).length);
    const doomed = new Doomed({ hit, nodes: nodes.items });

    const judge = () => {
      const lost = doomed.nodes();
      const ready = [...nodes.items.values()].filter((node) => node.ready && !node.terminating && !lost.has(node.uid) && isMeant(node)).length;
      return ready >= wanted ? { value: 'good' as const } : { value: 'bad' as const, why: countText(ready, wanted, 'ready') };
    };
    return { streams: [watchedStream({ name, clock, timeoutMs, collections: [nodes], judge })], close: async () => {} };
  },
});
