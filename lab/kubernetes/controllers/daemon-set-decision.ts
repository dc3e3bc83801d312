import type { Draft, Node, Pod, Toleration } from '../objects.ts';
import { matchesNode, taintKeys, untoleratedTaint } from '../node-fit.ts';
import { isAvailable, isFinished, isReady, isTerminating, nonZero, scaledValue } from '../pod-state.ts';
import { daemonSets, type DaemonSet } from '../workload-objects.ts';
import { podFromTemplate } from './make-pods.ts';
import { revisionLabel } from './revision-history.ts';

/** What has to happen for every node to have its one pod of the current template. */
export interface DaemonSetDecision {
  /** Names of nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** Pods of a DaemonSet stay where others have to leave. */
export function daemonTolerations(hostNetwork: boolean): Toleration[] {
  const exists = (key: string, effect: string): Toleration => ({ key, operator: 'Exists', effect });
  return [
    exists(taintKeys.notReady, 'NoExecute'),
    exists(taintKeys.unreachable, 'NoExecute'),
    exists(taintKeys.diskPressure, 'NoSchedule'),
    exists(taintKeys.memoryPressure, 'NoSchedule'),
    exists(taintKeys.pidPressure, 'NoSchedule'),
    exists(taintKeys.unschedulable, 'NoSchedule'),
    ...(hostNetwork ? [exists(taintKeys.networkUnavailable, 'NoSchedule')] : []),
  ];
}

/** The pod of a DaemonSet for one node: the scheduler may put it nowhere else. */
export function daemonPod(daemonSet: DaemonSet, node: string, hash: string): Draft<Pod> {
  const pod = podFromTemplate(daemonSets, daemonSet, daemonSet.spec.template);
  const generation = daemonSet.metadata.annotations?.['deprecated.daemonset.template.generation'];
  pod.metadata.labels = { ...pod.metadata.labels, [revisionLabel]: hash, ...(generation === undefined ? {} : { 'pod-template-generation': generation }) };
  const { spec } = pod;
  spec.affinity = {
    ...spec.affinity,
    nodeAffinity: {
      ...spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] },
    },
  };
  const own = spec.tolerations ?? [];
  const added = daemonTolerations(spec.hostNetwork ?? false).filter((each) => !own.some((toleration) => toleration.key === each.key && toleration.effect === each.effect));
  spec.tolerations = [...own, ...added];
  return pod;
}

/** Whether a node should get a pod, and whether one that it has may stay. */
export function wantsPod(daemonSet: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const { spec } = daemonSet.spec.template;
  if ((spec.nodeName && spec.nodeName !== node.metadata.name) || !matchesNode(spec, node)) return { run: false, stay: false };
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations(spec.hostNetwork ?? false)];
  const { taints } = node.spec;
  if (!untoleratedTaint(tolerations, taints, ['NoSchedule', 'NoExecute'])) return { run: true, stay: true };
  return { run: false, stay: !untoleratedTaint(tolerations, taints, ['NoExecute']) };
}

/** The node that a pod is on, or is meant for. */
export function nodeOf(pod: Pod): string | undefined {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return pod.spec.nodeName ?? terms?.flatMap(({ matchFields }) => matchFields ?? []).find(({ key }) => key === 'metadata.name')?.values?.[0];
}

/** Pods by node, oldest first. One that has ended and is being deleted has made room for its successor. */
export function byNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const found = new Map<string, Pod[]>();
  const oldestFirst = pods.toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1));
  for (const pod of oldestFirst) {
    const node = nodeOf(pod);
    if (node === undefined || (isFinished(pod) && isTerminating(pod))) continue;
    found.set(node, [...(found.get(node) ?? []), pod]);
  }
  return found;
}

/** One pod on each node that should have one, none where it may not stay. A pod that has ended is deleted, and so replaced. */
export function decidePlacement(daemonSet: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): DaemonSetDecision {
  const create: string[] = [];
  const remove: Pod[] = [];
  const there = byNode(pods);
  for (const node of nodes) {
    const { run, stay } = wantsPod(daemonSet, node);
    const here = there.get(node.metadata.name) ?? [];
    there.delete(node.metadata.name);
    const staying = here.filter((pod) => !isTerminating(pod));
    if (run && here.length === 0) create.push(node.metadata.name);
    else if (stay) remove.push(...staying.filter(isFinished), ...staying.filter((pod) => !isFinished(pod)).slice(1));
    else remove.push(...staying);
  }
  // Pods on nodes that are gone belong to the pod garbage collector, unless no node ever had them.
  for (const orphans of there.values()) remove.push(...orphans.filter((pod) => !pod.spec.nodeName && !isTerminating(pod)));
  return { create, remove };
}

/** The pods of older templates that may go now, without more nodes than `maxUnavailable` being without an available pod. */
export function decideUpdate(daemonSet: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], hash: string, nowMs: number): Pod[] {
  const { updateStrategy, minReadySeconds = 0 } = daemonSet.spec;
  if ((updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return [];
  const there = byNode(pods);
  const wanting = nodes.filter((node) => wantsPod(daemonSet, node).run);
  const maxUnavailable = Math.max(1, scaledValue(updateStrategy?.rollingUpdate?.maxUnavailable, wanting.length, 'up', 1));
  let unavailable = 0;
  const remove: Pod[] = [];
  const candidates: Pod[] = [];
  for (const node of wanting) {
    const here = there.get(node.metadata.name) ?? [];
    const [pod] = here;
    if (!pod || here.length > 1 || isTerminating(pod)) unavailable += 1;
    else if (isOfRevision(daemonSet, pod, hash)) unavailable += isAvailable(pod, minReadySeconds, nowMs) ? 0 : 1;
    else if (isAvailable(pod, minReadySeconds, nowMs)) candidates.push(pod);
    else {
      unavailable += 1;
      remove.push(pod);
    }
  }
  return [...remove, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

function isOfRevision(daemonSet: DaemonSet, pod: Pod, hash: string): boolean {
  const generation = daemonSet.metadata.annotations?.['deprecated.daemonset.template.generation'];
  const { labels = {} } = pod.metadata;
  return labels[revisionLabel] === hash || (generation !== undefined && labels['pod-template-generation'] === generation && labels[revisionLabel] === undefined);
}

export function daemonSetStatus(daemonSet: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], hash: string, nowMs: number): NonNullable<DaemonSet['status']> {
  const there = byNode(pods);
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of nodes) {
    const [pod] = there.get(node.metadata.name) ?? [];
    if (!wantsPod(daemonSet, node).run) {
      if (pod) counts.misscheduled += 1;
      continue;
    }
    counts.desired += 1;
    if (!pod) continue;
    counts.current += 1;
    if (isReady(pod)) counts.ready += 1;
    if (isAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, nowMs)) counts.available += 1;
    if (isOfRevision(daemonSet, pod, hash)) counts.updated += 1;
  }
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...nonZero({
      observedGeneration: daemonSet.metadata.generation ?? 0,
      updatedNumberScheduled: counts.updated,
      numberAvailable: counts.available,
      numberUnavailable: counts.desired - counts.available,
      collisionCount: daemonSet.status?.collisionCount ?? 0,
    }),
    ...(daemonSet.status?.conditions ? { conditions: daemonSet.status.conditions } : {}),
  };
}
