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
      added: (object) => void lines.push({ type: 'ADDED', kind, name: object.metadata.name, ...eventFields(object) }),
      changed: (object, before) => void lines.push({ type: 'MODIFIED', kind, name: object.metadata.name, changed: changesBetween(before, object), ...eventFields(object) }),
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

function eventFields(object: KubeObject): Pick<DynamicsLine, 'reason' | 'message' | 'from'> {
  const { reason, message, reportingComponent } = object as { reason?: string; message?: string; reportingComponent?: string };
  return { ...(reason ? { reason } : {}), ...(message ? { message } : {}), ...(reportingComponent ? { from: reportingComponent } : {}) };
}
