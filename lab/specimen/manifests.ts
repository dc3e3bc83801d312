import { configMaps, defineResource, namespaces, serviceAccounts, services, type Resource } from '../kubernetes/client/index.ts';
import { bank, mesh } from '../kubernetes/names.ts';
import type { PodSpec } from '../kubernetes/objects.ts';
import { daemonSets, deployments, disruptionBudgets, type Specimen } from '../kubernetes/workloads.ts';
import { configKeys, configName } from './linkerd/config.ts';
import { delayAnnotations } from './linkerd/delay.ts';

const rbac = 'rbac.authorization.k8s.io';
const clusterRoles = defineResource(`${rbac}/v1`, 'ClusterRole', 'clusterroles', false);
const clusterRoleBindings = defineResource(`${rbac}/v1`, 'ClusterRoleBinding', 'clusterrolebindings', false);
const roles = defineResource(`${rbac}/v1`, 'Role', 'roles');
const roleBindings = defineResource(`${rbac}/v1`, 'RoleBinding', 'rolebindings');

/**
 * Dead endpoints are tried again sooner than linkerd 1.x does, which leaves them alone for 5 s to 5 min. A pod whose machine died
 * under a connection never answers: other than by default, a read is then sent to another.
 */
const proxyArguments = [`--namespace=${bank.namespace}`, '--backoff-min-ms=1000', '--backoff-max-ms=15000', '--attempt-timeout-ms=2000'];

const [{ namespace, proxy }, app] = [mesh, (name: string) => ({ app: name })] as const;
const reads = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get', 'list', 'watch'] });
const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const boundTo = (kind: string, name: string) => ({ roleRef: { apiGroup: rbac, kind, name }, subjects: [{ kind: 'ServiceAccount', name: proxy, namespace }] });

const proxyPod: PodSpec = {
  serviceAccountName: proxy,
  terminationGracePeriodSeconds: 5,
  containers: [
    {
      name: proxy,
      image: 'lab/linkerd',
      args: proxyArguments,
      env: [fromField('POD_NAME', 'metadata.name')],
      ports: [
        { name: 'outgoing', containerPort: mesh.proxyPort, hostPort: mesh.proxyPort },
        { name: 'admin', containerPort: mesh.adminPort },
      ],
      readinessProbe: { httpGet: { path: '/admin/ping', port: 'admin' }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 },
      livenessProbe: { tcpSocket: { port: 'admin' }, initialDelaySeconds: 5, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      resources: { requests: { cpu: '1', memory: '1Gi' } },
    },
  ],
};

/** What the proxies read, with every sabotage off. */
export const proxyConfig: Specimen = {
  resource: configMaps,
  object: { metadata: { name: configName, namespace }, data: Object.fromEntries(Object.values(configKeys).map((key) => [key, 'false'])) },
};

/** linkerd on each worker, with the right to watch all Endpoints. */
const proxies: readonly Specimen[] = [
  { resource: namespaces, object: { metadata: { name: namespace } } },
  { resource: serviceAccounts, object: { metadata: { name: proxy, namespace } } },
  { resource: clusterRoles, object: { metadata: { name: 'linkerd-endpoints' }, rules: [reads('endpoints')] } },
  { resource: clusterRoleBindings, object: { metadata: { name: 'linkerd-endpoints' }, ...boundTo('ClusterRole', 'linkerd-endpoints') } },
  { resource: roles, object: { metadata: { name: configName, namespace }, rules: [reads('configmaps'), { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'patch'] }] } },
  { resource: roleBindings, object: { metadata: { name: configName, namespace }, ...boundTo('Role', configName) } },
  proxyConfig,
  {
    resource: daemonSets,
    object: {
      metadata: { name: proxy, namespace, labels: app(proxy) },
      spec: { selector: { matchLabels: app(proxy) }, template: { metadata: { labels: app(proxy), annotations: { [delayAnnotations.takes]: 'true' } }, spec: proxyPod } },
    },
  },
];

/** Which part of its requests the gateway sends to new versions. */
const shift = { name: bank.gateway, key: 'SHIFT' };

const env = (name: string) => [
  { name: 'PORT', value: String(bank.port) },
  fromField('POD_NAME', 'metadata.name'),
  fromField('NODE_IP', 'status.hostIP'),
  ...(name === bank.gateway ? [{ name: shift.key, valueFrom: { configMapKeyRef: { name: shift.name, key: shift.key, optional: true } } }] : []),
];

const podOf = (name: string): PodSpec => ({
  terminationGracePeriodSeconds: 10,
  containers: [
    {
      name,
      image: 'lab/specimen',
      args: [name],
      env: env(name),
      ports: [{ name: 'http', containerPort: bank.port }],
      readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 },
      livenessProbe: { tcpSocket: { port: 'http' }, initialDelaySeconds: 5, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1' } },
    },
  ],
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: app(name) } },
  ],
});

function serviceOf(name: string, replicas: number): readonly Specimen[] {
  const metadata = { name, namespace: bank.namespace, labels: app(name) };
  const of = (resource: Resource, spec: object): Specimen => ({ resource, object: { metadata, spec } });
  return [
    of(services, { selector: app(name), ports: [{ name: 'http', port: 80, targetPort: bank.port, protocol: 'TCP' }] }),
    of(disruptionBudgets, { minAvailable: replicas - 1, selector: { matchLabels: app(name) } }),
    of(deployments, { replicas, selector: { matchLabels: app(name) }, template: { metadata: { labels: app(name) }, spec: podOf(name) } }),
  ];
}

/** All objects of the specimen, in the order in which they are made. */
export const specimen: readonly Specimen[] = [
  ...proxies,
  { resource: namespaces, object: { metadata: { name: bank.namespace } } },
  { resource: configMaps, object: { metadata: { name: shift.name, namespace: bank.namespace }, data: { [shift.key]: '' } } },
  ...Object.entries(bank.replicas).flatMap(([name, replicas]) => serviceOf(name, replicas)),
];
