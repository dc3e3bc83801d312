import type { Handler } from '../call.ts';
import { objectAnswer } from '../http/forms.ts';
import { checkRevision } from '../storage/store.ts';
import { finishDeletion } from '../verbs/finish-deletion.ts';
import { kindOf, matchPath, readTyped } from '../verbs/read-object.ts';

/** Takes a namespace's own finalizers away: with the last one it is gone. */
export const finalize: Handler = async (api, call) => {
  const wanted = readTyped(call, ...kindOf(call.resource));
  matchPath(call, wanted);
  const { object } = await api.store.update(call.resource, undefined, call.name!, (current) => {
    checkRevision(call.resource, wanted, current);
    const next = { ...current, spec: { ...current['spec'], finalizers: wanted['spec']?.finalizers ?? [] } };
    if (next.spec.finalizers.length === 0) next.spec = {};
    return finishDeletion(next) ? null : next;
  });
  return objectAnswer(call, 200, object);
};
