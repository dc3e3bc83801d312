import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { expectInside } from './inside-lab.ts';

const settlesWithinMs = 60_000;

interface Thing {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly labels?: Readonly<Record<string, string>>; readonly annotations?: object };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * The state of a lab's cluster, but for which pod it is that does a job, and where: templates, counts, labels, annotations,
 * policies, cordons, and how many pods of each kind are ready.
 */
export async function clusterOf(lab: string): Promise<unknown> {
  const { stdout } = await expectInside(lab, 'kubectl', 'get', 'deployments,daemonsets,statefulsets,networkpolicies,poddisruptionbudgets,nodes,pods', '-A', '-o', 'json');
  const { items } = JSON.parse(stdout) as { items: readonly Thing[] };
  const pods = items.filter(({ kind }) => kind === 'Pod');
  const nodes = items.filter(({ kind }) => kind === 'Node');
  const kept = items.filter(({ kind }) => kind !== 'Pod' && kind !== 'Node');
  return {
    objects: kept.map(({ kind, metadata: { namespace, name, labels, annotations }, spec }) => ({ kind, namespace, name, labels, annotations, spec })),
    nodes: nodes.map(({ metadata: { name, annotations }, spec, status }) => ({ name, annotations, unschedulable: spec.unschedulable, ready: isReady(status) })),
    pods: pods.map(({ metadata: { namespace, labels = {}, annotations }, status }) => JSON.stringify({ namespace, labels: withoutPlace(labels), annotations, ready: isReady(status) })).sort(),
  };
}

/** Waits until the cluster is as it was: a pod may still be on its way up. */
export async function expectCluster(lab: string, before: unknown): Promise<void> {
  const deadline = Date.now() + settlesWithinMs;
  for (;;) {
    const now = await clusterOf(lab);
    try {
      assert.deepEqual(now, before);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await wait(300);
  }
}

/** A pod is labelled with the zone of its node. */
function withoutPlace(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('topology.kubernetes.io/')));
}

function isReady({ conditions = [] }: Thing['status']): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
