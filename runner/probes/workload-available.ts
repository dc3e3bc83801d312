import { z } from 'zod';
import type { Select } from '../../scenarios/select.ts';
import type { ClusterWatch, WatchedCollection, WatchedWorkload } from '../cluster-watch.ts';
import { ExpectedError } from '../errors.ts';
import { namesOf } from '../etcd-voters.ts';
import { defineProbe } from '../probe.ts';
import { inNamespaces } from '../rbac.ts';
import { matchesPatterns } from '../roles.ts';
import { describeSelect } from '../select.ts';
import { atLeastSchema, countText, labelSelectorOf, requireKubernetes, wantedOf, type AtLeast } from '../watched-select.ts';
import { watchedStream } from '../watched-stream.ts';

/** Does every workload have what it wants, by what its controller says? */
export default defineProbe<{ atLeast?: AtLeast }>({
  summary: 'watches Deployments, StatefulSets and DaemonSets: good while each has all that it wants, up to date, ready and available',
  schema: z.strictObject({
    atLeast: atLeastSchema
      .optional()
      .describe('How many of its pods each workload must have available, such as 4 or 75%; all that it wants when left out, each of its newest version'),
  }),
  selects: ['namespace', 'labels', 'names', 'owner'],
  permissions: {
    iam: [],
    rbac: [inNamespaces('apps', ['deployments', 'statefulsets', 'daemonsets'], ['list', 'watch'])],
  },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 3000 },

  async open(spec, context) {
    const { name, clock, timeoutMs } = context;
    const select: Select = spec.select ?? {};
    const collections = await openAll(requireKubernetes(context), select);
    const meant = (): WatchedWorkload[] => collections.flatMap(({ items }) => [...items.values()]).filter((workload) => matches(workload, select));
    const atFirst = meant().map(({ ref }) => ref);
    if (atFirst.length === 0) throw new ExpectedError(`probe ${name}: select ${describeSelect(select)} matches no Deployment, StatefulSet or DaemonSet`);

    const judge = () => {
      const now = meant();
      const gone = atFirst.filter((ref) => !now.some((workload) => workload.ref === ref)).map((ref) => `${ref} is gone`);
      const complaints = [...gone, ...now.flatMap((workload) => complaintOf(workload, spec.atLeast) ?? [])];
      return complaints.length === 0 ? { value: 'good' as const } : { value: 'bad' as const, why: namesOf(complaints) };
    };
    return { streams: [watchedStream({ name, clock, timeoutMs, collections, judge })], close: async () => {} };
  },
});

function openAll(cluster: ClusterWatch, { namespace, labels, owner }: Select): Promise<WatchedCollection<WatchedWorkload>[]> {
  const all = ['deployments', 'statefulsets', 'daemonsets'] as const;
  const wanted = all.filter((collection) => owner === undefined || collection === `${owner.split('/')[0]}s`);
  return Promise.all(wanted.map((collection) => cluster.open({ collection, namespace, labelSelector: labelSelectorOf(labels) })));
}

function matches({ name, ref, labels: its }: WatchedWorkload, { names, labels = {}, owner }: Select): boolean {
  return (names === undefined || names.includes(name)) && (owner === undefined || ref === owner) && matchesPatterns(its, labels);
}

function complaintOf({ ref, desired, updated, all, ready, available, observed }: WatchedWorkload, atLeast: AtLeast | undefined): string | undefined {
  if (!observed) return `${ref}: its controller has not seen its newest version`;
  const wanted = wantedOf(atLeast, desired);
  if (atLeast === undefined && updated < desired) return `${ref}: ${countText(updated, desired, 'up to date')}`;
  // As `kubectl rollout status` has it: what is ready may be the old ones.
  if (atLeast === undefined && all > updated) return `${ref}: ${all - updated} of an older version`;
  if (ready < wanted) return `${ref}: ${countText(ready, wanted, 'ready')}`;
  return available < wanted ? `${ref}: ${countText(available, wanted, 'available')}` : undefined;
}
