import { z } from 'zod';
import { share } from '../../scenarios/select.ts';
import type { V1Pod } from '../clients/kubernetes.ts';
import { isConflict, isGone, isPassing } from '../clients/kubernetes-failure.ts';
import { resources } from '../clients/kubernetes-list.ts';
import type { Pod } from '../cluster.ts';
import { lowerCpu } from '../container-cpu.ts';
import { resizeFrom, untilInForce, type Resize } from '../container-resizing.ts';
import { messageOf } from '../errors.ts';
import { defineFault } from '../fault.ts';
import { alreadyAnnotated, annotationsFor, kubectl, noAnnotations, ownAmong, patiently } from '../kubernetes-marks.ts';
import { readLeft } from '../marks.ts';
import { podNames } from '../pod-killing.ts';
import { clusterOf, matchPods, podSelects, podTarget, requireOnCluster } from '../pod-selection.ts';
import { inNamespaces, inventoryRules } from '../rbac.ts';
import { pickFrom } from '../select.ts';
import type { World } from '../world.ts';

const cpu = z.strictObject({ limit: z.string(), request: z.string().optional() });
/** On each pod, before it is resized. */
const left = z.strictObject({ container: z.string(), to: cpu, original: cpu });
const throttled = left.extend({ namespace: z.string(), name: z.string(), uid: z.string() });
type Throttled = z.output<typeof throttled>;
const record = z.strictObject({ fault: z.string(), lastsMs: z.number(), pods: z.array(throttled) });

const millicores = z.string().regex(/^[1-9]\d*m$/, { error: 'give thousandths of a core such as 100m, or a part of the present limit such as 10%', abort: true });

/** How long a kubelet may take to do it and to say so. */
const kubeletMs = 30_000;

/** A container that gets less CPU than it wants, and waits. The pod stays, and is not restarted. */
export default defineFault<{ to: string; container?: string }>({
  summary: "lowers the CPU limit of a container in Kubernetes pods while they run, and puts the original back where nobody else has changed it since",
  schema: z.strictObject({
    to: z.union([millicores, share], { error: 'give thousandths of a core such as 100m, or a part of the present limit such as 10%' })
      .default('10%').describe('The CPU limit: thousandths of a core such as 100m, or a part of the present limit such as 10% (when left out)'),
    container: z.string().min(1).optional().describe("Which container; the pod's first when left out"),
  }),
  selects: podSelects,
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: [...inventoryRules, inNamespaces('', ['pods'], ['get', 'patch']), inNamespaces('', ['pods/resize'], ['patch'])] },

  async plan(spec, { inventory, rng, world }) {
    const select = spec.select ?? {};
    const picked = pickFrom(matchPods(clusterOf(inventory, spec.id), select), select.pick ?? 'all', rng);
    requireOnCluster(picked, spec, 'pod', inventory);
    const looks = await Promise.all(picked.map((pod) => look(pod, spec.container ?? pod.containers[0] ?? '', spec.to, world)));
    const to = spec.to.endsWith('%') ? `${spec.to} of what it is` : spec.to;
    return {
      targets: picked.map((pod) => ({ ...podTarget(pod), survives: true as const })),
      says: `lower the CPU limit of ${podNames(picked)} to ${to}, without a restart (undone: the original limit)`,
      undo: { fault: spec.id, lastsMs: spec.for ?? 0, pods: looks.flatMap((one) => ('refused' in one ? [] : [one])) },
      waitsMs: kubeletMs,
      objections: looks.flatMap((one) => ('refused' in one ? [one.refused] : [])),
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, pods } = record.parse(undo);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const asked: Resize[] = [];
    for (const { namespace, name, uid, container, to, original } of pods) {
      const marks = { metadata: { uid, annotations: annotationsFor(fault, lastsMs, { container, to, original }, context) } };
      try {
        await patiently(context, () => client.merge({ resource: resources.pods, namespace, name }, marks, { signal }));
      } catch (error) {
        if (!isGone(error) && !isConflict(error)) throw error;
        context.spare([uid]);
        context.note(`pod ${name} in ${namespace} had gone before it was throttled`);
        continue;
      }
      const done = await resizeFrom(client, { namespace, name, uid, container }, original, to, context);
      if ('other' in done) throw new Error(`${name}: the CPU limit of ${container} was set to ${done.other} by somebody else; planned was to lower it from ${original.limit}`);
      if ('resized' in done) asked.push(done.resized);
    }
    for (const one of asked) await untilInForce(client, one, kubeletMs, context);
  },

  async undo(undoRecord, context) {
    const { fault, pods } = record.parse(undoRecord);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const own = await ownAmong<V1Pod>(client, pods.map(({ namespace, name, uid }) => ({ resource: resources.pods, namespace, name, uid })), fault, context);
    if (own.length === 0) return 'nothing to put back: no pod carries the annotations of this run';
    const said: string[] = [];
    for (const { ref } of own) {
      const { namespace, name, uid, container, to, original } = pods.find((pod) => pod.uid === ref.uid)!;
      const done = await resizeFrom(client, { namespace, name, uid, container }, to, original, context);
      if ('resized' in done) await untilInForce(client, done.resized, kubeletMs, context);
      if ('gone' in done) said.push(`${name} is gone`);
      else {
        await client.merge(ref, { metadata: { uid, annotations: noAnnotations } }, { signal });
        said.push('other' in done ? `${name} was given a CPU limit of ${done.other} by somebody else: left as it is` : `${name} has its CPU limit of ${original.limit} again`);
      }
    }
    return said.join('; ');
  },

  fromMarks: (fault, things) => ({
    fault,
    lastsMs: 0,
    pods: readLeft(things, 'pods', left).map(({ namespace = '', name, id: uid, left: found }) => ({ namespace, name, uid, ...found })),
  }),

  byHand: (undoRecord, environment) =>
    record.parse(undoRecord).pods.map(({ namespace, name, container, original: { limit, request } }) => {
      const amounts = { limits: { cpu: limit }, ...(request === undefined ? {} : { requests: { cpu: request } }) };
      const patch = JSON.stringify({ spec: { containers: [{ name: container, resources: amounts }] } });
      return kubectl(environment, '-n', namespace, 'patch', 'pod', name, '--subresource', 'resize', '--patch', patch);
    }),
});

/** What would be done to the pod, or what speaks against it; the API is asked whether it would take it, which changes nothing. @throws KubernetesFailure when there is no answer */
async function look({ namespace, name, uid, mirror, node }: Pod, container: string, to: string, world: World): Promise<Throttled | { readonly refused: string }> {
  if (mirror) return { refused: `${name} is a static pod of node ${node}: Kubernetes resizes none; change its file on the node` };
  const client = await world.kubernetes();
  const live = await client.find<V1Pod>({ resource: resources.pods, namespace, name });
  if (!live) return { refused: `${name} is gone` };
  const marked = alreadyAnnotated(`pod ${name}`, live.metadata?.annotations);
  if (marked !== undefined) return { refused: marked };
  const lowering = lowerCpu(live, container, to);
  if ('refused' in lowering) return { refused: `${name} ${lowering.refused}` };
  try {
    await client.resizePod({ namespace, name, uid }, container, lowering.to, { dryRun: true });
  } catch (error) {
    if (isPassing(error)) throw error;
    // The pod was there a moment ago.
    const missing = 'the API has no pods/resize; Kubernetes 1.33 has it, or 1.32 with the feature gate InPlacePodVerticalScaling';
    return { refused: `${name} can't be resized while it runs: ${isGone(error) ? missing : messageOf(error)}` };
  }
  return { namespace, name, uid, container, ...lowering };
}
