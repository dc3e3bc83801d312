import type { Handler } from '../call.ts';
import { fromStored } from '../conversion.ts';
import { StatusError } from '../errors.ts';
import { listAnswer } from '../http/forms.ts';
import { deleteObject } from './delete.ts';
import { readDeleteOptions } from './delete-options.ts';
import { listed } from './list.ts';
import { readListOptions } from './list-options.ts';

/** Deletes all that a list with the same query would give; the answer is the list of what went. */
export const removeCollection: Handler = async (api, call) => {
  const options = readDeleteOptions(call);
  const { items, meta } = await listed(api.store, call, readListOptions(call.resource, call.query, false));
  for (const { object } of items) {
    const { name, namespace, uid } = object.metadata;
    try {
      await deleteObject(api, { resource: call.resource, namespace, name }, { ...options, uid: options.uid ?? uid });
    } catch (error) {
      // What somebody else has deleted meanwhile is gone as well.
      if (!(error instanceof StatusError && ['NotFound', 'Conflict'].includes(error.status.reason ?? ''))) throw error;
    }
  }
  return listAnswer(call, items.map(({ object }) => fromStored(call.resource, object)), meta);
};
