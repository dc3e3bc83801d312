import type { Node, Pod } from '../objects.ts';

/** A node with the pods that have a place on it, ended ones left out. */
export interface Place {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

/** What a choice is made from. */
export type Places = readonly Place[];

/** Whether a pod counts where pods are spread: it is in this namespace and is not going away. */
export function countsIn(namespace: string | undefined, pod: Pod): boolean {
  return pod.metadata.namespace === namespace && pod.metadata.deletionTimestamp === undefined;
}

/** How many pods there are in each value of a node label. Nodes without the label are left out; ones without pods count zero. */
export function countByDomain(places: Places, topologyKey: string, counts: (pod: Pod) => boolean): Map<string, number> {
  const domains = new Map<string, number>();
  for (const { node, pods } of places) {
    const domain = node.metadata.labels?.[topologyKey];
    if (domain !== undefined) domains.set(domain, (domains.get(domain) ?? 0) + pods.filter(counts).length);
  }
  return domains;
}
