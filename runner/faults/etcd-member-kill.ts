import { z } from 'zod';
import { ExpectedError } from '../errors.ts';
import { matchPodMembers } from '../etcd-pods.ts';
import { defineFault, type Target } from '../fault.ts';
import { podKilling } from '../pod-killing.ts';
import { podTarget } from '../pod-selection.ts';
import { matchMembers, pickFrom, requireTargets, targetOf } from '../select.ts';
import { doomedVolumes, termination } from '../termination.ts';

/**
 * Kills etcd members by what they are in the cluster, with what hosts them: a machine, or a pod. A static pod goes with
 * its node's machine, as deleting its picture in the API does nothing.
 */
export default defineFault({
  summary: 'kills etcd members, chosen by what they are in the cluster, with the instances or pods that host them',
  schema: z.strictObject({}),
  selects: ['role', 'zone', 'notZone', 'tags', 'names', 'leader', 'follower', 'pick'],
  permissions: { ...termination.permissions, rbac: podKilling.permissions.rbac, either: true },

  async plan(spec, { inventory, rng, world }) {
    if (!inventory.etcd) throw new ExpectedError(`fault ${spec.id}: the environment file names no etcd to kill a member of`);
    const select = spec.select ?? {};
    const inPods = await matchPodMembers(inventory, select, world);
    const hosts = [
      ...matchMembers(inventory, select).map(({ instance, zone }) => ({ instance, zone, pod: undefined, target: targetOf(instance, inventory) })),
      ...inPods.members.map(({ member, pod, instance, zone }) => {
        const target: Target = instance ? { ...targetOf(instance, inventory), ...(pod.node === undefined ? {} : { node: pod.node }) } : podTarget(pod);
        return { instance, zone, pod, target: { ...target, etcdMember: member.id } };
      }),
    ];
    const picked = pickFrom(hosts, select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'etcd member on a running instance or in a pod');
    const instances = picked.flatMap(({ instance }) => instance ?? []);
    const pods = picked.flatMap(({ pod, instance }) => (pod && !instance ? [pod] : []));
    const stuck = pods.filter(({ mirror }) => mirror);
    return {
      targets: picked.map(({ target }) => target),
      says: [...(instances.length > 0 ? [termination.says(instances)] : []), ...(pods.length > 0 ? [podKilling.says(pods, 0)] : [])].join('; '),
      undo: null,
      objections: [
        ...inPods.objections,
        ...doomedVolumes(instances),
        ...stuck.map(({ name, node }) => `${name} is a static pod, and the machine of its node ${node} is not among the running instances that EC2 tells of`),
      ],
    };
  },

  async inject(plan, context) {
    const machines = plan.targets.filter(({ kind }) => kind === 'instance');
    const pods = plan.targets.filter(({ kind }) => kind === 'pod');
    await Promise.all([
      machines.length > 0 ? termination.inject({ ...plan, targets: machines }, context) : undefined,
      pods.length > 0 ? podKilling.inject(pods, 0, context) : undefined,
    ]);
  },
});
