import type { Cluster } from './cluster.ts';
import { inCluster, type Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';
import type { PlannedFault } from './plan.ts';
import { touchedBy } from './touched.ts';

/** Where the harness itself stands, when it is a pod: what it is told by the downward API. Undefined: not told. */
export interface OwnPlace {
  readonly pod?: string | undefined;
  readonly namespace?: string | undefined;
  readonly node?: string | undefined;
  readonly zone?: string | undefined;
}

/**
 * Whether the cluster that drills break may be the one in which the harness stands: then the cluster is looked at before
 * anything is broken, whatever the drill is about.
 */
export function mayStandIn(place: OwnPlace | undefined, { kubernetes }: Pick<Environment, 'kubernetes'>): boolean {
  return place !== undefined && kubernetes !== undefined;
}

/** The zone in which the harness stands; undefined when it is no part of this platform, or that isn't known. */
export function ownZone(place: OwnPlace | undefined, inventory: Inventory): string | undefined {
  if (!place) return undefined;
  const node = ownNode(place, inventory.kubernetes);
  return (node?.zone || ownMachine(place, inventory)?.zone || place.zone) || undefined;
}

/**
 * Why a fault must not be injected by a harness that stands where it strikes: its own pod, its own node, or the zone in which
 * that stands. A harness whose node is no part of this cluster is not concerned.
 */
export function hitsItself(fault: PlannedFault, zonesLost: readonly string[], place: OwnPlace | undefined, environment: Environment, inventory: Inventory): string[] {
  if (!place) return [];
  const { kubernetes } = inventory;
  const isIn = environment.kubernetes?.kubeconfig === inCluster;
  const node = ownNode(place, kubernetes);
  const machine = ownMachine(place, inventory);
  if (isIn && (!place.node || !place.pod || !place.namespace)) {
    return ['firedrill runs in the cluster that it breaks, and is not told where: give it POD_NAME, POD_NAMESPACE and NODE_NAME by the downward API, as --emit kubernetes does'];
  }
  if (isIn && kubernetes && !node) return [`firedrill runs in the cluster that it breaks, and its node ${place.node} is none of it; check NODE_NAME, and look again: firedrill plan`];
  if (!node && !machine) return [];
  const zone = ownZone(place, inventory);
  const { things } = touchedBy(fault, inventory, environment.aws !== undefined);
  const isOwnNode = things.some(({ kind, names }) => (kind === 'node' && node !== undefined && names.includes(node.name)) || (kind === 'instance' && machine !== undefined && names.includes(machine.id)));
  const isOwnPod = things.some(({ kind, names, namespace }) => kind === 'pod' && place.pod !== undefined && names[0] === place.pod && namespace === place.namespace);
  const zones = new Set([...zonesLost, ...(fault.kind.startsWith('zone-') ? fault.targets.map((target) => target.zone) : [])]);
  return [
    ...(isOwnNode ? [`fault ${fault.id} would hit node ${place.node}, on which firedrill itself runs; select another, or run it elsewhere`] : []),
    ...(isOwnPod && !isOwnNode ? [`fault ${fault.id} would hit pod ${place.pod} in ${place.namespace}, which is firedrill itself; select others`] : []),
    ...(zone === undefined && zones.size > 0 ? [`fault ${fault.id} would hit zone ${[...zones].join(', ')}, and in which zone firedrill itself runs is not known; look again: firedrill plan`] : []),
    ...(zone !== undefined && zones.has(zone) ? [`fault ${fault.id} would hit zone ${zone}, in which firedrill itself runs; choose another zone, or run it elsewhere`] : []),
  ];
}

function ownNode({ node }: OwnPlace, cluster: Cluster | undefined): Cluster['nodes'][number] | undefined {
  return cluster?.nodes.find(({ name }) => name === node);
}

/** The machine that the node is: by the cluster where that is known, else by its name, which is that of the machine. */
function ownMachine(place: OwnPlace, { instances, kubernetes }: Inventory): Inventory['instances'][number] | undefined {
  const id = ownNode(place, kubernetes)?.instanceId;
  if (id !== undefined) return instances.find((instance) => instance.id === id);
  if (place.node === undefined) return undefined;
  const byAddress = /^ip-(\d+)-(\d+)-(\d+)-(\d+)(?:\.|$)/.exec(place.node)?.slice(1).join('.');
  return instances.find(({ id: own, name, address }) => own === place.node || name === place.node || (byAddress !== undefined && address === byAddress));
}
