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
  const bytes = typeof body === 'string' ? Buffer.from(body) : format === 'yaml' ? Buffer.from(toYaml(body)) : jsonOf(body);
  response.writeHead(answer.code, {
    'Cache-Control': 'no-cache, private',
    'Content-Type': answer.contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : `application/${format}`),
    'Content-Length': bytes.length,
    ...answer.headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

const comma = Buffer.from(',');
const written = new WeakMap<object, Buffer>();

/** Items of lists are written once: the watch cache has the same objects for everybody who lists them. */
function jsonOf(body: object): Buffer {
  if (!('items' in body) || !Array.isArray(body.items)) return Buffer.from(`${JSON.stringify(body)}\n`);
  const { items, ...head } = body;
  const start = JSON.stringify(head).slice(0, -1);
  const pieces = items.flatMap((item: object, index) => (index === 0 ? [bytesOf(item)] : [comma, bytesOf(item)]));
  return Buffer.concat([Buffer.from(`${start}${start === '{' ? '' : ','}"items":[`), ...pieces, Buffer.from(']}\n')]);
}

function bytesOf(item: object): Buffer {
  const known = written.get(item);
  if (known !== undefined) return known;
  const bytes = Buffer.from(JSON.stringify(item));
  written.set(item, bytes);
  return bytes;
}
