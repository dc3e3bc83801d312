import type { Pod } from '../objects.ts';
import { hostnameLabel, matchesTerm, tolerates, zoneLabel } from '../node-fit.ts';
import { controllerOf } from '../pod-state.ts';
import { countByDomain, countsIn, type Place, type Places } from './cluster.ts';
import { inSameDomain, spreadMatcher } from './filters.ts';
import { podRequests, readQuantity, sumRequests } from '../quantity.ts';

/** What a pod that asks for nothing is taken to use. */
const assumed: Readonly<Record<string, number>> = { cpu: 0.1, memory: 200 * 2 ** 20 };

/** How much a place is liked by each rule, from 0 to 1; the weights are the real scheduler's. */
const rules: readonly { weight: number; score: (pod: Pod, places: Places) => number[] }[] = [
  { weight: 1, score: (pod, places) => places.map((place) => leastAllocated(pod, place)) },
  { weight: 2, score: spread },
  { weight: 2, score: preferredAffinity },
  { weight: 2, score: apartFromOthers },
  { weight: 3, score: (pod, places) => fewest(places.map(({ node }) => intolerableTaints(pod, node.spec.taints))) },
];

/** The place that is liked best among those that will do. Equals are decided by `chance`, from 0 to less than 1. */
export function choosePlace(pod: Pod, candidates: Places, chance: () => number): Place | undefined {
  const totals = candidates.map(() => 0);
  for (const { weight, score } of rules) score(pod, candidates).forEach((value, index) => void (totals[index]! += value * weight));
  const best = Math.max(...totals);
  const equals = candidates.filter((_, index) => totals[index]! > best - 1e-9);
  return equals[Math.floor(chance() * equals.length)];
}

function leastAllocated(pod: Pod, { node, pods }: Place): number {
  const used = sumRequests(pods);
  const wanted = podRequests(pod.spec);
  const shares = ['cpu', 'memory'].map((name) => {
    const allocatable = readQuantity(node.status?.allocatable?.[name]);
    if (allocatable === 0) return 0;
    const uncounted = pods.filter(({ spec }) => !podRequests(spec)[name]).length * assumed[name]!;
    return Math.max(0, (allocatable - (used[name] ?? 0) - uncounted - (wanted[name] || assumed[name]!)) / allocatable);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Apart from its own kind: by the pod's soft constraints, or else over zones and over hosts. */
function spread(pod: Pod, places: Places): number[] {
  const soft = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  const owner = controllerOf(pod);
  const sameOwner = (other: Pod): boolean => owner !== undefined && countsIn(pod.metadata.namespace, other) && controllerOf(other)?.uid === owner.uid;
  const constraints =
    soft.length > 0
      ? soft.map((constraint) => ({ topologyKey: constraint.topologyKey, counts: spreadMatcher(pod, constraint) }))
      : [zoneLabel, hostnameLabel].map((topologyKey) => ({ topologyKey, counts: sameOwner }));
  const crowds = constraints.map(({ topologyKey, counts }) => {
    const domains = countByDomain(places, topologyKey, counts);
    // As in the real one: the more domains, the more one pod in one of them weighs.
    return places.map(({ node }) => (domains.get(node.metadata.labels?.[topologyKey] ?? '') ?? 0) * Math.log(domains.size + 2));
  });
  return fewest(places.map((_, index) => crowds.reduce((sum, crowd) => sum + crowd[index]!, 0)));
}

function preferredAffinity({ spec }: Pod, places: Places): number[] {
  const terms = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return most(places.map(({ node }) => terms.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0)));
}

function apartFromOthers(pod: Pod, places: Places): number[] {
  const terms = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return fewest(places.map((place) => terms.reduce((sum, { weight, podAffinityTerm }) => sum + (inSameDomain(podAffinityTerm, pod, place, places) ? weight : 0), 0)));
}

function intolerableTaints({ spec }: Pod, taints: Place['node']['spec']['taints'] = []): number {
  return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !spec.tolerations?.some((each) => tolerates(each, taint))).length;
}

/** 1 for the smallest value, 0 for the largest. */
function fewest(values: readonly number[]): number[] {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (max === min ? 1 : (max - value) / (max - min)));
}

function most(values: readonly number[]): number[] {
  return fewest(values.map((value) => -value));
}
