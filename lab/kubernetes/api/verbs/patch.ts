import type { Handler } from '../call.ts';
import { objectAnswer } from '../http/forms.ts';
import { readPatch } from '../patch/apply-patch.ts';
import { readWriteOptions } from './options.ts';
import { kindOf, matchPath, typed } from './read-object.ts';
import { changeObject } from './update.ts';

export const patch: Handler = async (api, call) => {
  const options = readWriteOptions(call.query, 'PatchOptions');
  const apply = readPatch(call.contentType, call.body);
  const make: Parameters<typeof changeObject>[2] = (current) => {
    const next = typed(apply(current), ...kindOf(call.resource));
    matchPath(call, next);
    // A patch is for the present state, unless it names another one itself.
    return next;
  };
  return objectAnswer(call, 200, await changeObject(api, call, make, options.dryRun));
};
