import { z } from 'zod';
import { formatDuration } from '../../scenarios/duration.ts';
import { positiveDuration } from '../../scenarios/values.ts';
import type { V1Node } from '../clients/kubernetes.ts';
import { resources } from '../clients/kubernetes-list.ts';
import { evict, evictionRules } from '../eviction.ts';
import { defineFault } from '../fault.ts';
import { alreadyAnnotated, annotationsFor, kubectl, noAnnotations, ownAmong, patiently } from '../kubernetes-marks.ts';
import { readLeft } from '../marks.ts';
import { clusterOf, matchNodes, nodeTarget, podTarget } from '../pod-selection.ts';
import { inCluster } from '../rbac.ts';
import { pickFrom, requireTargets } from '../select.ts';
import { count } from '../slo/words.ts';

/** On each node that was not cordoned before, in the patch that cordons it. */
const left = z.strictObject({});
const record = z.strictObject({
  fault: z.string(),
  lastsMs: z.number(),
  /** Those that were not cordoned before. */
  nodes: z.array(z.strictObject({ name: z.string(), uid: z.string() })),
});
const settings = z.object({ withinMs: z.number() });

/** A node that is emptied for maintenance, as `kubectl drain --ignore-daemonsets` does. */
export default defineFault<{ within: number }>({
  summary: 'cordons Kubernetes nodes and evicts their pods; uncordons those that it cordoned',
  schema: z.strictObject({
    within: positiveDuration.default(30_000).describe('How long a refused eviction is tried again; 30s when left out'),
  }),
  selects: ['node', 'labels', 'zone', 'notZone', 'names', 'pick'],
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: [...evictionRules, inCluster('', ['nodes'], ['get', 'patch'])] },

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const cluster = clusterOf(inventory, spec.id);
    const evictable = cluster.pods.filter(
      ({ phase, mirror, workload, terminating }) => !terminating && !mirror && phase !== 'Succeeded' && phase !== 'Failed' && !workload?.startsWith('daemonset/'),
    );
    // To drain a node that is empty already would show nothing.
    const occupied = matchNodes(cluster, select).filter(({ name }) => evictable.some(({ node }) => node === name));
    const picked = pickFrom(occupied, select.pick ?? 'all', rng);
    requireTargets(picked, spec.select, spec.id, 'node with a pod to evict');
    const pods = evictable.filter(({ node }) => picked.some(({ name }) => name === node));
    const cordons = picked.filter(({ unschedulable }) => !unschedulable);
    return {
      targets: [...picked.map((node) => ({ ...nodeTarget(node), survives: true as const })), ...pods.map(podTarget)],
      says:
        `drain ${picked.map(({ name }) => name).join(', ')}: cordon (undone by uncordon) and evict ${count(pods.length, 'pod')} (not undone); DaemonSet and static ` +
        `pods stay; what a disruption budget refuses is tried again for ${formatDuration(spec.within)}, then left alone`,
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, nodes: cordons.map(({ name, uid }) => ({ name, uid })) },
      waitsMs: spec.within,
      settings: { withinMs: spec.within },
      objections: cordons.flatMap(({ name, annotations }) => alreadyAnnotated(`node ${name}`, annotations) ?? []),
    };
  },

  async inject({ targets, undo, settings: given }, context) {
    const { fault, lastsMs, nodes } = record.parse(undo);
    const client = await context.world.kubernetes();
    for (const { name, uid } of nodes) {
      const patch = { metadata: { uid, annotations: annotationsFor(fault, lastsMs, {}, context) }, spec: { unschedulable: true } };
      await patiently(context, () => client.merge({ resource: resources.nodes, name }, patch, { signal: context.signal }));
    }
    await evict(targets.filter(({ kind }) => kind === 'pod'), settings.parse(given), context);
  },

  async undo(undoRecord, context) {
    const { fault, nodes } = record.parse(undoRecord);
    if (nodes.length === 0) return 'nothing to uncordon: all were cordoned before';
    const client = await context.world.kubernetes();
    const refs = nodes.map(({ name, uid }) => ({ resource: resources.nodes, name, uid }));
    const own = await ownAmong<V1Node>(client, refs, fault, context);
    if (own.length === 0) return 'nothing to uncordon: no node carries the annotations of this run';
    const said: string[] = [];
    for (const { ref, object } of own) {
      const cordoned = object.spec?.unschedulable === true;
      const { uid, resourceVersion } = object.metadata!;
      // null takes the key away, as uncordon does.
      const patch = { metadata: { uid, resourceVersion, annotations: noAnnotations }, ...(cordoned ? { spec: { unschedulable: null } } : {}) };
      const { spec } = await client.merge<V1Node>(ref, patch, { signal: context.signal });
      if (spec?.unschedulable === true) throw new Error(`node ${ref.name} is still cordoned`);
      said.push(cordoned ? `uncordoned ${ref.name}` : `${ref.name} was uncordoned by somebody else`);
    }
    return said.join('; ');
  },

  fromMarks: (fault, things) => ({ fault, lastsMs: 0, nodes: readLeft(things, 'nodes', left).map(({ name, id: uid }) => ({ name, uid })) }),

  byHand: (undoRecord, environment) => record.parse(undoRecord).nodes.map(({ name }) => kubectl(environment, 'uncordon', name)),
});
