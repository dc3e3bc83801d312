import type { Change, WatchedNode, WatchedPod, WatchedSlice } from './cluster-watch.ts';
import type { Target } from './fault.ts';
import type { Detail, Milestone } from './journal.ts';

export interface ClusterHistoryInput {
  /** What the faults have hit so far, in order. */
  hit(): readonly Target[];
  milestone(milestone: Milestone): void;
}

/** Pods, and nodes, whose life is told: whatever happens, the journal stays small. */
const mostSubjects = 300;

const source = 'kubernetes';

/** When something was known, in milliseconds on the clock. */
interface Times {
  readonly notYetMs: number | null;
  readonly seenMs: number;
}

/**
 * Turns what watches tell into changes of state. Told are the pods that a fault has hit, beginning with the state that they
 * were in, and those that come up afterwards for the same workload, which may be their replacements; likewise nodes.
 */
export class ClusterHistory {
  readonly #input: ClusterHistoryInput;
  /** Names of the pods that are told of, by uid. */
  readonly #pods = new Map<string, string>();
  readonly #nodes = new Set<string>();
  /** What was said last of each pod in each Service. */
  readonly #endpoints = new Map<string, string>();
  #hits: readonly Target[] = [];
  #workloads = new Set<string>();

  constructor(input: ClusterHistoryInput) {
    this.#input = input;
  }

  /**
   * Whether something has been hit since this was asked last; then {@link hitPods} and its likes have to be told what is
   * there.
   */
  hasNewHits(): boolean {
    const hit = this.#input.hit();
    if (hit.length === this.#hits.length) return false;
    this.#hits = [...hit];
    this.#workloads = new Set(hit.flatMap((target) => (target.workload === undefined ? [] : [workloadKey(target)])));
    return true;
  }

  /** Those of the pods that were hit are told of from here on, with the state that they are in. */
  hitPods(pods: Iterable<WatchedPod>, seenMs: number): void {
    const hit = new Set(this.#hits.map(({ id }) => id));
    for (const pod of pods) {
      if (!hit.has(pod.uid) || this.#pods.has(pod.uid) || !this.#mayTell(this.#pods)) continue;
      this.#pods.set(pod.uid, pod.name);
      this.#tellPod(pod, factsOf(pod).slice(-1), { notYetMs: null, seenMs });
    }
  }

  hitSlices(slices: Iterable<WatchedSlice>, seenMs: number): void {
    for (const slice of slices) this.#sawSlice(slice, { notYetMs: null, seenMs });
  }

  hitNodes(nodes: Iterable<WatchedNode>, seenMs: number): void {
    for (const node of nodes) {
      const isHit = this.#hits.some(({ kind, id, node: name }) => kind !== 'pod' && (id === node.uid || id === node.instanceId || name === node.name));
      if (!isHit || this.#nodes.has(node.uid)) continue;
      this.#nodes.add(node.uid);
      this.#tellNode(node, node.ready ? 'ready' : 'not ready', { notYetMs: null, seenMs });
    }
  }

  sawPod({ before, after, notYetMs, seenMs }: Change<WatchedPod>): void {
    const pod = after ?? before!;
    if (!this.#pods.has(pod.uid)) {
      const replaces = !before && pod.workload !== undefined && this.#workloads.has(workloadKey(pod));
      if (!replaces || !this.#mayTell(this.#pods)) return;
      this.#pods.set(pod.uid, pod.name);
    }
    const had = before ? factsOf(before) : [];
    const has = after ? factsOf(after) : ['gone'];
    const lostReady = after && had.includes('ready') && !has.includes('ready') ? ['not ready'] : [];
    this.#tellPod(pod, [...has.filter((fact) => !had.includes(fact)), ...lostReady], { notYetMs, seenMs });
  }

  sawSlice({ before, after, notYetMs, seenMs }: Change<WatchedSlice>): void {
    // Where one is deleted, nothing is sent to any of its addresses.
    const slice = after ?? { ...before!, endpoints: [] };
    this.#sawSlice(slice, { notYetMs, seenMs }, before);
  }

  sawNode({ before, after, notYetMs, seenMs }: Change<WatchedNode>): void {
    if (this.#hits.length === 0) return;
    const node = after ?? before!;
    const times = { notYetMs, seenMs };
    if (after && before?.ready === after.ready) return;
    if (!this.#nodes.has(node.uid) && !this.#mayTell(this.#nodes)) return;
    this.#nodes.add(node.uid);
    if (!before) this.#tellNode(node, 'registered', times);
    if (!after) this.#tellNode(node, 'gone', times);
    else if (after.ready || before) this.#tellNode(node, after.ready ? 'ready' : 'not ready', times);
  }

  #mayTell(told: { readonly size: number }): boolean {
    return told.size < mostSubjects;
  }

  #sawSlice(slice: WatchedSlice, times: Times, before?: WatchedSlice): void {
    const now = new Map(slice.endpoints.map(({ podUid, ready }) => [podUid, ready]));
    const concerned = new Set([...now.keys(), ...(before?.endpoints ?? []).map(({ podUid }) => podUid)]);
    for (const uid of concerned) {
      const subject = uid === undefined ? undefined : this.#pods.get(uid);
      if (uid === undefined || subject === undefined) continue;
      const state = now.get(uid) ? 'ready' : 'not ready';
      const key = `${slice.service} ${uid}`;
      // An address that waits to become ready is no news.
      if (state === (this.#endpoints.get(key) ?? 'not ready')) continue;
      this.#endpoints.set(key, state);
      this.#tell('endpoint', subject, state, { uid, service: slice.service ?? '' }, times);
    }
  }

  #tellPod({ name, uid, namespace, workload, node }: WatchedPod, states: readonly string[], times: Times): void {
    const detail = { uid, namespace, ...(workload === undefined ? {} : { workload }), ...(node === undefined ? {} : { node }) };
    for (const state of states) this.#tell('pod', name, state, detail, times);
  }

  #tellNode({ name, uid, instanceId, zone }: WatchedNode, state: string, times: Times): void {
    this.#tell('node', name, state, { uid, zone, ...(instanceId === undefined ? {} : { instance: instanceId }) }, times);
  }

  #tell(facet: Milestone['facet'], subject: string, state: string, detail: Detail, { notYetMs, seenMs }: Times): void {
    this.#input.milestone({ facet, subject, state, detail, notYet: notYetMs, seen: seenMs, source });
  }
}

function workloadKey({ namespace, workload }: { readonly namespace?: string; readonly workload?: string | undefined }): string {
  return `${namespace} ${workload}`;
}

/** How far a pod has come, and whether it is leaving: each of these has become so at some time. */
function factsOf({ node, started, ready, terminating }: WatchedPod): string[] {
  return ['created', ...(node === undefined ? [] : ['scheduled']), ...(started ? ['started'] : []), ...(ready ? ['ready'] : []), ...(terminating ? ['terminating'] : [])];
}
