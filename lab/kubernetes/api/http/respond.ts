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
  const text = typeof body === 'string' ? body : format === 'yaml' ? toYaml(body) : `${jsonOf(body)}\n`;
  const bytes = Buffer.from(text);
  response.writeHead(answer.code, {
    'Cache-Control': 'no-cache, private',
    'Content-Type': answer.contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : `application/${format}`),
    'Content-Length': bytes.length,
    ...answer.headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

const texts = new WeakMap<object, string>();

/** Items of lists are written once: the watch cache has the same objects for everybody who lists them. */
function jsonOf(body: object): string {
  if (!('items' in body) || !Array.isArray(body.items)) return JSON.stringify(body);
  const { items, ...head } = body;
  const start = JSON.stringify(head).slice(0, -1);
  return `${start}${start === '{' ? '' : ','}"items":[${items.map((item: object) => textOf(item)).join(',')}]}`;
}

function textOf(item: object): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = JSON.stringify(item);
  texts.set(item, text);
  return text;
}
