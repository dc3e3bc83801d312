import type { Handler } from '../call.ts';
import { invalid, StatusError } from '../errors.ts';
import { objectAnswer } from '../http/forms.ts';
import type { KubeObject, Loose } from '../object.ts';
import { readPatch } from '../patch/apply-patch.ts';
import { apply, applyContentType } from './apply.ts';
import { readWriteOptions } from './options.ts';
import { decoded, kindOf, matchPath, tellUnknown } from './read-object.ts';
import { changeObject } from './update.ts';

export const patch: Handler = async (api, call) => {
  if (call.contentType === applyContentType) return apply(api, call);
  const options = readWriteOptions(call.query, 'PatchOptions');
  const change = readPatch(call.contentType, call.body);
  const kind = kindOf(call.resource);
  let told = false;
  const make = (current: KubeObject): KubeObject => {
    const { object, unknown } = readPatched(change(current), ...kind);
    // A patch that has to be made anew on a newer state is not told twice what is wrong with it.
    if (unknown.length > 0 && !told) tellUnknown(call, unknown, ...kind);
    told = true;
    matchPath(call, object);
    return object;
  };
  return objectAnswer(call, 200, await changeObject(api, call, make, options.dryRun));
};

/** A patch whose result isn't an object of the kind is told with the whole of it. @throws StatusError 422 */
function readPatched(json: Loose, kind: string, apiVersion: string): ReturnType<typeof decoded> {
  try {
    return decoded(json, kind, apiVersion);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const why = /cannot be handled as a \w+: (.*)$/s.exec(error.message)?.[1] ?? error.message;
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(json))}: ${why}`;
    throw invalid('', '', '', [{ reason: 'FieldValueInvalid', field: 'patch', message }]);
  }
}
