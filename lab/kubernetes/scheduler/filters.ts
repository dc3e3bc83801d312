import { conditionOf } from '../pod-state.ts';
import type { Pod, PodAffinityTerm, Taint, TopologySpreadConstraint } from '../objects.ts';
import { matchesNode, taintKeys, tolerates, untoleratedTaint } from '../node-fit.ts';
import { matchesSelector } from '../selectors.ts';
import { countByDomain, countsIn, type Place, type Places } from './cluster.ts';
import { podRequests, readQuantity, sumRequests } from '../quantity.ts';

/** Why a node won't do, in the words of the real scheduler. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** Whether fewer pods on the node would help. */
  readonly resolvable: boolean;
}

/** Says why a pod can't go to a place; undefined when it can. */
type Filter = (pod: Pod, place: Place, all: Places) => Refusal | undefined;

const never = (...reasons: string[]): Refusal => ({ reasons, resolvable: false });
const notNow = (...reasons: string[]): Refusal => ({ reasons, resolvable: true });

const unschedulable: Filter = ({ spec }, { node }) => {
  const taint: Taint = { key: taintKeys.unschedulable, effect: 'NoSchedule' };
  return node.spec.unschedulable && !spec.tolerations?.some((each) => tolerates(each, taint)) ? never('node(s) were unschedulable') : undefined;
};

const taints: Filter = ({ spec }, { node }) => {
  // A node that has just come up has no taint yet.
  const notReady: Taint[] = conditionOf(node, 'Ready')?.status === 'True' ? [] : [{ key: taintKeys.notReady, effect: 'NoSchedule' }];
  const taint = untoleratedTaint(spec.tolerations, [...(node.spec.taints ?? []), ...notReady], ['NoSchedule', 'NoExecute']);
  return taint && never(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
};

const nodeAffinity: Filter = ({ spec }, { node }) => (matchesNode(spec, node) ? undefined : never("node(s) didn't match Pod's node affinity/selector"));

const hostPorts: Filter = ({ spec }, { pods }) => {
  const ports = (of: Pod['spec']): string[] =>
    of.containers.flatMap((container) => (container.ports ?? []).flatMap(({ hostPort, containerPort, protocol = 'TCP' }) => {
      const port = hostPort ?? (of.hostNetwork ? containerPort : undefined);
      return port ? [`${protocol}/${port}`] : [];
    }));
  const wanted = ports(spec);
  if (wanted.length === 0) return undefined;
  const taken = new Set(pods.flatMap((pod) => ports(pod.spec)));
  return wanted.some((port) => taken.has(port)) ? notNow("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const resources: Filter = ({ spec }, { node, pods }) => {
  const allocatable = node.status?.allocatable ?? {};
  const used = sumRequests(pods);
  const reasons = Object.entries(podRequests(spec))
    .filter(([name, value]) => value > 0 && value > readQuantity(allocatable[name]) - (used[name] ?? 0))
    .map(([name]) => `Insufficient ${name}`);
  if (allocatable['pods'] !== undefined && pods.length + 1 > readQuantity(allocatable['pods'])) reasons.unshift('Too many pods');
  return reasons.length > 0 ? notNow(...reasons) : undefined;
};

const topologySpread: Filter = (pod, { node }, all) => {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  for (const constraint of constraints) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return never("node(s) didn't match pod topology spread constraints (missing required label)");
    const eligible = all.filter((place) => matchesNode(pod.spec, place.node) && constraints.every(({ topologyKey }) => place.node.metadata.labels?.[topologyKey] !== undefined));
    const matches = spreadMatcher(pod, constraint);
    const domains = countByDomain(eligible, constraint.topologyKey, matches);
    const fewest = domains.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...domains.values());
    const own = matches(pod) ? 1 : 0;
    if ((domains.get(domain) ?? 0) + own - fewest > constraint.maxSkew) return notNow("node(s) didn't match pod topology spread constraints");
  }
  return undefined;
};

/** Tells the pods that a spread constraint counts. */
export function spreadMatcher(pod: Pod, { labelSelector }: TopologySpreadConstraint): (other: Pod) => boolean {
  return (other) => countsIn(pod.metadata.namespace, other) && matchesSelector(labelSelector, other.metadata.labels);
}

const podAffinity: Filter = (pod, place, all) => {
  const { affinity } = pod.spec;
  const near = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const term of near) {
    const first = !all.some(({ pods }) => pods.some((other) => termMatches(term, pod, other))) && termMatches(term, pod, pod);
    if (!first && !inSameDomain(term, pod, place, all)) return never("node(s) didn't match pod affinity rules");
  }
  if (apart.some((term) => inSameDomain(term, pod, place, all))) return notNow("node(s) didn't match pod anti-affinity rules");
  for (const other of all) {
    for (const existing of other.pods) {
      const terms = existing.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      const clash = terms.some((term) => sameDomain(term, other, place) && termMatches(term, existing, pod));
      if (clash) return notNow("node(s) didn't satisfy existing pods anti-affinity rules");
    }
  }
  return undefined;
};

function sameDomain({ topologyKey }: PodAffinityTerm, a: Place, b: Place): boolean {
  const domain = a.node.metadata.labels?.[topologyKey];
  return domain !== undefined && domain === b.node.metadata.labels?.[topologyKey];
}

/** Whether a pod that the term means is in the same domain as the place. */
export function inSameDomain(term: PodAffinityTerm, pod: Pod, place: Place, all: Places): boolean {
  return all.some((other) => sameDomain(term, other, place) && other.pods.some((existing) => termMatches(term, pod, existing)));
}

function termMatches({ labelSelector, namespaces }: PodAffinityTerm, owner: Pod, other: Pod): boolean {
  const within = namespaces && namespaces.length > 0 ? namespaces : [owner.metadata.namespace];
  return within.includes(other.metadata.namespace) && matchesSelector(labelSelector, other.metadata.labels);
}

/** In the order of the real scheduler: the first that refuses gives the reason. */
const filters: readonly Filter[] = [unschedulable, taints, nodeAffinity, hostPorts, resources, topologySpread, podAffinity];

/** Why a pod can't go to a place; undefined when it can. */
export function refusalOf(pod: Pod, place: Place, all: Places): Refusal | undefined {
  for (const filter of filters) {
    const refusal = filter(pod, place, all);
    if (refusal) return refusal;
  }
  return undefined;
}
