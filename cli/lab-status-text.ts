import type { LabStatus } from '../lab/index.ts';
import { aligned } from '../reports/words/columns.ts';

/** A lab at a glance, for people. */
export function labStatusText(status: LabStatus): string {
  const healthy = status.members.filter((member) => member.healthy).length;
  const state = !status.ready ? 'coming up' : status.whole ? 'whole' : 'not whole';
  const rows = status.members.map((member) => [
    member.name,
    member.zone,
    member.address ?? '-',
    member.instanceId ?? '-',
    member.healthy ? (member.leader ? 'healthy, leader' : 'healthy') : (member.trouble ?? 'not healthy'),
  ]);
  const sabotage = status.sabotage.filter((each) => each.on).map((each) => `sabotage ${each.name} is on: ${each.description}`);
  return [
    `lab ${status.name} is ${state} (timing ${status.timing}): ${healthy} of ${status.members.length} members of etcd are healthy`,
    ...sabotage,
    ...aligned([['member', 'zone', 'address', 'instance', 'state'], ...rows]).map((line) => `  ${line}`),
    ...(status.kubernetes ? kubernetesLines(status.kubernetes) : []),
  ].join('\n');
}

function kubernetesLines({ nodes, pods, whole, trouble, apiServer, specimen }: NonNullable<LabStatus['kubernetes']>): string[] {
  const ready = nodes.filter((node) => node.ready).length;
  const serving = pods.filter((pod) => pod.ready).length;
  const counts = `${ready} of ${nodes.length} nodes and ${serving} of ${pods.length} pods are ready`;
  const nodeRows = nodes.map((node) => [
    node.name,
    node.zone,
    node.instanceId ?? '-',
    [node.ready ? 'ready' : 'not ready', ...(node.unschedulable ? ['cordoned'] : [])].join(', '),
  ]);
  const podRows = pods.map((pod) => [
    `${pod.namespace}/${pod.name}`,
    pod.node ?? '-',
    pod.address ?? '-',
    pod.terminating ? 'terminating' : pod.ready ? 'ready' : pod.phase.toLowerCase(),
  ]);
  return [
    `Kubernetes${specimen ? ' with the specimen' : ''} is ${whole ? 'whole' : 'not whole'}: ${counts}${trouble === null ? '' : ` (${trouble})`}`,
    `API server: ${apiServer.assets === null ? "the lab's own" : `kube-apiserver from ${apiServer.assets}`}, ${apiServer.version ?? 'which does not answer'}`,
    ...aligned([['node', 'zone', 'instance', 'state'], ...nodeRows]).map((line) => `  ${line}`),
    ...aligned([['pod', 'node', 'address', 'state'], ...podRows]).map((line) => `  ${line}`),
  ];
}
