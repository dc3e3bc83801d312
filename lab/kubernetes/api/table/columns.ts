import type { KubeObject, Loose } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { selectorText } from '../selectors/labels.ts';
import { autoscalerColumns } from './autoscaler-columns.ts';
import { ageColumn, column, nameColumn, type Column } from './column.ts';
import { humanDuration, since } from './duration.ts';
import { nodeColumns } from './node-columns.ts';
import { summarizePod } from './pod-status.ts';

const integer = { type: 'integer' } as const;
const wide = { priority: 1 } as const;

const none = (value: unknown): string => (value === undefined || value === '' || value === null ? '<none>' : String(value));
const containersOf = ({ spec }: KubeObject): Loose[] => spec?.template?.spec?.containers ?? [];
const containerColumns = [
  column('Containers', (object) => containersOf(object).map(({ name }) => name).join(','), wide),
  column('Images', (object) => containersOf(object).map(({ image }) => image).join(','), wide),
];
const selectorColumn = column('Selector', ({ spec }) => selectorText(spec?.selector) || '<none>', wide);
const pairs = (labels: Record<string, string> | undefined): string =>
  none(Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).toSorted().join(','));

const eventTime = (event: KubeObject, first: boolean): string => {
  const at = first ? event['firstTimestamp'] || event['eventTime'] : event['series']?.lastObservedTime || event['lastTimestamp'] || event['eventTime'];
  return since(at);
};

const eventColumns: readonly Column[] = [
  column('Last Seen', (event) => eventTime(event, false)),
  column('Type', ({ type }) => type ?? ''),
  column('Reason', ({ reason }) => reason ?? ''),
  column('Object', ({ involvedObject }) => `${(involvedObject?.kind ?? '').toLowerCase()}/${involvedObject?.name ?? ''}`),
  column('Subobject', ({ involvedObject }) => involvedObject?.fieldPath ?? '', wide),
  column('Source', eventSource, wide),
  column('Message', ({ message }) => (message ?? '').trim()),
  column('First Seen', (event) => eventTime(event, true), wide),
  column('Count', ({ count, series }) => series?.count ?? (count || 1), wide),
  { ...nameColumn, priority: 1 },
];

function eventSource({ source, reportingComponent, reportingInstance }: KubeObject): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance || '';
  return host === '' ? component : `${component}, ${host}`;
}

const tables: Readonly<Record<string, readonly Column[]>> = {
  'v1/Node': [nameColumn, ...nodeColumns],
  'v1/Pod': [
    nameColumn,
    column('Ready', (pod) => summarizePod(pod).ready),
    column('Status', (pod) => summarizePod(pod).status),
    column('Restarts', (pod) => summarizePod(pod).restarts),
    ageColumn,
    column('IP', ({ status }) => none(status?.podIP), wide),
    column('Node', ({ spec }) => none(spec?.nodeName), wide),
    column('Nominated Node', ({ status }) => none(status?.nominatedNodeName), wide),
    column('Readiness Gates', readinessGates, wide),
  ],
  'apps/v1/Deployment': [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    column('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  'apps/v1/ReplicaSet': [
    nameColumn,
    column('Desired', ({ spec }) => spec?.replicas ?? 0, integer),
    column('Current', ({ status }) => status?.replicas ?? 0, integer),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0, integer),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  'apps/v1/DaemonSet': [
    nameColumn,
    column('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0, integer),
    column('Current', ({ status }) => status?.currentNumberScheduled ?? 0, integer),
    column('Ready', ({ status }) => status?.numberReady ?? 0, integer),
    column('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0, integer),
    column('Available', ({ status }) => status?.numberAvailable ?? 0, integer),
    column('Node Selector', ({ spec }) => pairs(spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  'apps/v1/StatefulSet': [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...containerColumns,
  ],
  'v1/ReplicationController': [
    nameColumn,
    column('Desired', ({ spec }) => spec?.replicas ?? 0, integer),
    column('Current', ({ status }) => status?.replicas ?? 0, integer),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0, integer),
    ageColumn,
    ...containerColumns,
    column('Selector', ({ spec }) => pairs(spec?.selector), wide),
  ],
  'v1/Service': [
    nameColumn,
    column('Type', ({ spec }) => spec?.type ?? ''),
    column('Cluster-IP', ({ spec }) => none(spec?.clusterIP)),
    column('External-IP', ({ spec, status }) => {
      if (spec?.type === 'ExternalName') return spec.externalName ?? '';
      const ingress = (status?.loadBalancer?.ingress ?? []).map((entry: Loose) => entry.ip ?? entry.hostname);
      const all = [...ingress, ...(spec?.externalIPs ?? [])];
      return all.length > 0 ? all.join(',') : spec?.type === 'LoadBalancer' ? '<pending>' : '<none>';
    }),
    column('Port(s)', ({ spec }) =>
      none((spec?.ports ?? []).map(({ port, nodePort, protocol }: Loose) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(',')),
    ),
    ageColumn,
    column('Selector', ({ spec }) => pairs(spec?.selector), wide),
  ],
  'v1/Endpoints': [nameColumn, column('Endpoints', endpointsText), ageColumn],
  'discovery.k8s.io/v1/EndpointSlice': [
    nameColumn,
    column('AddressType', ({ addressType }) => addressType ?? ''),
    column('Ports', ({ ports }) => firstFew((ports ?? []).map(({ port }: Loose) => port ?? '*')) || '<unset>'),
    column('Endpoints', ({ endpoints }) => firstFew((endpoints ?? []).flatMap(({ addresses }: Loose) => addresses)) || '<unset>'),
    ageColumn,
  ],
  'v1/Event': eventColumns,
  'policy/v1/PodDisruptionBudget': [
    nameColumn,
    column('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0, integer),
    ageColumn,
  ],
  'coordination.k8s.io/v1/Lease': [nameColumn, column('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  'v1/Namespace': [nameColumn, column('Status', ({ status }) => status?.phase ?? ''), ageColumn],
  'v1/ConfigMap': [
    nameColumn,
    column('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn,
  ],
  'v1/Secret': [nameColumn, column('Type', ({ type }) => type ?? ''), column('Data', ({ data }) => Object.keys(data ?? {}).length), ageColumn],
  'v1/ServiceAccount': [nameColumn, ageColumn],
  'autoscaling/v2/HorizontalPodAutoscaler': autoscalerColumns,
  'batch/v1/Job': [
    nameColumn,
    column('Status', jobStatus),
    column('Completions', ({ spec, status }) => `${status?.succeeded ?? 0}/${spec?.completions ?? 1}`),
    column('Duration', ({ status }) => {
      if (!status?.startTime) return '';
      return humanDuration(Date.parse(status.completionTime ?? new Date().toISOString()) - Date.parse(status.startTime));
    }),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  'rbac.authorization.k8s.io/v1/RoleBinding': [nameColumn, column('Role', roleText), ageColumn],
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': [nameColumn, column('Role', roleText), ageColumn],
  'rbac.authorization.k8s.io/v1/Role': [nameColumn, column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
  'rbac.authorization.k8s.io/v1/ClusterRole': [nameColumn, column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
  'networking.k8s.io/v1/NetworkPolicy': [
    nameColumn,
    column('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector) || '<none>'),
    ageColumn,
  ],
};

/** Resources without columns of their own show name and age. */
export function columnsOf(resource: Resource): readonly Column[] {
  if (resource.kind === 'Event') return eventColumns;
  return tables[`${groupVersion(resource)}/${resource.kind}`] ?? [nameColumn, ageColumn];
}

function readinessGates({ spec, status }: KubeObject): string {
  const gates: Loose[] = spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const holds = ({ conditionType }: Loose): boolean =>
    (status?.conditions ?? []).some((condition: Loose) => condition.type === conditionType && condition.status === 'True');
  return `${gates.filter(holds).length}/${gates.length}`;
}

function jobStatus({ status }: KubeObject): string {
  const holds = (type: string): boolean =>
    (status?.conditions ?? []).some((condition: Loose) => condition.type === type && condition.status === 'True');
  return ['Complete', 'Failed', 'Suspended'].find(holds) ?? 'Running';
}

function roleText({ roleRef }: KubeObject): string {
  return `${roleRef?.kind}/${roleRef?.name}`;
}

function endpointsText({ subsets }: KubeObject): string {
  const all = ((subsets ?? []) as Loose[]).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }: Loose) => ip) : ports.flatMap(({ port }: Loose) => addresses.map(({ ip }: Loose) => `${ip}:${port}`)),
  );
  return firstFew(all) || '<none>';
}

function firstFew(list: readonly unknown[]): string {
  return list.length <= 3 ? list.join(',') : `${list.slice(0, 3).join(',')} + ${list.length - 3} more...`;
}
