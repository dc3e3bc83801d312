import { z } from 'zod';
import { formatDuration } from '../../scenarios/duration.ts';
import { duration } from '../../scenarios/schema.ts';
import { share } from '../../scenarios/select.ts';
import type { V1Pod } from '../clients/kubernetes.ts';
import { isConflict, isGone } from '../clients/kubernetes-failure.ts';
import { resources } from '../clients/kubernetes-list.ts';
import { daemonSelects, pickDaemons } from '../daemon-selection.ts';
import { defineFault } from '../fault.ts';
import { alreadyAnnotated, annotationsFor, kubectl, noAnnotations, ownAmong, patiently } from '../kubernetes-marks.ts';
import { readLeft } from '../marks.ts';
import { asksFor, delayKeys, delayText, untilInForce } from '../mesh-delay.ts';
import { podNames } from '../pod-killing.ts';
import { podTarget } from '../pod-selection.ts';
import { inNamespaces, inventoryRules } from '../rbac.ts';

/** On each pod, in the patch that tells it to delay. */
const left = z.strictObject({ delay: z.string() });
const record = z.strictObject({
  fault: z.string(),
  lastsMs: z.number(),
  delay: z.string(),
  pods: z.array(z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string() })),
});

/** How long a proxy may take to do it and to say so. */
const proxyMs = 30_000;

/** Requests take longer on their way, as over a bad line: nothing fails, and everything behind them waits. */
export default defineFault<{ delay: number; of: string[]; share: string }>({
  summary: 'tells node-local proxies to delay requests, where they can be told, and to stop when it is undone',
  schema: z.strictObject({
    delay: duration.default(200).describe('How long each request is held back before it is sent on'),
    of: z.array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, { error: 'give a service and its namespace, such as accounts.bank' })).default([])
      .describe('For which services, such as accounts.bank; for all when left out'),
    share: share.default('100%').describe('Of how many of the requests'),
  }),
  selects: daemonSelects,
  needs: ['kubernetes'],
  permissions: { iam: [], rbac: [...inventoryRules, inNamespaces('', ['pods'], ['get', 'patch'])] },

  async plan(spec, { inventory, rng, world }) {
    const picked = pickDaemons(spec, { inventory, rng });
    const client = await world.kubernetes();
    const live = await Promise.all(picked.map(({ namespace, name }) => client.find<V1Pod>({ resource: resources.pods, namespace, name })));
    const objections = live.map((pod, index): string | undefined => {
      const name = `pod ${picked[index]!.name}`;
      const annotations = pod?.metadata?.annotations ?? {};
      if (annotations[delayKeys.takes] !== 'true') return `${name} does not say that it can be told to delay: it has no annotation ${delayKeys.takes}: "true"`;
      return alreadyAnnotated(name, annotations) ?? (annotations[delayKeys.delay] === undefined ? undefined : `${name} has been told to delay by somebody else: ${annotations[delayKeys.delay]}`);
    });
    const what = `${spec.share === '100%' ? '' : `${spec.share} of `}requests${spec.of.length > 0 ? ` for ${spec.of.join(', ')}` : ''}`;
    return {
      targets: picked.map((pod) => ({ ...podTarget(pod), survives: true as const })),
      says: `delay ${what} by ${formatDuration(spec.delay)} in ${podNames(picked)} on ${picked.map(({ node }) => node).join(', ')} (undone: no delay)`,
      undo: {
        fault: spec.id,
        lastsMs: spec.for ?? 0,
        delay: delayText(spec),
        pods: picked.map(({ namespace, name, uid }) => ({ namespace, name, uid })),
      },
      waitsMs: proxyMs,
      objections: objections.flatMap((one) => one ?? []),
    };
  },

  async inject({ undo }, context) {
    const { fault, lastsMs, delay, pods } = record.parse(undo);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const told: typeof pods = [];
    for (const pod of pods) {
      const { namespace, name, uid } = pod;
      const annotations = { ...annotationsFor(fault, lastsMs, { delay }, context), [delayKeys.delay]: delay };
      try {
        await patiently(context, () => client.merge({ resource: resources.pods, namespace, name }, { metadata: { uid, annotations } }, { signal }));
        told.push(pod);
      } catch (error) {
        if (!isGone(error) && !isConflict(error)) throw error;
        context.spare([uid]);
        context.note(`pod ${name} in ${namespace} had gone before it was told to delay`);
      }
    }
    for (const pod of told) await untilInForce(client, pod, delay, proxyMs, context);
  },

  async undo(undoRecord, context) {
    const { fault, delay, pods } = record.parse(undoRecord);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const own = await ownAmong<V1Pod>(client, pods.map((pod) => ({ resource: resources.pods, ...pod })), fault, context);
    if (own.length === 0) return 'nothing to put back: no pod carries the annotations of this run';
    const said: string[] = [];
    // All are told before the first is waited for: none delays longer than it must.
    const ours = own.filter(({ object }) => [undefined, delay].includes(asksFor(object)));
    for (const { ref, object } of ours) {
      const { uid, resourceVersion } = object.metadata!;
      await client.merge(ref, { metadata: { uid, resourceVersion, annotations: { [delayKeys.delay]: null } } }, { signal });
    }
    for (const one of own) {
      const { namespace, name, uid } = pods.find((pod) => pod.uid === one.ref.uid)!;
      const isOurs = ours.includes(one);
      if (isOurs) await untilInForce(client, { namespace, name, uid }, undefined, proxyMs, context);
      const stillThere = (await client.find<V1Pod>(one.ref, { signal }))?.metadata?.uid === uid;
      if (stillThere) await client.merge(one.ref, { metadata: { uid, annotations: noAnnotations } }, { signal });
      if (!stillThere) said.push(`${name} is gone`);
      else said.push(isOurs ? `${name} delays nothing any more` : `${name} was told to delay by somebody else: left as it is`);
    }
    return said.join('; ');
  },

  fromMarks(fault, things) {
    const found = readLeft(things, 'pods', left);
    const delays = new Set(found.map(({ left: { delay } }) => delay));
    if (delays.size > 1) throw new Error(`told to delay by ${[...delays].join(' and ')} by one fault`);
    return { fault, lastsMs: 0, delay: [...delays][0] ?? '', pods: found.map(({ namespace = '', name, id: uid }) => ({ namespace, name, uid })) };
  },

  byHand: (undoRecord, environment) =>
    record.parse(undoRecord).pods.map(({ namespace, name }) => kubectl(environment, '-n', namespace, 'annotate', 'pod', name, `${delayKeys.delay}-`)),
});
