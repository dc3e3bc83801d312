import { readFileSync } from 'node:fs';
import { compare, isCut, translate } from './kubernetes-compare.ts';
import { readProtobufAnswer, withoutZeros } from './kubernetes-protobuf-answers.ts';
import type { ApiAnswer, ApiRequest } from './kubernetes-request.ts';

type Json = ReturnType<JSON['parse']>;

export interface Exchange {
  readonly say?: string;
  readonly request: { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: Json };
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body?: Json;
    /** What a watch delivered, in place of a body. */
    readonly frames?: readonly Json[];
  };
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
  /** What recorded values are here, kept over several recordings; what is learned goes in. */
  readonly values?: Map<string, string>;
  /** Replays an exchange that is a watch. Returns what differs. */
  watch?(exchange: Exchange): Promise<string[]>;
}

export function readRecording(name: string): { readonly exchanges: Exchange[] } {
  return JSON.parse(readFileSync(new URL(`../lab/kubernetes/recordings/${name}.json`, import.meta.url), 'utf8')) as { exchanges: Exchange[] };
}

/** Headers that are the same whoever answers; others say how an answer was sent. */
const comparedHeaders = ['content-type', 'cache-control', 'warning', 'retry-after', 'vary'];
/** Headers whose values are made anew, and stay the same within a recording. */
const madeAnewHeaders = ['etag', 'last-modified'];
const protobuf = 'application/vnd.kubernetes.protobuf';

/** Sends what was recorded and compares the answers. Returns what differs, one line each. */
export async function replay(name: string, options: Replay): Promise<string[]> {
  const differences: string[] = [];
  const values = options.values ?? new Map<string, string>();
  for (const [recorded, actual] of Object.entries(options.known ?? {})) values.set(recorded, actual);
  const { exchanges } = readRecording(name);
  for (const [at, exchange] of exchanges.entries()) {
    await options.before?.[at]?.();
    if (exchange.request === undefined || options.leaveOut?.[at] !== undefined) continue;
    const found = exchange.response.frames && options.watch ? await options.watch(exchange) : await replayOne(exchange, values, options);
    differences.push(...found.map((line) => `${name} #${at} ${exchange.request.method} ${exchange.request.path}: ${line}`));
  }
  return differences;
}

async function replayOne({ request, response }: Exchange, values: Map<string, string>, options: Replay): Promise<string[]> {
  const answer = await options.send({
    method: request.method,
    path: translate(request.path, values),
    headers: request.headers ? Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, translate(value, values)])) : {},
    body: translateBody(request.body, values),
    ...(response.status === 0 ? { withinMs: 1000 } : {}),
  });
  if (answer.status !== response.status) {
    return [`status ${answer.status}, recorded ${response.status}: ${JSON.stringify(answer.body)?.slice(0, 300)}`];
  }
  if (response.status === 0) return [];
  const found = differentHeaders(response.headers ?? {}, answer.headers, values);
  const comparison = { values, found, shortened: options.shortened ?? false, ignore: options.ignore ?? [] };
  const base64 = response.body?.protobufBase64;
  if (base64 === undefined) compare(response.body ?? '', answer.body, '', comparison);
  else if (!isCut(base64)) compare(withoutZeros(readProtobufAnswer(base64)), withoutZeros(answer.body), '', comparison);
  return found;
}

function differentHeaders(recorded: Readonly<Record<string, string>>, actual: ApiAnswer['headers'], values: Map<string, string>): string[] {
  const found = comparedHeaders.flatMap((header) => {
    const [wanted, got] = [recorded[header], actual[header]];
    if (wanted === undefined || got === wanted) return [];
    // The lab's server answers in JSON what it is asked for in protobuf or JSON.
    if (header === 'content-type' && wanted === protobuf && got === 'application/json') return [];
    return [`header ${header} is ${String(got)}, recorded ${wanted}`];
  });
  for (const header of madeAnewHeaders) {
    const [wanted, got] = [recorded[header], actual[header]];
    if (wanted === undefined) continue;
    const before = values.get(wanted);
    if (typeof got !== 'string' || (before !== undefined && before !== got)) found.push(`header ${header} is ${String(got)}, recorded ${wanted}, which was ${before} before`);
    else values.set(wanted, got);
  }
  return found;
}

function translateBody(body: Json, values: ReadonlyMap<string, string>): Json {
  if (body === undefined || body === null || isCut(body)) return undefined;
  if (typeof body === 'string') return body;
  if (body.protobufBase64 !== undefined) return Buffer.from(body.protobufBase64, 'base64');
  return translate(JSON.stringify(body), values);
}
