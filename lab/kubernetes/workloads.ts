import { defineResource, namespaces, services, type Resource } from './client/index.ts';
import { shop, workerCount } from './names.ts';
import type { KubeObject } from './objects.ts';

/** A specimen object, and the resource that it is one of. */
export interface Specimen {
  readonly resource: Resource;
  readonly object: KubeObject & Readonly<Record<string, unknown>>;
}

export const deployments = defineResource<KubeObject>('apps/v1', 'Deployment', 'deployments');
export const daemonSets = defineResource<KubeObject>('apps/v1', 'DaemonSet', 'daemonsets');
export const disruptionBudgets = defineResource<KubeObject>('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');

const { namespace, web, agent } = shop;

/** Who answers is told to whoever asks. */
const env = (port: number) => [
  { name: 'PORT', value: String(port) },
  ...[
    ['POD_NAME', 'metadata.name'],
    ['NODE_NAME', 'spec.nodeName'],
    ['ZONE', "metadata.labels['topology.kubernetes.io/zone']"],
  ].map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
];

const container = (name: string, image: string, port: number) => ({
  name,
  image,
  env: env(port),
  ports: [{ name: 'http', containerPort: port }],
  readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 },
  resources: { requests: { cpu: '50m', memory: '32Mi' } },
});

const service = (name: string, port: number): Specimen => ({
  resource: services,
  object: {
    metadata: { name, namespace, labels: { app: name } },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: port, protocol: 'TCP' }] },
  },
});

/**
 * What a cluster has from the start: a service of six pods spread over the zones, of which four must stay, and a daemon on
 * each worker. In the order in which they are made.
 */
export const specimens: readonly Specimen[] = [
  { resource: namespaces, object: { metadata: { name: namespace } } },
  service(web.name, web.port),
  service(agent.name, agent.port),
  {
    resource: disruptionBudgets,
    object: {
      metadata: { name: web.name, namespace },
      spec: { minAvailable: web.minAvailable, selector: { matchLabels: { app: web.name } } },
    },
  },
  {
    resource: deployments,
    object: {
      metadata: { name: web.name, namespace, labels: { app: web.name } },
      spec: {
        replicas: web.replicas,
        selector: { matchLabels: { app: web.name } },
        template: {
          metadata: { labels: { app: web.name } },
          spec: {
            terminationGracePeriodSeconds: 5,
            containers: [container(web.name, web.image, web.port)],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'topology.kubernetes.io/zone',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: { app: web.name } },
              },
            ],
          },
        },
      },
    },
  },
  {
    resource: daemonSets,
    object: {
      metadata: { name: agent.name, namespace, labels: { app: agent.name } },
      spec: {
        selector: { matchLabels: { app: agent.name } },
        template: {
          metadata: { labels: { app: agent.name } },
          spec: { terminationGracePeriodSeconds: 5, containers: [container(agent.name, agent.image, agent.port)] },
        },
      },
    },
  },
];

/** A workload whose pods all have to be ready. They have its name in their label `app`. */
export interface ExpectedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly pods: number;
}

/** The workloads among these objects: as many pods as a Deployment says, and one of a daemon on each worker. */
export function workloadsIn(objects: readonly Specimen[]): ExpectedWorkload[] {
  return objects.flatMap(({ resource, object: { metadata, spec } }) => {
    const { name, namespace = '' } = metadata;
    if (resource === daemonSets) return [{ namespace, name, pods: workerCount }];
    return resource === deployments ? [{ namespace, name, pods: (spec as { replicas: number }).replicas }] : [];
  });
}

/** The namespaces that these objects are in. */
export const namespacesIn = (objects: readonly Specimen[]): string[] => objects.flatMap(({ resource, object }) => (resource === namespaces ? [object.metadata.name] : []));
