import type { KubernetesObject, ObjectRef } from './clients/kubernetes-changes.ts';
import { isPassing } from './clients/kubernetes-failure.ts';
import type { KubernetesClient } from './clients/kubernetes.ts';
import type { Labels } from './cluster.ts';
import type { Environment } from './environment.ts';
import { messageOf } from './errors.ts';
import type { FaultContext } from './fault.ts';
import { alreadyMarked, isMarked, lookUntilFound, markKeys, marksFor, type MarkContext } from './marks.ts';

/** The tags of a run as annotations: `firedrill:run` is `firedrill.dev/run`. Annotations hold any text, labels don't. */
export function annotationsFor(fault: string, lastsMs: number, left: object, context: MarkContext): Labels {
  return Object.fromEntries(Object.entries(marksFor(fault, lastsMs, left, context)).map(([key, value]) => [annotationOf(key), value]));
}

/** For a merge patch: takes them away. */
export const noAnnotations: Readonly<Record<string, null>> = Object.fromEntries(Object.values(markKeys).map((key) => [annotationOf(key), null]));

/** An objection, when somebody's run has marked it already. */
export function alreadyAnnotated(name: string, annotations: Labels | undefined): string | undefined {
  return alreadyMarked(name, tagsOf(annotations));
}

/** A tag's key as that of an annotation. */
export function annotationOf(key: string): string {
  return key.replace(':', '.dev/');
}

/** Those of the annotations that are marks, by the keys of the tags. */
export function tagsOf(annotations: Labels = {}): Labels {
  return Object.fromEntries(Object.values(markKeys).flatMap((key) => {
    const value = annotations[annotationOf(key)];
    return value === undefined ? [] : [[key, value]];
  }));
}

/** One object that was found with the annotations of this fault of this run. */
export interface OwnObject<T> {
  readonly ref: ObjectRef & { readonly uid: string };
  readonly object: T;
}

/**
 * Those of the objects that carry the annotations of this run's fault. One that is gone, was replaced by another of its
 * name, or was never changed isn't among them. Where there are none it looks again for a while: a request that was given
 * up on may still take effect.
 */
export async function ownAmong<T extends KubernetesObject>(
  client: KubernetesClient,
  refs: readonly (ObjectRef & { readonly uid: string })[],
  fault: string,
  context: Pick<FaultContext, 'run' | 'clock' | 'signal'>,
): Promise<OwnObject<T>[]> {
  return lookUntilFound(context.clock, context.signal, async () => {
    const found = await Promise.all(refs.map(async (ref) => ({ ref, object: await client.find<T>(ref, { signal: context.signal }) })));
    return found.flatMap(({ ref, object }) => {
      if (object?.metadata?.uid !== ref.uid) return [];
      return isMarked(tagsOf(object.metadata.annotations), fault, context) ? [{ ref, object }] : [];
    });
  });
}

/** Whether the object itself carries them: for what was created, whose uid nobody knew before. */
export function isOwn(object: KubernetesObject, fault: string, context: Pick<FaultContext, 'run'>): boolean {
  return isMarked(tagsOf(object.metadata?.annotations), fault, context);
}

const again = { everyMs: 500 };

/**
 * Makes a call again and again while the API gives no answer, or one that passes, until the signal aborts.
 *
 * @throws what the API refused; the signal's reason
 */
export async function patiently<T>({ clock, signal, note }: Pick<FaultContext, 'clock' | 'signal' | 'note'>, call: () => Promise<T>): Promise<T> {
  let told = '';
  for (;;) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      const text = `trying again: ${messageOf(error)}`;
      if (text !== told) note(text);
      told = text;
    }
    await clock.sleep(again.everyMs, signal);
  }
}

/** `kubectl` as a human types it for this environment. */
export function kubectl({ kubernetes }: Environment, ...words: readonly string[]): string {
  const to = kubernetes ? ['--kubeconfig', kubernetes.kubeconfig, '--context', kubernetes.context] : [];
  return ['kubectl', ...to, ...words].map((word) => (/^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
