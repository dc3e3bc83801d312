import { readFileSync } from 'node:fs';
import type { ApiAnswer, ApiRequest } from './kubernetes-request.ts';

type Json = ReturnType<JSON['parse']>;

export interface Exchange {
  readonly say?: string;
  readonly request: { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: Json };
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: Json };
}

export interface Replay {
  /** Sends a request; the recording's own token is in its headers, if any. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** What is done before an exchange, by its number: what the cluster did by itself when it was recorded. */
  readonly before?: Readonly<Record<number, () => Promise<void>>>;
  /** Exchanges that are left out, by number, and why. */
  readonly leaveOut?: Readonly<Record<number, string>>;
  /** Bodies are shortened in the recording: what stands there has to be in the answer, which may have more. */
  readonly shortened?: boolean;
  /** Paths in bodies that are not compared, such as `metadata.annotations`. */
  readonly ignore?: readonly string[];
  /** What stands for something else here, such as the recording's token. */
  readonly known?: Readonly<Record<string, string>>;
}

export function readRecording(name: string): { readonly exchanges: Exchange[] } {
  return JSON.parse(readFileSync(new URL(`../lab/kubernetes/recordings/${name}.json`, import.meta.url), 'utf8')) as { exchanges: Exchange[] };
}

/** Headers that are the same whoever answers; others say how an answer was sent. */
const comparedHeaders = ['content-type', 'cache-control', 'warning', 'retry-after'];

/** Fields whose values are made anew each time, but stay the same within a recording. */
const learned = new Set(['uid', 'resourceVersion', 'continue', 'token']);
const times = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Sends what was recorded and compares the answers. Returns what differs, one line each. */
export async function replay(name: string, options: Replay): Promise<string[]> {
  const differences: string[] = [];
  const values = new Map<string, string>(Object.entries(options.known ?? {}));
  const { exchanges } = readRecording(name);
  for (const [at, exchange] of exchanges.entries()) {
    await options.before?.[at]?.();
    if (exchange.request === undefined || options.leaveOut?.[at] !== undefined) continue;
    const { request, response } = exchange;
    const answer = await options.send({
      method: request.method,
      path: translate(request.path, values),
      headers: request.headers ? Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, translate(value, values)])) : {},
      body: translateBody(request.body, values),
      ...(response.status === 0 ? { withinMs: 1000 } : {}),
    });
    const where = `${name} #${at} ${request.method} ${request.path}`;
    if (answer.status !== response.status) {
      differences.push(`${where}: status ${answer.status}, recorded ${response.status}: ${JSON.stringify(answer.body)?.slice(0, 300)}`);
      continue;
    }
    if (response.status === 0) continue;
    for (const header of comparedHeaders) {
      const recorded = response.headers?.[header];
      if (recorded !== undefined && answer.headers[header] !== recorded) {
        differences.push(`${where}: header ${header} is ${String(answer.headers[header])}, recorded ${recorded}`);
      }
    }
    const found: string[] = [];
    compare(response.body, answer.body, '', { values, found, shortened: options.shortened ?? false, ignore: options.ignore ?? [] });
    differences.push(...found.map((line) => `${where}: ${line}`));
  }
  return differences;
}

interface Comparison {
  readonly values: Map<string, string>;
  readonly found: string[];
  readonly shortened: boolean;
  readonly ignore: readonly string[];
}

/** `"..."` in a recording stands for what was cut. */
const isCut = (value: Json): boolean => typeof value === 'string' && (value === '...' || /^\(.*(left out|bytes|as for all).*\)$/.test(value));

export function compare(recorded: Json, actual: Json, path: string, comparison: Comparison): void {
  const { values, found, ignore } = comparison;
  if (isCut(recorded) || ignore.includes(path.replaceAll(/\[\d+\]/g, '[]'))) return;
  if (recorded === '(absent)') {
    if (actual !== undefined) found.push(`${path} is there: ${JSON.stringify(actual)}`);
    return;
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(actual) || actual.length !== recorded.length) {
      found.push(`${path} is ${JSON.stringify(actual)?.slice(0, 300)}, recorded ${JSON.stringify(recorded).slice(0, 300)}`);
      return;
    }
    recorded.forEach((item: Json, at: number) => compare(item, actual[at], `${path}[${at}]`, comparison));
    return;
  }
  if (typeof recorded === 'object' && recorded !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      found.push(`${path} is ${JSON.stringify(actual)?.slice(0, 200)}, recorded ${JSON.stringify(recorded).slice(0, 200)}`);
      return;
    }
    const cut = comparison.shortened || '...' in recorded || (recorded.metadata && '...' in recorded.metadata);
    for (const key of Object.keys(recorded)) {
      if (key !== '...' && key !== 'managedFields') compare(recorded[key], actual[key], path === '' ? key : `${path}.${key}`, comparison);
    }
    for (const key of cut ? [] : Object.keys(actual)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (!(key in recorded) && key !== 'managedFields' && !ignore.includes(at.replaceAll(/\[\d+\]/g, '[]'))) found.push(`${at} is there and wasn't: ${JSON.stringify(actual[key]).slice(0, 200)}`);
    }
    return;
  }
  compareValue(recorded, actual, path, values, found);
}

function compareValue(recorded: Json, actual: Json, path: string, values: Map<string, string>, found: string[]): void {
  if (recorded === actual) return;
  if (typeof recorded === 'string' && typeof actual === 'string') {
    const field = path.replace(/\[\d+\]$/, '').split('.').at(-1)!;
    if (learned.has(field) || /^JTI=/.test(recorded)) {
      const before = values.get(recorded);
      const stays = field === 'uid' || field === 'resourceVersion';
      if (stays && before !== undefined && before !== actual) found.push(`${path} is ${actual}, and ${recorded} was ${before} before`);
      values.set(recorded, actual);
      return;
    }
    if (times.test(recorded) && times.test(actual)) return;
    if (translate(recorded, values) === actual) return;
  }
  found.push(`${path} is ${JSON.stringify(actual)}, recorded ${JSON.stringify(recorded)}`);
}

/** Puts this server's values where the recording has its own. */
export function translate(text: string, values: ReadonlyMap<string, string>): string {
  let result = text;
  // Longest first: one revision may be a part of another.
  for (const [recorded, actual] of [...values].toSorted(([a], [b]) => b.length - a.length)) {
    if (recorded.length > 2) result = result.replaceAll(recorded, () => `\0${actual}\0`);
  }
  return result.replaceAll('\0', '');
}

function translateBody(body: Json, values: ReadonlyMap<string, string>): Json {
  if (body === undefined || body === null || isCut(body)) return undefined;
  if (typeof body === 'string') return body;
  return translate(JSON.stringify(body), values);
}
