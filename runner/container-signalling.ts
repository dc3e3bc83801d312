import { z } from 'zod';
import type { V1Pod } from './clients/kubernetes.ts';
import { resources } from './clients/kubernetes-list.ts';
import type { Pod } from './cluster.ts';
import { goOn, lookInto, sending, shielded, signalNames, type SignalName } from './container-processes.ts';
import type { Fault, FaultPlan } from './fault.ts';
import { alreadyAnnotated, annotationsFor, kubectl, noAnnotations, ownAmong, patiently } from './kubernetes-marks.ts';
import { readLeft } from './marks.ts';
import { podNames } from './pod-killing.ts';
import { podTarget } from './pod-selection.ts';
import { inNamespaces, inventoryRules } from './rbac.ts';
import type { World } from './world.ts';

/** On each pod, before the signal is sent. */
const left = z.strictObject({ container: z.string() });
const hit = left.extend({ namespace: z.string(), name: z.string(), uid: z.string() });
const record = z.strictObject({ fault: z.string(), lastsMs: z.number(), pods: z.array(hit) });
const settings = z.object({ signal: z.enum(signalNames), pods: z.array(hit) });

/** What is asked of it: a fault's own id and length, and the signal. */
interface Signalling {
  readonly id: string;
  readonly for?: number | undefined;
  readonly signal: SignalName;
  readonly container?: string | undefined;
}

/**
 * Plans to send a signal to a container of each of these pods. STOP is undone by CONT.
 *
 * @param where said after the pods' names
 */
export async function planSignals(picked: readonly Pod[], { id, for: lastsMs = 0, signal, container }: Signalling, world: World, where = ''): Promise<FaultPlan> {
  const pods = picked.map(({ namespace, name, uid, containers }) => ({ namespace, name, uid, container: container ?? containers[0] ?? '' }));
  const objections = await Promise.all(picked.map((pod, index) => objectionsTo(pod, pods[index]!.container, signal, world)));
  const stops = signal === 'STOP';
  return {
    targets: picked.map((pod) => ({ ...podTarget(pod), survives: true as const })),
    says: `send ${signal} to ${podNames(picked)}${where} through exec (${stops ? 'undone by CONT' : 'not undone: a container that ends is started again by its kubelet'})`,
    undo: stops ? { fault: id, lastsMs, pods } : null,
    settings: { signal, pods },
    objections: objections.flat(),
  };
}

/** What the faults have in common that send signals. */
export const signalling = {
  permissions: {
    iam: [],
    rbac: [...inventoryRules, inNamespaces('', ['pods'], ['get', 'patch']), inNamespaces('', ['pods/exec'], ['create', 'get'])],
  },

  async inject({ undo, settings: given }, context) {
    const { signal: name, pods } = settings.parse(given);
    const client = await context.world.kubernetes();
    const { signal } = context;
    for (const { namespace, name: pod, uid, container } of pods) {
      if (undo) {
        const { fault, lastsMs } = record.parse(undo);
        const patch = { metadata: { uid, annotations: annotationsFor(fault, lastsMs, { container }, context) } };
        await patiently(context, () => client.merge({ resource: resources.pods, namespace, name: pod }, patch, { signal }));
      }
      const { exitCode, output } = await patiently(context, () => client.exec({ namespace, pod, container, command: sending(name) }, { signal }));
      if (exitCode !== 0) throw new Error(`${name} could not be sent to ${pod}: ${output || `exit code ${exitCode}`}`);
    }
  },

  async undo(undoRecord, context) {
    const { fault, pods } = record.parse(undoRecord);
    const { signal } = context;
    const client = await context.world.kubernetes();
    const own = await ownAmong<V1Pod>(client, pods.map(({ namespace, name, uid }) => ({ resource: resources.pods, namespace, name, uid })), fault, context);
    if (own.length === 0) return 'nothing to let go on: no pod carries the annotations of this run';
    const said: string[] = [];
    for (const { ref, object } of own) {
      const { namespace, name: pod, container } = pods.find(({ uid }) => uid === ref.uid)!;
      await client.exec({ namespace, pod, container, command: goOn }, { signal });
      const look = await lookInto(client, { namespace, pod, container }, signal);
      if ('refused' in look) throw new Error(`${pod}: ${look.refused}`);
      const still = look.processes.filter(({ state }) => state === 'T');
      if (still.length > 0) throw new Error(`${pod}: still stopped: ${still.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`);
      const { uid, resourceVersion } = object.metadata!;
      await client.merge(ref, { metadata: { uid, resourceVersion, annotations: noAnnotations } }, { signal });
      said.push(`${pod} goes on`);
    }
    return said.join('; ');
  },

  fromMarks: (fault, things) => ({
    fault,
    lastsMs: 0,
    pods: readLeft(things, 'pods', left).map(({ namespace = '', name, id: uid, left: { container } }) => ({ namespace, name, uid, container })),
  }),

  byHand: (undoRecord, environment) =>
    record.parse(undoRecord).pods.map(({ namespace, name, container }) => kubectl(environment, '-n', namespace, 'exec', name, '-c', container, '--', ...goOn)),
} satisfies Omit<Fault, 'summary' | 'schema' | 'selects' | 'needs' | 'plan'>;

/** What the pod itself says against it; a look into the container changes nothing. */
async function objectionsTo({ namespace, name: pod, containers }: Pod, container: string, signal: SignalName, world: World): Promise<string[]> {
  if (!containers.includes(container)) return [`${pod} has no container ${container}; it has ${containers.join(', ')}`];
  const client = await world.kubernetes();
  const live = await client.find<V1Pod>({ resource: resources.pods, namespace, name: pod });
  const marked = alreadyAnnotated(`pod ${pod}`, live?.metadata?.annotations);
  if (marked !== undefined) return [marked];
  if (live?.spec?.hostPID || live?.spec?.shareProcessNamespace) {
    return [`${pod} shares its processes with ${live.spec.hostPID ? 'its node' : 'its other containers'}: a signal would reach them too`];
  }
  const look = await lookInto(client, { namespace, pod, container });
  if ('refused' in look) return [`${pod}: ${look.refused}`];
  const shield = shielded(signal, look.processes);
  return shield === undefined ? [] : [`${pod}: ${shield}`];
}
