import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http/respond.ts';
import { document, documentNames } from './v3.ts';

/** When the documents were made: they are those of the server's build. To the second, as headers have it. */
const madeAt = new Date(Math.floor(Date.now() / 1000) * 1000);

/** What clients read to know fields and their types; undefined for what isn't there. Made when it is asked for, and not kept. */
export async function openapi(path: string, request: IncomingMessage): Promise<Answer | undefined> {
  if (path === '/openapi/v3' || path === '/openapi/v3/') return indexAnswer(request);
  const body = path.startsWith('/openapi/v3/') ? document(path.slice('/openapi/v3/'.length)) : undefined;
  return body && documentAnswer(request, body);
}

let hashes: ReadonlyMap<string, string> | undefined;

/** The hash in the URL lets clients keep a document for ever. */
function index(): Record<string, { serverRelativeURL: string }> {
  hashes ??= new Map(documentNames().toSorted().map((name) => [name, hashOf(document(name)!)]));
  return Object.fromEntries([...hashes].map(([name, hash]) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]));
}

function hashOf(body: object): string {
  return createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase();
}

/** The index may change, and clients ask whether it has since they got it. The real server calls it text. */
function indexAnswer(request: IncomingMessage): Answer {
  const headers = { 'Last-Modified': madeAt.toUTCString() };
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  if (since >= madeAt.getTime()) return { code: 304, body: '', headers };
  return { code: 200, body: JSON.stringify({ paths: index() }), headers };
}

function documentAnswer(request: IncomingMessage, body: object): Answer {
  const etag = `"${hashOf(body)}"`;
  const headers = { 'Cache-Control': 'public, immutable', ETag: etag, 'Last-Modified': madeAt.toUTCString(), Vary: 'Accept' };
  return request.headers['if-none-match'] === etag ? { code: 304, body: '', headers } : { code: 200, body, headers };
}
