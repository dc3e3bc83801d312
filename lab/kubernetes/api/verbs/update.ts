import { keepServiceAddresses } from '../admission/cluster-ips.ts';
import { applyDefaults } from '../admission/defaults.ts';
import { prepareForResize } from '../admission/pod-resize.ts';
import { prepareForStatusUpdate, prepareForUpdate } from '../admission/strategy.ts';
import { validate, validateResize } from '../admission/validate.ts';
import type { Api, Call, Handler } from '../call.ts';
import { fromStored, toStored } from '../conversion.ts';
import { StatusError } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import type { KubeObject } from '../object.ts';
import { checkRevision } from '../storage/store.ts';
import { createObject } from './create.ts';
import { finishDeletion } from './finish-deletion.ts';
import { readWriteOptions } from './options.ts';
import { kindOf, matchPath, readTyped } from './read-object.ts';

/** Kinds that a PUT makes when they aren't there. */
const createdByUpdate = new Set(['Lease', 'Event', 'Endpoints', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'LimitRange', 'Service']);

export const update: Handler = async (api, call) => {
  const options = readWriteOptions(call.query, 'UpdateOptions');
  const wanted = readTyped(call, ...kindOf(call.resource));
  matchPath(call, wanted);
  try {
    const next = await changeObject(api, call, (current) => ({ ...structuredClone(wanted), kind: current.kind }), options.dryRun);
    return objectAnswer(call, 200, next);
  } catch (error) {
    const missing = error instanceof StatusError && error.status.reason === 'NotFound';
    const makes = missing && call.subresource === undefined && createdByUpdate.has(call.resource.kind) && !wanted.metadata.resourceVersion;
    if (!makes) throw error;
    return objectAnswer(call, 201, await createObject(api, call, wanted, options.dryRun));
  }
};

/**
 * Changes an object through all that stands between a request and the store; through `/status` or `/resize` when the call is for that.
 *
 * @param make what the client wants, from the present state in the form of the call's resource
 * @throws StatusError 404, 409, 422 and what `make` throws
 */
export async function changeObject(
  api: Api,
  call: Pick<Call, 'resource' | 'namespace' | 'name' | 'subresource'>,
  make: (current: KubeObject) => KubeObject,
  dryRun: boolean,
): Promise<KubeObject> {
  const { resource, namespace } = call;
  let previewed: KubeObject | undefined;
  const change = (stored: KubeObject): KubeObject | null => {
    const current = fromStored(resource, stored);
    const made = make(current);
    checkRevision(resource, made, current);
    const wanted: KubeObject = { ...made, metadata: { ...made.metadata, uid: current.metadata.uid! } };
    // Before it is looked what has changed: to leave out what has a default is no change.
    applyDefaults(resource, wanted);
    const next = prepare(call, wanted, current);
    if (resource.kind === 'Service') keepServiceAddresses(next, current);
    if (call.subresource === 'resize') validateResize(resource, next, current);
    else validate(resource, next, current);
    previewed = next;
    const kept = toStored(resource, next);
    if (dryRun) return stored;
    return finishDeletion(kept) ? null : kept;
  };
  const { object } = await api.store.update(resource, namespace, call.name!, change);
  if (dryRun) return { ...previewed!, metadata: { ...previewed!.metadata, resourceVersion: object.metadata.resourceVersion! } };
  return finishDeletion(previewed!) ? { ...previewed!, metadata: { ...previewed!.metadata, resourceVersion: object.metadata.resourceVersion! } } : fromStored(resource, object);
}

/** Each way to an object takes another part of what a client wants. */
function prepare({ resource, subresource }: Pick<Call, 'resource' | 'subresource'>, wanted: KubeObject, current: KubeObject): KubeObject {
  if (subresource === 'status') return prepareForStatusUpdate(resource, wanted, current);
  return subresource === 'resize' ? prepareForResize(wanted, current) : prepareForUpdate(resource, wanted, current);
}
