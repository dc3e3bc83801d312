import type { Api, Call, Handler } from '../call.ts';
import { fromStored } from '../conversion.ts';
import { StatusError, type Status } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import { timestamp, type KubeObject } from '../object.ts';
import type { Resource } from '../resources.ts';
import { readDeleteOptions, type DeleteOptions } from './delete-options.ts';
import { finishDeletion } from './finish-deletion.ts';

const finalizers = { Orphan: 'orphan', Foreground: 'foregroundDeletion' } as const;

export const remove: Handler = async (api, call) => {
  const options = readDeleteOptions(call);
  const { object, gone } = await deleteObject(api, call, options);
  // A Pod is always given back, the rest only while it is there.
  if (!gone || isPod(call.resource)) return objectAnswer(call, 200, object);
  const { resource, name } = call;
  const body: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: name!,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: object.metadata.uid!,
    },
  };
  return { code: 200, body };
};

/**
 * Deletes an object, or marks it as deleted when its grace or its finalizers keep it.
 *
 * @throws StatusError 404, and 409 when a precondition fails
 */
export async function deleteObject(
  api: Api,
  call: Pick<Call, 'resource' | 'namespace'> & { readonly name: string | undefined },
  options: DeleteOptions,
): Promise<{ object: KubeObject; gone: boolean }> {
  const { resource, namespace } = call;
  const name = call.name!;
  let marked: KubeObject | undefined;
  const mark = (current: KubeObject): KubeObject | null => {
    checkPreconditions(resource, current, options);
    marked = markDeleted(resource, current, options);
    if (options.dryRun) return current;
    if (!finishDeletion(marked)) return marked;
    // Watchers of Pods see the mark before the end, those of other things only the end.
    return isPod(resource) ? marked : null;
  };
  const { object } = await api.store.update(resource, namespace, name, mark);
  const gone = finishDeletion(marked!);
  if (options.dryRun) return { object: fromStored(resource, marked!), gone };
  if (gone && isPod(resource)) await finish(api, call, object);
  return { object: fromStored(resource, object), gone };
}

/** Removes a Pod that is marked, unless somebody else did so, or another one has taken its name. */
async function finish(api: Api, { resource, namespace }: Pick<Call, 'resource' | 'namespace'>, marked: KubeObject): Promise<void> {
  try {
    await api.store.update(resource, namespace, marked.metadata.name, (current) =>
      current.metadata.uid === marked.metadata.uid && finishDeletion(current) ? null : current,
    );
  } catch (error) {
    if (!(error instanceof StatusError && error.status.reason === 'NotFound')) throw error;
  }
}

/** What the object is like after a deletion; it may be that nothing holds it then. */
function markDeleted(resource: Resource, current: KubeObject, options: DeleteOptions): KubeObject {
  const { metadata } = current;
  const graceSeconds = graceOf(resource, current, options);
  const held = heldBy(metadata.finalizers, options);
  if (metadata.deletionTimestamp !== undefined) {
    const before = metadata.deletionGracePeriodSeconds ?? 0;
    // A second deletion may shorten the time, never lengthen it.
    if (!isPod(resource) || options.graceSeconds === undefined || graceSeconds >= before) return current;
    // What is shortened to the past ends now.
    const endsMs = Math.max(Date.parse(metadata.deletionTimestamp) + (graceSeconds - before) * 1000, Date.now());
    const deletionTimestamp = timestamp(endsMs);
    return { ...current, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } };
  }
  const next: KubeObject = {
    ...current,
    metadata: {
      ...metadata,
      deletionTimestamp: timestamp(Date.now() + graceSeconds * 1000),
      ...(resource.kind === 'Namespace' ? {} : { deletionGracePeriodSeconds: graceSeconds }),
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    },
  };
  if (held.length > 0) next.metadata.finalizers = held;
  if (resource.kind === 'Namespace') next['status'] = { ...current['status'], phase: 'Terminating' };
  return next;
}

function heldBy(present: readonly string[] | undefined, { propagation }: DeleteOptions): string[] {
  const kept = (present ?? []).filter((finalizer) => propagation === undefined || !Object.values<string>(finalizers).includes(finalizer));
  if (propagation === 'Orphan' || propagation === 'Foreground') kept.push(finalizers[propagation]);
  return kept;
}

/** Only Pods have a grace; one that runs nowhere needs none. */
function graceOf(resource: Resource, { spec, status }: KubeObject, { graceSeconds }: DeleteOptions): number {
  if (!isPod(resource)) return 0;
  if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
  // A negative grace counts as one second.
  const wanted = graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
  return wanted < 0 ? 1 : wanted;
}

export function isPod(resource: Resource): boolean {
  return resource.kind === 'Pod' && resource.group === '';
}

/** @throws StatusError 409, in the words of the real server, which names the kind here and not the resource */
export function checkPreconditions(resource: Resource, { metadata }: KubeObject, options: Pick<DeleteOptions, 'uid' | 'resourceVersion'>): void {
  const kind = `${resource.kind}${resource.group && `.${resource.group}`}`;
  const refuse = (why: string): never => {
    throw new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${kind} "${metadata.name}": ${why}`, {
      name: metadata.name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.kind,
    });
  };
  if (options.uid !== undefined && options.uid !== metadata.uid) {
    refuse(
      `the UID in the precondition (${options.uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
    refuse(
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record ` +
        `(${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}
