import { ConnectionError } from './api-error.ts';
import type { Client } from './client.ts';

/**
 * The client until the signal: afterwards every call fails, so that whoever has lost its leadership in the middle of
 * something writes no more.
 */
export function boundClient(client: Client, signal: AbortSignal): Client {
  const guard = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    if (signal.aborted) throw new ConnectionError('closed');
    return call(...args);
  };
  return {
    get: guard(client.get),
    list: guard(client.list),
    create: guard(client.create),
    update: guard(client.update),
    updateStatus: guard(client.updateStatus),
    patch: guard(client.patch),
    createSubresource: guard(client.createSubresource),
    delete: guard(client.delete),
    deleteCollection: guard(client.deleteCollection),
    watch: guard(client.watch),
    raw: guard(client.raw),
    close: () => {},
  };
}
