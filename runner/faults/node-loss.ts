import { z } from 'zod';
import { defineFault } from '../fault.ts';
import type { Instance } from '../inventory.ts';
import { clusterOf, matchNodes, podTarget } from '../pod-selection.ts';
import { inventoryRules } from '../rbac.ts';
import { pickFrom, requireTargets, targetOf } from '../select.ts';
import { count } from '../slo/words.ts';
import { doomedVolumes, termination } from '../termination.ts';

/** A node whose machine is gone, with all pods on it. Nobody tells the API: the node's lease just stops. */
export default defineFault({
  summary: "terminates the EC2 instances of Kubernetes nodes, found by their spec.providerID, with all pods on them",
  schema: z.strictObject({}),
  selects: ['node', 'labels', 'zone', 'notZone', 'names', 'pick'],
  needs: ['kubernetes'],
  permissions: { iam: termination.permissions.iam, rbac: inventoryRules },

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const cluster = clusterOf(inventory, spec.id);
    const picked = pickFrom(matchNodes(cluster, select), select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'node');
    const machines = picked.map((node) => ({ node, instance: inventory.instances.find(({ id, state }) => id === node.instanceId && state === 'running') }));
    const instances = machines.flatMap(({ instance }): Instance[] => (instance ? [instance] : []));
    const lost = new Set(picked.map(({ name }) => name));
    const pods = cluster.pods.filter(({ node, phase }) => node !== undefined && lost.has(node) && phase !== 'Succeeded' && phase !== 'Failed');
    return {
      targets: [
        ...machines.flatMap(({ node, instance }) => (instance ? [{ ...targetOf(instance, inventory), node: node.name }] : [])),
        ...pods.map(podTarget),
      ],
      says: `${termination.says(instances)}: node ${picked.map(({ name }) => name).join(', ')} with ${count(pods.length, 'pod')}`,
      undo: null,
      objections: [
        ...machines.filter(({ instance }) => !instance).map(({ node }) => noMachine(node.name, node.instanceId)),
        ...doomedVolumes(instances),
      ],
    };
  },

  async inject(plan, context) {
    await termination.inject({ ...plan, targets: plan.targets.filter(({ kind }) => kind === 'instance') }, context);
  },
});

function noMachine(node: string, instanceId: string | undefined): string {
  if (instanceId === undefined) return `node ${node} has no spec.providerID that names an EC2 instance: its machine can't be found`;
  return `node ${node} is instance ${instanceId}, which EC2 does not tell of as running here; is this the cluster of this AWS account?`;
}
