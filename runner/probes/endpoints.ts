import { z } from 'zod';
import type { Select } from '../../scenarios/select.ts';
import type { WatchedSlice } from '../cluster-watch.ts';
import { Doomed } from '../doomed.ts';
import { ExpectedError } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import { defineProbe } from '../probe.ts';
import { inCluster, inNamespaces } from '../rbac.ts';
import { describeSelect } from '../select.ts';
import { countText, requireKubernetes } from '../watched-select.ts';
import { watchedStream } from '../watched-stream.ts';

/** Where would a Service send its requests? */
export default defineProbe<{ atLeast: number }>({
  summary: 'watches EndpointSlices: good while each selected Service has enough ready addresses; those of killed pods never count',
  schema: z.strictObject({
    atLeast: z.int().min(1).default(1).describe('How many ready addresses each Service must have; 1 when left out'),
  }),
  selects: ['namespace', 'names'],
  permissions: {
    iam: [],
    rbac: [
      inNamespaces('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
      inCluster('', ['nodes'], ['list', 'watch']),
    ],
  },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 3000 },

  async open({ atLeast, ...spec }, context) {
    const { name, clock, timeoutMs, hit } = context;
    const cluster = requireKubernetes(context);
    const select: Select = spec.select ?? {};
    const services = [...new Set(select.names ?? [])];
    if (services.length === 0) throw new ExpectedError(`probe ${name}: select.names must name the Service or Services that it is to watch`);
    const labelSelector = `kubernetes.io/service-name in (${services.join(',')})`;
    const slices = await cluster.open({ collection: 'endpointslices', namespace: select.namespace, labelSelector });
    const missing = services.filter((service) => ![...slices.items.values()].some((slice) => slice.service === service));
    if (missing.length > 0) {
      throw new ExpectedError(`probe ${name}: select ${describeSelect(select)}: there is no EndpointSlice of ${namesOf(missing)}; is there such a Service, and has it a selector?`);
    }
    const nodes = await cluster.open({ collection: 'nodes' });
    const doomed = new Doomed({ hit, nodes: nodes.items });

    const judge = () => {
      const lost = doomed.endpoints(slices.items);
      const complaints = services.flatMap((service) => {
        const ready = readyOf(service, slices.items.values(), lost);
        return ready >= atLeast ? [] : [`${service}: ${countText(ready, atLeast, 'ready')}`];
      });
      return complaints.length === 0 ? { value: 'good' as const } : { value: 'bad' as const, why: namesOf(complaints) };
    };
    return { streams: [watchedStream({ name, clock, timeoutMs, collections: [slices, nodes], judge })], close: async () => {} };
  },
});

/** Ready addresses, each once: with two families of addresses a pod is in two slices. */
function readyOf(service: string, slices: Iterable<WatchedSlice>, lost: ReadonlySet<string>): number {
  const ready = new Set<string>();
  for (const slice of slices) {
    if (slice.service !== service) continue;
    for (const { address, podUid, ready: isReady } of slice.endpoints) {
      if (isReady && (podUid === undefined || !lost.has(podUid))) ready.add(podUid ?? address);
    }
  }
  return ready.size;
}
