import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http/respond.ts';
import { document, documentNames } from './v3.ts';

/** What clients read to know fields and their types; undefined for what isn't there. Made when it is asked for, and not kept. */
export async function openapi(path: string, request: IncomingMessage): Promise<Answer | undefined> {
  if (path === '/openapi/v3' || path === '/openapi/v3/') return unlessKnown(request, { code: 200, body: { paths: index() } });
  if (path.startsWith('/openapi/v3/')) {
    const body = document(path.slice('/openapi/v3/'.length));
    return body && unlessKnown(request, { code: 200, body });
  }
  return undefined;
}

let hashes: ReadonlyMap<string, string> | undefined;

/** The hash in the URL lets clients keep a document for ever. */
function index(): Record<string, { serverRelativeURL: string }> {
  hashes ??= new Map(documentNames().map((name) => [name, hashOf(document(name)!)]));
  return Object.fromEntries([...hashes].map(([name, hash]) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]));
}

function hashOf(body: object): string {
  return createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase();
}

function unlessKnown(request: IncomingMessage, answer: Answer): Answer {
  const etag = `"${hashOf(answer.body as object)}"`;
  const headers = { ETag: etag };
  return request.headers['if-none-match'] === etag ? { code: 304, body: '', headers } : { ...answer, headers };
}
