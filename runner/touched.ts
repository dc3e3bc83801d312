import type { Cluster, Labels, Pod, Workload } from './cluster.ts';
import type { Target } from './fault.ts';
import type { Inventory } from './inventory.ts';
import type { PlannedFault } from './plan.ts';
import { shortName } from './roles.ts';

/** One thing that a fault touches: a target, or what comes down with one. */
export interface Touched {
  readonly kind: Target['kind'] | 'group';
  /** As it is told: `peer-3 (i-1)`. */
  readonly says: string;
  /** All names and ids that it goes by. */
  readonly names: readonly string[];
  /** Its tags (of AWS) or labels (of Kubernetes); undefined: not known. */
  readonly marks: Labels | undefined;
  /** Of pods and workloads; undefined: not known. */
  readonly namespace?: string | undefined;
  readonly namespaceLabels?: Labels | undefined;
  /** It is touched because this is: its machine or its workload. */
  readonly because?: 'instance' | 'node' | 'workload';
}

export interface Touching {
  readonly things: readonly Touched[];
  /** Machines of which it isn't known which pods run on them. */
  readonly opaque: readonly string[];
}

/**
 * All that a fault touches, as far as this inventory knows it.
 *
 * @param onAws whether the nodes of the cluster are machines of this AWS account
 */
export function touchedBy({ targets, bystanders = [], groups = [] }: PlannedFault, inventory: Inventory, onAws: boolean): Touching {
  const all = new Map([...targets, ...bystanders].map((target) => [target.id, target]));
  const { kubernetes } = inventory;
  const things = [...all.values()].flatMap((target) => {
    switch (target.kind) {
      case 'instance':
        return machineThings(target, inventory);
      case 'node':
        return nodeThings(target, inventory, onAws);
      case 'pod':
        return [podThing(target, kubernetes?.pods.find(({ uid }) => uid === target.id), kubernetes)];
      case 'workload':
        return workloadThings(target, kubernetes);
    }
  });
  // A node that doesn't tell its machine may be any of them.
  const isSeen = ({ id, node }: Target): boolean =>
    kubernetes !== undefined && (kubernetes.nodes.every(({ instanceId }) => instanceId !== undefined) || kubernetes.nodes.some(({ instanceId, name }) => instanceId === id || name === node));
  const machines = [...all.values()].filter((target) => target.kind === 'instance' && !isSeen(target));
  const named = groups.map((name) => groupThing(name, inventory));
  return { things: withoutDoubles([...things, ...named]), opaque: machines.map(({ name }) => name) };
}

/** A machine, its group, the node that it is, and the pods on it. */
function machineThings(target: Target, inventory: Inventory): Touched[] {
  const { instances, kubernetes } = inventory;
  const instance = instances.find(({ id }) => id === target.id);
  const names = [target.id, target.name, ...(instance ? [instance.name, shortName(instance.name)] : [])];
  const group = instance?.group ?? target.group;
  const nodes = kubernetes?.nodes.filter(({ instanceId, name }) => instanceId === target.id || name === target.node) ?? [];
  const pods = kubernetes?.pods.filter(({ node }) => nodes.some(({ name }) => name === node)) ?? [];
  return [
    { kind: 'instance', says: `${target.name} (${target.id})`, names, marks: instance?.tags },
    ...(group === undefined ? [] : [{ ...groupThing(group, inventory), because: 'instance' as const }]),
    ...nodes.map(({ name, uid, labels }) => ({ kind: 'node' as const, says: `node ${name}`, names: [name, uid], marks: labels, because: 'instance' as const })),
    ...pods.map((pod) => ({ ...podThing(undefined, pod, kubernetes), because: 'instance' as const })),
  ];
}

/** A node, and the machine that it is. The pods that a fault takes from a node are targets of their own. */
function nodeThings(target: Target, { instances, kubernetes }: Inventory, onAws: boolean): Touched[] {
  const node = kubernetes?.nodes.find(({ uid }) => uid === target.id);
  const instance = instances.find(({ id }) => id === node?.instanceId);
  return [
    { kind: 'node', says: `node ${target.name}`, names: [target.name, target.id], marks: node?.labels },
    ...(!onAws
      ? []
      : [{ kind: 'instance' as const, says: `the machine of node ${target.name}`, names: instance ? [instance.id, instance.name, shortName(instance.name)] : [], marks: instance?.tags, because: 'node' as const }]),
  ];
}

/** A workload, and the pods that it has: their labels are their own. */
function workloadThings(target: Target, cluster: Cluster | undefined): Touched[] {
  const workload = cluster?.workloads.find(({ uid }) => uid === target.id);
  const pods = cluster?.pods.filter(({ namespace, workload: ref }) => namespace === target.namespace && ref !== undefined && ref === target.workload) ?? [];
  return [
    { kind: 'workload', says: `${target.workload ?? target.name} in ${target.namespace ?? '(unknown)'}`, names: workloadNames(target, workload), marks: workload?.labels, ...placeOf(target.namespace, cluster) },
    ...pods.map((pod) => ({ ...podThing(undefined, pod, cluster), because: 'workload' as const })),
  ];
}

function workloadNames({ name, id, workload: ref }: Target, workload: Workload | undefined): string[] {
  return [name, id, ...(ref === undefined ? [] : [ref]), ...(workload ? [workload.ref] : [])];
}

/** A pod goes by its workload's name, too: nobody knows the end of its own. */
function podThing(target: Target | undefined, pod: Pod | undefined, cluster: Cluster | undefined): Touched {
  const name = pod?.name ?? target?.name ?? '';
  const namespace = pod?.namespace ?? target?.namespace;
  const ref = pod?.workload ?? target?.workload;
  return {
    kind: 'pod',
    says: `pod ${name} in ${namespace ?? '(unknown)'}`,
    names: [name, pod?.uid ?? target?.id ?? '', ...(ref === undefined ? [] : [ref, ref.slice(ref.indexOf('/') + 1)])],
    marks: pod?.labels,
    ...placeOf(namespace, cluster),
  };
}

function placeOf(name: string | undefined, cluster: Cluster | undefined): Pick<Touched, 'namespace' | 'namespaceLabels'> {
  return { namespace: name, namespaceLabels: cluster?.namespaces.find((one) => one.name === name)?.labels };
}

function groupThing(name: string, { groups }: Inventory): Touched {
  return { kind: 'group', says: `group ${shortName(name)}`, names: [name, shortName(name)], marks: groups.find((group) => group.name === name)?.tags };
}

/** A pod of a machine that is hit may be a target as well: then what is said of the machine holds for it. */
function withoutDoubles(things: readonly Touched[]): Touched[] {
  const known = new Map<string, Touched>();
  for (const thing of things) {
    const key = `${thing.kind} ${thing.kind === 'pod' ? thing.names[1] : thing.says}`;
    const before = known.get(key);
    if (!before || (thing.because !== undefined && thing.kind === 'pod')) known.set(key, thing);
  }
  return [...known.values()];
}
