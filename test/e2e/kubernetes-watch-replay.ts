import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { compare, translate } from './kubernetes-compare.ts';

type Json = ReturnType<JSON['parse']>;

/** One line of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: Json;
}

/** A watch that was recorded, or a part of one. */
export interface WatchRecording {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Those that the answer had; none where they were not recorded. */
  readonly answered: Readonly<Record<string, string>>;
  readonly events: readonly WatchEvent[];
  /** The server ended it; else the client did when it had seen enough. */
  readonly endedByItself: boolean;
}

export interface OpenWatch {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly WatchEvent[];
  /** Resolves as soon as there are that many events. @throws Error when the watch ends before */
  until(count: number): Promise<void>;
  /** Resolves when the server has ended it, cleanly. @throws Error when the connection broke */
  readonly ended: Promise<void>;
  close(): void;
}

/** @param name without `.ndjson`, such as `4-semantics/watch-timeoutSeconds` */
export function readWatch(name: string): WatchRecording {
  const text = readFileSync(new URL(`../lab/kubernetes/recordings/${name}.ndjson`, import.meta.url), 'utf8');
  const [{ request, response }, ...lines] = text.trim().split('\n').map((line): Json => JSON.parse(line));
  return {
    name,
    path: request.path,
    headers: request.headers ?? {},
    answered: response?.headers ?? {},
    events: lines.filter(({ type }) => type !== undefined),
    endedByItself: lines.some(({ end }) => end === 'end'),
  };
}

/** Opens a watch. Resolves when the answer has begun. */
export function openWatch(server: { readonly url: string; readonly ca: string; readonly adminToken: string }, path: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenWatch> {
  const events: WatchEvent[] = [];
  const waiting = new Set<() => void>();
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  ended.catch(() => {});
  let isOver = false;
  const over = (): void => {
    isOver = true;
    for (const look of waiting) look();
  };
  ended.then(over, over);
  return new Promise((resolve, reject) => {
    const call = httpsRequest(`${server.url}${path}`, { ca: server.ca, agent: false, headers: { Authorization: `Bearer ${server.adminToken}`, ...headers } });
    call.on('error', (error) => {
      fail(error);
      reject(error);
    });
    call.on('response', (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) events.push(JSON.parse(line) as WatchEvent);
        for (const look of waiting) look();
      });
      response.on('error', fail);
      response.on('end', end);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        events,
        ended,
        until: (count) =>
          new Promise((met, failed) => {
            const look = (): void => {
              if (events.length < count && !isOver) return;
              waiting.delete(look);
              if (events.length >= count) met();
              else failed(new Error(`${path} ended after ${events.length} events, not ${count}: ${JSON.stringify(events.at(-1))?.slice(0, 300)}`));
            };
            waiting.add(look);
            look();
          }),
        close: () => call.destroy(),
      });
    });
    call.end();
  });
}

export interface WatchReplay {
  readonly server: { readonly url: string; readonly ca: string; readonly adminToken: string };
  /** What the recording's revisions and uids are here. What is learned goes in as well, so that one map holds over several recordings. */
  readonly values: Map<string, string>;
  /** What is done once the watch is open. */
  readonly during?: (watch: OpenWatch) => Promise<unknown>;
  /** Makes an object with the label `after`, which the watch sees: it has to come right after what was recorded. For a watch that the recording's client ended. */
  readonly after?: () => Promise<unknown>;
  /** What of an object is compared, where the recording has only a part. */
  readonly shown?: (object: Json) => Json;
  readonly ignore?: readonly string[];
}

/** Opens a recorded watch and compares what comes, to the end. Returns what differs, one line each. */
export async function replayWatch(recording: WatchRecording, options: WatchReplay): Promise<string[]> {
  const { values, shown = (object) => object, ignore = [] } = options;
  const watch = await openWatch(options.server, translate(recording.path, values), recording.headers);
  const found: string[] = [];
  for (const [header, recorded] of Object.entries(recording.answered)) {
    if (watch.headers[header] !== recorded) found.push(`header ${header} is ${String(watch.headers[header])}, recorded ${recorded}`);
  }
  await options.during?.(watch);
  if (recording.endedByItself) await watch.ended;
  else {
    await watch.until(recording.events.length);
    await options.after?.();
    await watch.until(recording.events.length + 1);
    watch.close();
  }
  const { events } = watch;
  const next = events[recording.events.length];
  const isExpected = recording.endedByItself ? next === undefined : next?.object.metadata.labels?.after !== undefined;
  if (!isExpected) found.push(`there is one more: ${JSON.stringify(next)?.slice(0, 300)}`);
  if (events.length < recording.events.length) found.push(`only ${events.length} events, recorded ${recording.events.length}`);
  for (const [at, recorded] of recording.events.slice(0, events.length).entries()) {
    const { type, object } = recorded;
    const mine = { type: events[at]!.type, object: shown(events[at]!.object) };
    compare({ type, object: shown(object) }, mine, '', { values, found, shortened: false, ignore });
  }
  return found.map((line) => `${recording.name}: ${line}`);
}

/**
 * Revisions have to be in the recorded order: what was later there is later here. A bookmark may say the same as what was before it.
 *
 * @param bookmarks recorded revisions that only bookmarks had
 */
export function revisionsOutOfOrder(values: ReadonlyMap<string, string>, bookmarks: ReadonlySet<string>): string[] {
  const isRevision = /^\d+$/;
  const pairs = [...values].filter(([recorded, actual]) => isRevision.test(recorded) && isRevision.test(actual)).toSorted(([a], [b]) => Number(a) - Number(b));
  return pairs.slice(1).flatMap(([recorded, actual], at) => {
    const [before, actualBefore] = pairs[at]!;
    const step = Number(actual) - Number(actualBefore);
    const isFine = bookmarks.has(recorded) || bookmarks.has(before) ? step >= 0 : step > 0;
    return isFine ? [] : [`${before} is ${actualBefore} here, and ${recorded}, which came later, is ${actual}`];
  });
}

/** Recorded revisions that bookmarks had. */
export function bookmarksOf(recordings: readonly WatchRecording[]): Set<string> {
  return new Set(recordings.flatMap(({ events }) => events.filter(({ type }) => type === 'BOOKMARK').map(({ object }) => String(object.metadata.resourceVersion))));
}
