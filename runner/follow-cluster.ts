import type { Change, ClusterWatch, WatchedCollection, WatchedObject } from './cluster-watch.ts';
import type { Clock } from './clock.ts';
import { ClusterHistory, type ClusterHistoryInput } from './cluster-history.ts';
import { messageOf } from './errors.ts';
import type { Target } from './fault.ts';
import { labelSelectorOf } from './watched-select.ts';

export interface FollowInput extends ClusterHistoryInput {
  readonly cluster: ClusterWatch;
  readonly clock: Clock;
  /** What the plan means to hit: followed from the beginning, so that the state before is known. */
  readonly planned: readonly Target[];
  note(text: string): void;
}

/** How often it is looked whether something was hit, in milliseconds. */
const lookEveryMs = 100;

/**
 * Follows what faults hit on Kubernetes, and what replaces it: its milestones are what waterfalls are made of. Where
 * something can't be watched that is noted, and the rest goes on.
 *
 * @returns a function that ends it
 */
export async function followCluster(input: FollowInput): Promise<() => void> {
  const { cluster, clock, planned, note } = input;
  const history = new ClusterHistory(input);
  const followed = new Set<string>();
  const ends: (() => void)[] = [];
  /** Tell the history, of all that there is, what was hit. */
  const looks: ((seenMs: number) => void)[] = [];
  let ended = false;

  const follow = async (targets: readonly Target[]): Promise<void> => {
    const wanted = new Map(targets.flatMap(needsOf).map((need) => [JSON.stringify(need), need]));
    const fresh = [...wanted].filter(([key]) => !followed.has(key));
    for (const [key] of fresh) followed.add(key);
    await Promise.all(fresh.map(([, need]) => open(need).catch((error: unknown) => note(`what was hit can't be followed on Kubernetes: ${messageOf(error)}`))));
  };
  const open = async (need: Need): Promise<void> => {
    if (need.what === 'nodes') {
      attach(await cluster.open({ collection: 'nodes' }), (change) => history.sawNode(change), (nodes, seenMs) => history.hitNodes(nodes, seenMs));
      return;
    }
    const { namespace, workload } = need;
    const labelSelector = workload === undefined ? undefined : labelSelectorOf(await podLabelsOf(cluster, namespace, workload));
    const [pods, slices] = await Promise.all([cluster.open({ collection: 'pods', namespace, labelSelector }), cluster.open({ collection: 'endpointslices', namespace })]);
    attach(pods, (change) => history.sawPod(change), (all, seenMs) => history.hitPods(all, seenMs));
    attach(slices, (change) => history.sawSlice(change), (all, seenMs) => history.hitSlices(all, seenMs));
  };
  const attached = new Set<unknown>();
  const attach = <T extends WatchedObject>(
    collection: WatchedCollection<T>,
    saw: (change: Change<T>) => void,
    look: (items: Iterable<T>, seenMs: number) => void,
  ): void => {
    if (ended || attached.has(collection)) return;
    attached.add(collection);
    let pending: Change<T> | undefined;
    looks.push((seenMs) => look(asBefore(collection.items, pending), seenMs));
    look(collection.items.values(), clock.now());
    ends.push(
      collection.onChange((change) => {
        pending = change;
        lookForHits();
        pending = undefined;
        saw(change);
      }),
    );
  };
  const lookForHits = (): void => {
    if (!history.hasNewHits()) return;
    for (const look of looks) look(clock.now());
    // Those that were not planned so, as after another choice, are followed from here on at least.
    follow(input.hit()).catch((error: unknown) => note(messageOf(error)));
  };
  let takeBack = (): void => {};
  const tick = (): void => {
    lookForHits();
    takeBack = clock.schedule(clock.now() + lookEveryMs, tick);
  };
  await follow(planned);
  tick();
  return () => {
    ended = true;
    takeBack();
    for (const end of ends) end();
  };
}

/** What there was before a change that is about to be told. */
function* asBefore<T extends WatchedObject>(items: ReadonlyMap<string, T>, pending: Change<T> | undefined): Generator<T> {
  const uid = (pending?.after ?? pending?.before)?.uid;
  for (const item of items.values()) if (item.uid !== uid) yield item;
  if (pending?.before) yield pending.before;
}

type Need = { readonly what: 'nodes' } | { readonly what: 'pods'; readonly namespace: string; readonly workload: string | undefined };

function needsOf({ kind, namespace, workload, node, survives }: Target): Need[] {
  if (kind === 'pod' || kind === 'workload') return namespace === undefined ? [] : [{ what: 'pods', namespace, workload }];
  return node === undefined || survives ? [] : [{ what: 'nodes' }];
}

/** The labels of a workload's pods, so that no more than those have to be watched. */
async function podLabelsOf(cluster: ClusterWatch, namespace: string, workload: string): Promise<Readonly<Record<string, string>> | undefined> {
  const collection = (['deployments', 'statefulsets', 'daemonsets', 'replicasets'] as const).find((one) => one === `${workload.split('/')[0]}s`);
  if (collection === undefined) return undefined;
  return (await cluster.list({ collection, namespace })).find(({ ref }) => ref === workload)?.podLabels;
}
