import { badRequest } from '../errors.ts';

/** Where a list in pages goes on. */
export interface ContinueToken {
  /** Of the first page; -1 for a list that goes on at any revision, as the one it began with is gone. */
  readonly revision: number;
  /** The last key that was given, without the prefix of the list. */
  readonly after: string;
}

/** As the real server makes it; clients don't look inside. */
export function writeContinue({ revision, after }: ContinueToken): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` }).replaceAll('\u0000', '\\u0000');
  return Buffer.from(json).toString('base64url');
}

/** @throws StatusError 400 */
export function readContinue(token: string): ContinueToken {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  let content: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    content = JSON.parse(text) as typeof content;
  } catch {
    throw badRequest(`invalid continue token: continue key is not valid: invalid character '${text[0] ?? ''}' looking for beginning of value`);
  }
  if (content.v !== 'meta.k8s.io/v1' || typeof content.rv !== 'number' || typeof content.start !== 'string') {
    throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start resourceVersion 0 (version meta.k8s.io/v1)');
  }
  return { revision: content.rv, after: content.start.replace(/\0$/, '') };
}
