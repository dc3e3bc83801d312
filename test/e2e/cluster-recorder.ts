import { readFile } from 'node:fs/promises';
import { events, nodes, pods, startInformer, type Client, type Resource } from '../../lab/kubernetes/client/index.ts';
import type { KubeObject } from '../../lab/kubernetes/objects.ts';
import { daemonSets, deployments, endpoints, endpointSlices, podDisruptionBudgets, replicaSets } from '../../lab/kubernetes/workload-objects.ts';
import { changesBetween, type DynamicsLine } from '../lab/kubernetes/histories.ts';

/** Writes down what happens in a cluster, as the recordings of a real one do. */
export interface ClusterRecorder {
  readonly lines: DynamicsLine[];
  /** Begins anew. */
  clear(): void;
  close(): void;
}

const followed: readonly Resource[] = [pods, nodes, replicaSets, deployments, daemonSets, endpoints, endpointSlices, podDisruptionBudgets, events];

export async function recordCluster(client: Client): Promise<ClusterRecorder> {
  const lines: DynamicsLine[] = [];
  const informers = followed.map((resource) => {
    const informer = startInformer<KubeObject>(client, resource);
    const { kind } = resource;
    informer.on({
      added: (object) => void lines.push({ type: 'ADDED', kind, name: object.metadata.name, revision: revisionOf(object), ...eventFields(object) }),
      changed: (object, before) => void lines.push({ type: 'MODIFIED', kind, name: object.metadata.name, revision: revisionOf(object), changed: changesBetween(before, object), ...eventFields(object) }),
      deleted: (object) => void lines.push({ type: 'DELETED', kind, name: object.metadata.name }),
    });
    return informer;
  });
  await Promise.all(informers.map(({ synced }) => synced));
  return {
    lines,
    clear: () => void lines.splice(0),
    close: () => informers.forEach((informer) => informer.close()),
  };
}

const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);

/** What happened when for the first time: names of `steps`, in the order of revisions or, in a recording, of lines. */
export function orderOf(lines: readonly DynamicsLine[], steps: Readonly<Record<string, (line: DynamicsLine) => boolean>>): string[] {
  const first = Object.entries(steps).map(([step, isIt]) => ({ step, at: Math.min(...lines.flatMap((line, at) => (isIt(line) ? [line.revision ?? at] : []))) }));
  return first.filter(({ at }) => at < Infinity).toSorted((a, b) => a.at - b.at).map(({ step }) => step);
}

function eventFields(object: KubeObject): Pick<DynamicsLine, 'reason' | 'message' | 'from'> {
  const { reason, message, reportingComponent } = object as { reason?: string; message?: string; reportingComponent?: string };
  return { ...(reason ? { reason } : {}), ...(message ? { message } : {}), ...(reportingComponent ? { from: reportingComponent } : {}) };
}

/** What a real cluster did. @param name such as `5-dynamics/pod-deleted` @param until only what comes before this line's text, such as the next action */
export async function recording(name: string, until?: string): Promise<DynamicsLine[]> {
  const text = await readFile(new URL(`../lab/kubernetes/recordings/${name}.ndjson`, import.meta.url), 'utf8');
  const lines = text.trim().split('\n');
  const end = until === undefined ? lines.length : lines.findIndex((line) => line.includes(until));
  return lines.slice(0, end).map((line) => JSON.parse(line) as DynamicsLine);
}

/** What the controllers said in events, with names that differ from cluster to cluster left out. */
export function saidBy(lines: readonly DynamicsLine[], components: readonly string[]): string[] {
  return lines
    .filter(({ type, kind, from }) => kind === 'Event' && type === 'ADDED' && components.includes(from ?? ''))
    .map(({ reason, message = '' }) => `${reason}: ${message.replace(/\b(web|agent|node-short|node-default)-[a-z0-9]+(-[a-z0-9]{5})?\b/g, '$1-…').replace(/\b(dyn|shop)\//g, '…/').replace(/\bnode-\d\b/g, 'node')}`);
}
