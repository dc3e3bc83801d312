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
  const text = typeof body === 'string' ? body : format === 'yaml' ? toYaml(body) : `${JSON.stringify(body)}\n`;
  const bytes = Buffer.from(text);
  response.writeHead(answer.code, {
    'Cache-Control': 'no-cache, private',
    'Content-Type': answer.contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : `application/${format}`),
    'Content-Length': bytes.length,
    ...answer.headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
