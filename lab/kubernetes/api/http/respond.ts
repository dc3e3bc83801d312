import type { ServerResponse } from 'node:http';
import { stringify as toYaml } from 'yaml';
import type { Accepts } from './accept.ts';

/** What a request is answered with. */
export interface Answer {
  readonly code: number;
  /** An object of Kubernetes, or what is sent as it is. */
  readonly body: object | string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer whole. A second answer to the same request is not sent: the first was the deadline's. */
export function respond(response: ServerResponse, answer: Answer, format: Accepts['format'] = 'json'): void {
  if (response.headersSent || response.destroyed) return;
  const { body } = answer;
  const isList = typeof body !== 'string' && format === 'json' && 'items' in body && Array.isArray(body.items);
  const bytes = typeof body === 'string' ? Buffer.from(body) : isList ? listIn(body as List) : Buffer.from(format === 'yaml' ? toYaml(body) : `${JSON.stringify(body)}\n`);
  response.writeHead(answer.code, {
    'Cache-Control': 'no-cache, private',
    'Content-Type': answer.contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : `application/${format}`),
    'Content-Length': bytes.length,
    ...answer.headers,
  });
  // Called when all of it was handed over; where the connection broke before, its memory may still be read from.
  if (isList) response.once('finish', () => giveBack(bytes));
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

interface List {
  readonly items: readonly object[];
}

const comma = Buffer.from(',');
const written = new WeakMap<object, Buffer>();

/** Items of lists are written once: the watch cache has the same objects for everybody who lists them. */
function listIn({ items, ...head }: List): Buffer {
  const start = JSON.stringify(head).slice(0, -1);
  const pieces = items.flatMap((item, index) => (index === 0 ? [bytesOf(item)] : [comma, bytesOf(item)]));
  return joined([Buffer.from(`${start}${start === '{' ? '' : ','}"items":[`), ...pieces, Buffer.from(']}\n')]);
}

function bytesOf(item: object): Buffer {
  const known = written.get(item);
  if (known !== undefined) return known;
  const bytes = Buffer.from(JSON.stringify(item));
  written.set(item, bytes);
  return bytes;
}

/** What lists were joined in, for the next ones: a page has megabytes, and new ones for each keep the collector busy. */
const spare: ArrayBuffer[] = [];
const mostSpare = 4;
const leastBytes = 64 * 1024;
/** A larger one is a list that was asked for whole: few are. */
const mostBytes = 8 * 1024 * 1024;

function joined(pieces: readonly Buffer[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const at = spare.findIndex(({ byteLength }) => byteLength >= length);
  const [room = new ArrayBuffer(Math.max(leastBytes, 2 ** Math.ceil(Math.log2(length))))] = at === -1 ? [] : spare.splice(at, 1);
  const bytes = Buffer.from(room, 0, length);
  let filled = 0;
  for (const piece of pieces) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

function giveBack({ buffer }: Buffer): void {
  if (buffer.byteLength > mostBytes) return;
  spare.push(buffer as ArrayBuffer);
  if (spare.length > mostSpare) spare.shift();
}
