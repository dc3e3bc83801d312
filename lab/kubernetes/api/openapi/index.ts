import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http/respond.ts';

/** What clients read to know fields and their types. */
export async function openapi(path: string, _request: IncomingMessage): Promise<Answer | undefined> {
  if (path === '/openapi/v3') return { code: 200, body: { paths: {} } };
  return undefined;
}
