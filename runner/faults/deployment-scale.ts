import { z } from 'zod';
import type { V1Deployment } from '../clients/kubernetes.ts';
import { resources } from '../clients/kubernetes-list.ts';
import { defineFault } from '../fault.ts';
import { alreadyAnnotated, annotationsFor, kubectl, noAnnotations, ownAmong, patiently } from '../kubernetes-marks.ts';
import { readLeft } from '../marks.ts';
import { clusterOf, matchWorkloads, requireOnCluster, workloadTarget } from '../pod-selection.ts';
import { inNamespaces, inventoryRules } from '../rbac.ts';
import { pickFrom } from '../select.ts';

/** On each Deployment, in the patch that scales it. */
const left = z.strictObject({ to: z.number(), original: z.number() });
const record = z.strictObject({
  fault: z.string(),
  lastsMs: z.number(),
  to: z.number(),
  deployments: z.array(z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string(), original: z.number() })),
});

/** A Deployment with more or fewer pods than it should have. */
export default defineFault<{ to: number }>({
  summary: 'scales Kubernetes Deployments, and back to the original count where nobody else has scaled them since',
  schema: z.strictObject({ to: z.int().min(0).default(0).describe('How many replicas; 0 when left out') }),
  selects: ['namespace', 'labels', 'owner', 'names', 'pick'],
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: [...inventoryRules, inNamespaces('apps', ['deployments'], ['get', 'patch'])] },

  async plan(spec, { inventory, rng }) {
    const select = spec.select ?? {};
    const matching = matchWorkloads(clusterOf(inventory, spec.id), select).filter(({ kind }) => kind === 'deployment');
    const picked = pickFrom(matching.map((one) => ({ ...one, zone: '' })), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'Deployment', inventory);
    const changed = picked.filter(({ desired }) => desired !== spec.to);
    return {
      targets: picked.map((one) => ({ ...workloadTarget(one, Math.max(0, one.desired - spec.to)), survives: true as const })),
      says: `scale ${picked.map(({ ref, namespace, desired }) => `${ref} in ${namespace} from ${desired}`).join(', ')} to ${spec.to} (undone: the original count)`,
      undo: {
        fault: spec.id,
        lastsMs: spec.for ?? 0,
        to: spec.to,
        deployments: changed.map(({ namespace, name, uid, desired: original }) => ({ namespace, name, uid, original })),
      },
      objections: changed.flatMap(({ ref, annotations }) => alreadyAnnotated(ref, annotations) ?? []),
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, to, deployments } = record.parse(undo);
    const client = await context.world.kubernetes();
    for (const { namespace, name, uid, original } of deployments) {
      const patch = { metadata: { uid, annotations: annotationsFor(fault, lastsMs, { to, original }, context) }, spec: { replicas: to } };
      await patiently(context, () => client.merge({ resource: resources.deployments, namespace, name }, patch, { signal: context.signal }));
    }
  },

  async undo(undoRecord, context) {
    const { fault, to, deployments } = record.parse(undoRecord);
    if (deployments.length === 0) return 'nothing to scale back: all had this count before';
    const client = await context.world.kubernetes();
    const refs = deployments.map(({ namespace, name, uid }) => ({ resource: resources.deployments, namespace, name, uid }));
    const own = await ownAmong<V1Deployment>(client, refs, fault, context);
    if (own.length === 0) return 'nothing to scale back: no Deployment carries the annotations of this run';
    const said: string[] = [];
    for (const { ref, object } of own) {
      const { original } = deployments.find(({ uid }) => uid === ref.uid)!;
      const now = object.spec?.replicas ?? 1;
      const ours = now === to;
      const { uid, resourceVersion } = object.metadata!;
      const patch = { metadata: { uid, resourceVersion, annotations: noAnnotations }, ...(ours ? { spec: { replicas: original } } : {}) };
      const { spec } = await client.merge<V1Deployment>(ref, patch, { signal: context.signal });
      if (ours && spec?.replicas !== original) throw new Error(`deployment/${ref.name} has ${spec?.replicas} replicas, not ${original}`);
      said.push(ours ? `deployment/${ref.name} has ${original} replicas again` : `deployment/${ref.name} was scaled to ${now} by somebody else: left as it is`);
    }
    return said.join('; ');
  },

  fromMarks(fault, things) {
    const found = readLeft(things, 'deployments', left);
    const counts = new Set(found.map(({ left: { to } }) => to));
    if (counts.size > 1) throw new Error(`scaled to ${[...counts].join(' and to ')} by one fault`);
    const deployments = found.map(({ namespace = '', name, id: uid, left: { original } }) => ({ namespace, name, uid, original }));
    return { fault, lastsMs: 0, to: [...counts][0] ?? 0, deployments };
  },

  byHand: (undoRecord, environment) =>
    record.parse(undoRecord).deployments.map(({ namespace, name, original }) => kubectl(environment, '-n', namespace, 'scale', `deployment/${name}`, `--replicas=${original}`)),
});
