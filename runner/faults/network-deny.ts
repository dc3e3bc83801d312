import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { V1NetworkPolicy, V1Pod } from '../clients/kubernetes.ts';
import { isConflict, isGone } from '../clients/kubernetes-failure.ts';
import { resources } from '../clients/kubernetes-list.ts';
import { defineFault, type FaultContext } from '../fault.ts';
import { alreadyAnnotated, annotationsFor, isOwn, kubectl, noAnnotations, ownAmong, patiently } from '../kubernetes-marks.ts';
import { readLeft } from '../marks.ts';
import { podNames } from '../pod-killing.ts';
import { clusterOf, matchPods, podSelects, podTarget, requireOnCluster } from '../pod-selection.ts';
import { inNamespaces, inventoryRules } from '../rbac.ts';
import { pickFrom } from '../select.ts';

type Direction = 'both' | 'ingress' | 'egress';

/** On each pod, and on each policy that is made after them; a policy's namespace is that of its pods, and those may be gone by then. */
const left = z.strictObject({
  types: z.array(z.string()),
  pods: z.array(z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string() })),
});
const record = left.extend({ fault: z.string(), lastsMs: z.number() });

/** The label by which our policy finds the pods that it cuts off: theirs may be those of pods that were not picked. */
const cutOff = 'firedrill.dev/cut-off';

/** Pods that nobody can reach, and that reach nobody, while they run on as if nothing were. */
export default defineFault<{ direction: Direction }>({
  summary: 'cuts Kubernetes pods off by a NetworkPolicy of our own, and deletes it again; needs a network plugin that enforces policies',
  schema: z.strictObject({
    direction: z.enum(['both', 'ingress', 'egress']).default('both').describe('What is cut: both (when left out), ingress (nobody reaches them), egress (they reach nobody)'),
  }),
  selects: podSelects,
  needs: ['kubernetes'],
  permissions: {
    iam: [],
    rbac: [...inventoryRules, inNamespaces('', ['pods'], ['get', 'patch']), inNamespaces('networking.k8s.io', ['networkpolicies'], ['get', 'create', 'delete'])],
  },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchPods(clusterOf(inventory, spec.id), select), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod', inventory);
    const client = await world.kubernetes();
    const live = await Promise.all(picked.map(({ namespace, name }) => client.find<V1Pod>({ resource: resources.pods, namespace, name })));
    const types = { both: ['Ingress', 'Egress'], ingress: ['Ingress'], egress: ['Egress'] }[spec.direction];
    return {
      targets: picked.map((pod) => ({ ...podTarget(pod), survives: true as const })),
      says: `cut ${podNames(picked)} off (${types.join(' and ')}): a NetworkPolicy of our own (undone: deleted); pods that replace them are not cut off`,
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, types, pods: picked.map(({ namespace, name, uid }) => ({ namespace, name, uid })) },
      objections: [
        ...picked.filter(({ hostNetwork }) => hostNetwork).map(({ name }) => `${name} uses its node's network, which policies don't touch`),
        ...picked.flatMap(({ name }, index) => alreadyAnnotated(`pod ${name}`, live[index]?.metadata?.annotations) ?? []),
      ],
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, types, pods } = record.parse(undo);
    const { signal, spare } = context;
    const client = await context.world.kubernetes();
    const name = nameFor(fault, context);
    for (const { namespace, name: pod, uid } of pods) {
      try {
        const annotations = annotationsFor(fault, lastsMs, { types, pods: [{ namespace, name: pod, uid }] }, context);
        const patch = { metadata: { uid, annotations, labels: { [cutOff]: name } } };
        await patiently(context, () => client.merge({ resource: resources.pods, namespace, name: pod }, patch, { signal }));
      } catch (error) {
        if (!isGone(error) && !isConflict(error)) throw error;
        spare([uid]);
      }
    }
    for (const namespace of namespacesOf(pods)) {
      const annotations = annotationsFor(fault, lastsMs, { types, pods: pods.filter((pod) => pod.namespace === namespace) }, context);
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, annotations, labels: { 'app.kubernetes.io/managed-by': 'firedrill' } },
        spec: { podSelector: { matchLabels: { [cutOff]: name } }, policyTypes: types },
      };
      try {
        await patiently(context, () => client.create(resources.networkpolicies, namespace, policy, { signal }));
      } catch (error) {
        // One of the tries before may have been heard.
        const there = isConflict(error) ? await client.find<V1NetworkPolicy>({ resource: resources.networkpolicies, namespace, name }, { signal }) : undefined;
        if (!there || !isOwn(there, fault, context)) throw error;
      }
    }
  },

  async undo(undoRecord, context) {
    const { fault, pods } = record.parse(undoRecord);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const name = nameFor(fault, context);
    const own = await ownAmong<V1Pod>(client, pods.map((pod) => ({ resource: resources.pods, ...pod })), fault, context);
    const said: string[] = [];
    for (const namespace of namespacesOf(pods)) {
      const ref = { resource: resources.networkpolicies, namespace, name };
      const policy = await client.find<V1NetworkPolicy>(ref, { signal });
      if (!policy || !isOwn(policy, fault, context)) continue;
      await client.remove(ref, policy.metadata?.uid ?? '', { signal });
      if (await client.find(ref, { signal })) throw new Error(`network policy ${name} in ${namespace} is still there`);
      said.push(`deleted network policy ${name} in ${namespace}`);
    }
    // The labels last: while they are there, the next undo knows that there may be a policy.
    for (const { ref, object } of own) {
      const { uid, resourceVersion } = object.metadata!;
      await client.merge(ref, { metadata: { uid, resourceVersion, annotations: noAnnotations, labels: { [cutOff]: null } } }, { signal });
    }
    return said.length > 0 ? said.join('; ') : 'nothing to delete: there is no network policy of this run';
  },

  fromMarks(fault, things) {
    const found = things.flatMap((thing) => readLeft([thing], thing.type === 'pods' ? 'pods' : 'networkpolicies', left));
    const pods = new Map(found.flatMap(({ left: one }) => one.pods).map((pod) => [pod.uid, pod]));
    return { fault, lastsMs: 0, types: found[0]?.left.types ?? [], pods: [...pods.values()] };
  },

  byHand(undoRecord, environment, run) {
    const { fault, pods } = record.parse(undoRecord);
    const name = nameFor(fault, { run });
    return namespacesOf(pods).flatMap((namespace) => [
      kubectl(environment, '-n', namespace, 'delete', 'networkpolicy', name),
      kubectl(environment, '-n', namespace, 'label', 'pods', '-l', `${cutOff}=${name}`, `${cutOff}-`),
    ]);
  },
});

/** The same each time that it is asked: an undo must find what an injection made whose answer was lost. */
function nameFor(fault: string, { run }: Pick<FaultContext, 'run'>): string {
  return `firedrill-${createHash('sha256').update(`${run.id}\n${fault}`).digest('hex').slice(0, 16)}`;
}

function namespacesOf(pods: readonly { readonly namespace: string }[]): string[] {
  return [...new Set(pods.map(({ namespace }) => namespace))].sort();
}
