import type { KubeObject, Loose } from '../object.ts';
import { since } from './duration.ts';
import type { Column } from './column.ts';

const rolePrefix = 'node-role.kubernetes.io/';

function statusOf({ spec, status }: KubeObject): string {
  const ready = ((status?.conditions ?? []) as Loose[]).find(({ type }) => type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf({ metadata }: KubeObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return [key.slice(rolePrefix.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return roles.toSorted().join(',') || '<none>';
}

function addressOf({ status }: KubeObject, type: string): string {
  return ((status?.addresses ?? []) as Loose[]).find((address) => address.type === type)?.address ?? '<none>';
}

const known = (value: string | undefined): string => value || '<unknown>';

/** Number 1 is for `-o wide`. */
function column(name: string, priority: 0 | 1, description: string, cell: Column['cell']): Column {
  return { name, type: 'string', format: '', description, priority, cell };
}

/** What is shown of a node behind its name. */
export const nodeColumns: readonly Column[] = [
  column('Status', 0, 'Whether the node is ready, and whether it takes Pods.', statusOf),
  column('Roles', 0, 'From labels that begin with node-role.kubernetes.io/.', rolesOf),
  column('Age', 0, 'Since the node was registered.', ({ metadata }) => since(metadata.creationTimestamp)),
  column('Version', 0, 'Of the kubelet.', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  column('Internal-IP', 1, 'Within the cluster.', (node) => addressOf(node, 'InternalIP')),
  column('External-IP', 1, 'From outside.', (node) => addressOf(node, 'ExternalIP')),
  column('OS-Image', 1, 'As the node reports it.', ({ status }) => known(status?.nodeInfo?.osImage)),
  column('Kernel-Version', 1, 'As the node reports it.', ({ status }) =>
    status?.nodeInfo?.kernelVersion ? `${status.nodeInfo.kernelVersion} (${status.nodeInfo.architecture})` : '<unknown>',
  ),
  column('Container-Runtime', 1, 'As the node reports it.', ({ status }) => known(status?.nodeInfo?.containerRuntimeVersion)),
];
