import type { WatchedNode, WatchedPod, WatchedSlice } from './cluster-watch.ts';
import type { Target } from './fault.ts';

export interface DoomedInput {
  /** What the faults have hit so far, in order. */
  hit(): readonly Target[];
  /** All nodes, by uid: they tell which machine is which. */
  readonly nodes: ReadonlyMap<string, WatchedNode>;
}

/**
 * What the faults have doomed, by uid: it never counts as well again, whatever the API says of it; only what replaces it
 * does. A machine takes its node with it, and a node the pods that it had when it was hit; those that come onto it later
 * are others.
 */
export class Doomed {
  readonly #input: DoomedInput;
  /** What each target has doomed, by its id. */
  readonly #byTarget = new Map<string, readonly string[]>();

  constructor(input: DoomedInput) {
    this.#input = input;
  }

  /** @param pods all that there are now, by uid */
  pods(pods: ReadonlyMap<string, WatchedPod>): ReadonlySet<string> {
    return this.#uids((lost, target) => {
      if (target.kind === 'pod') return [target.id];
      return [...pods.values()].filter(({ node }) => lost.some(({ name }) => name === node)).map(({ uid }) => uid);
    });
  }

  nodes(): ReadonlySet<string> {
    return this.#uids((lost) => lost.map(({ uid }) => uid));
  }

  /** The pods behind addresses of Services. */
  endpoints(slices: ReadonlyMap<string, WatchedSlice>): ReadonlySet<string> {
    return this.#uids((lost, target) => {
      if (target.kind === 'pod') return [target.id];
      const all = [...slices.values()].flatMap(({ endpoints }) => endpoints);
      return all.flatMap(({ node, podUid }) => (podUid !== undefined && lost.some(({ name }) => name === node) ? [podUid] : []));
    });
  }

  #uids(uidsOf: (lost: readonly WatchedNode[], target: Target) => readonly string[]): ReadonlySet<string> {
    const hit = this.#input.hit().filter(({ survives }) => !survives);
    const ids = new Set(hit.map(({ id }) => id));
    // What was spared after all is well as it is.
    for (const id of this.#byTarget.keys()) if (!ids.has(id)) this.#byTarget.delete(id);
    for (const target of hit) {
      if (!this.#byTarget.has(target.id)) this.#byTarget.set(target.id, uidsOf(this.#nodesOf(target), target));
    }
    return new Set([...this.#byTarget.values()].flat());
  }

  #nodesOf({ kind, id, node }: Target): WatchedNode[] {
    if (kind !== 'node' && kind !== 'instance') return [];
    return [...this.#input.nodes.values()].filter(({ uid, instanceId, name }) => uid === id || instanceId === id || (kind === 'instance' && name === node));
  }
}
