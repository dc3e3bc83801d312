import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '../objects.ts';
import { ApiError, ConnectionError, type Status } from './api-error.ts';

export interface WatchEvent<T extends KubeObject> {
  /** A bookmark's object has nothing but its `resourceVersion`. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * Reads a watch: one JSON object a line.
 *
 * @throws ApiError for an ERROR event (410: the position is too old), ConnectionError when the stream breaks
 */
export async function* readWatch<T extends KubeObject>(response: IncomingMessage, what: string): AsyncGenerator<WatchEvent<T>, void, undefined> {
  try {
    for await (const line of linesOf(response)) {
      const { type, object } = JSON.parse(line) as { type: string; object: unknown };
      if (type === 'ERROR') {
        const status = object as Status;
        throw new ApiError(what, status.code ?? 500, status);
      }
      yield { type, object } as WatchEvent<T>;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ConnectionError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    response.destroy();
  }
}

/** The whole lines of a stream. What comes after the last line's end is half an object of a broken stream: dropped. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  let pending: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      const line = pending.length === 1 ? pending[0]!.toString() : Buffer.concat(pending).toString();
      pending = [];
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}
