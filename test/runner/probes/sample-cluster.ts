import { watchCluster } from '../../../runner/clients/kubernetes-watches.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import type { Target } from '../../../runner/fault.ts';
import type { OpenProbe, Probe, Turn } from '../../../runner/probe.ts';
import type { World } from '../../../runner/world.ts';
import type { Select } from '../../../scenarios/select.ts';
import { FakeKubernetesApi, rawPod } from '../fake-kubernetes-api.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext } from './sample-fleet.ts';

export const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

export function rawNode(index: number, { ready = true, name = `node-${index}`, instance = `i-${index}` } = {}) {
  const uid = `uid-${name}`;
  return {
    metadata: { name, uid, labels: { 'topology.kubernetes.io/zone': zones[(index - 1) % 3], role: 'worker' } },
    spec: { providerID: `aws:///eu-west-1a/${instance}` },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }], addresses: [{ type: 'Hostname', address: name }, { type: 'InternalIP', address: `10.0.1.${index}` }] },
  };
}

interface DeploymentSays {
  readonly ready?: number;
  readonly updated?: number;
  readonly all?: number;
  readonly available?: number;
  readonly generation?: number;
  readonly observed?: number;
}

export function rawDeployment(name: string, replicas: number, says: DeploymentSays = {}) {
  const { ready = replicas, updated = replicas, all = replicas, available = ready, generation = 1, observed = generation } = says;
  return {
    metadata: { name, uid: `uid-deployment-${name}`, generation, labels: { app: name } },
    spec: { replicas, template: { metadata: { labels: { app: name } } } },
    status: { replicas: all, readyReplicas: ready, updatedReplicas: updated, availableReplicas: available, observedGeneration: observed },
  };
}

export function rawSlice(service: string, pods: readonly { uid: string; ready?: boolean; node?: string }[]) {
  return {
    metadata: { name: `${service}-x`, uid: `uid-slice-${service}`, labels: { 'kubernetes.io/service-name': service } },
    endpoints: pods.length === 0 ? null : pods.map(({ uid, ready = true, node = 'node-1' }, index) => ({ addresses: [`10.0.0.${index}`], conditions: { ready }, nodeName: node, targetRef: { uid } })),
  };
}

export const podTarget = (name: string, more: Partial<Target> = {}): Target =>
  ({ kind: 'pod', name, id: `uid-${name}`, zone: '', roles: [], group: undefined, etcdMember: undefined, namespace: 'shop', ...more });

/** Three nodes, Deployment `web` of three pods, one on each, Service `web`. */
export function sampleClusterApi() {
  const clock = simulatedClock();
  const api = new FakeKubernetesApi(clock);
  for (let index = 1; index <= 3; index += 1) {
    api.put('nodes', rawNode(index));
    api.put('pods', rawPod(`web-${index}`, { node: `node-${index}` }));
  }
  api.put('deployments', rawDeployment('web', 3));
  api.put('endpointslices', rawSlice('web', [1, 2, 3].map((index) => ({ uid: `uid-web-${index}`, node: `node-${index}` }))));
  return { clock, api };
}

/** A probe on the sample cluster, open. */
export async function openOnCluster<P extends object>(probe: Probe<P>, spec: { select?: Select } & Record<string, unknown> = {}, { timeoutMs = 3_000, world = {} }: { timeoutMs?: number; world?: Partial<World> } = {}) {
  const { clock, api } = sampleClusterApi();
  const kubernetes = watchCluster({ api: async () => api, clock, note: (text) => context.notes.push(text) });
  const sample = sampleContext(clock, { kubernetes, timeoutMs });
  const environment = environmentSchema.parse({ name: 'sample', kubernetes: { kubeconfig: '/k', context: 'c', namespaces: ['shop'] } });
  const context = { ...sample, world: { environment, kubernetes: async () => ({ connection: api }), ...world } as unknown as World };
  const parsed = { kind: 'x', ...probe.schema.parse(Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'select'))), ...(spec.select ? { select: spec.select } : {}) };
  const open: OpenProbe = await clock.until(probe.open(parsed as never, context));
  const turns: Turn[] = [];
  const ends = open.streams.map((stream) => stream.follow?.((turn) => turns.push(turn)));
  await clock.advance(20);
  return {
    clock,
    api,
    context,
    open,
    turns,
    ask: () => askOnce(open, clock),
    close: async (): Promise<void> => {
      for (const end of ends) end?.();
      await clock.until(open.close());
      await clock.until(kubernetes.close());
    },
  };
}
