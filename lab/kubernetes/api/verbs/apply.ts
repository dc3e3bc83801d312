import type { Api, Call } from '../call.ts';
import { badRequest, invalid, StatusError } from '../errors.ts';
import { readYaml } from '../http/body.ts';
import { objectAnswer } from '../http/forms.ts';
import type { Answer } from '../http/respond.ts';
import { managedByApply, serverSideApply } from '../patch/server-side.ts';
import { isTrue } from '../request.ts';
import { createObject } from './create.ts';
import { readWriteOptions } from './options.ts';
import { decoded, kindOf, matchPath, tellUnknown } from './read-object.ts';
import { changeObject } from './update.ts';

export const applyContentType = 'application/apply-patch+yaml';

/** Server-side apply: a PATCH that makes the object when it isn't there. @throws StatusError 400, 409, 422 */
export async function apply(api: Api, call: Call): Promise<Answer> {
  const options = readWriteOptions(call.query, 'PatchOptions');
  const manager = options.fieldManager;
  if (!manager) {
    const message = 'Required value: is required for apply patch';
    throw invalid('PatchOptions', 'meta.k8s.io', '', [{ reason: 'FieldValueRequired', field: 'fieldManager', message }]);
  }
  const kind = kindOf(call.resource);
  const { object: applied, unknown } = decoded(readYaml(call.body, kind[0]), ...kind);
  if (unknown.length > 0) tellUnknown(call, unknown, ...kind);
  if (applied.metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil');
  matchPath(call, applied);
  const applier = { manager, force: isTrue(call.query.get('force')) };
  try {
    const next = await changeObject(api, call, (current) => serverSideApply(current, applied, applier), options.dryRun);
    return objectAnswer(call, 200, next);
  } catch (error) {
    const missing = error instanceof StatusError && error.status.reason === 'NotFound' && error.status.details?.kind === call.resource.plural;
    if (!missing || call.subresource !== undefined) throw error;
    const managed = { ...applied, metadata: { ...applied.metadata, managedFields: managedByApply(applied, manager) } };
    return objectAnswer(call, 201, await createObject(api, call, managed, options.dryRun));
  }
}
