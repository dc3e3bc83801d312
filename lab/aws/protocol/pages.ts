import { AwsError } from './errors.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/**
 * One page of a list. The token names the last item that was given, not a position: what is made or vanishes between
 * two pages moves nothing. `keyOf` must grow along the list. A token that isn't one is `InvalidNextToken`.
 */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => number | string,
  limit: number,
  token: string | undefined,
): Page<Item> {
  const after = token === undefined || token === '' ? undefined : readToken(token);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { items: page, nextToken: rest.length > limit && last !== undefined ? writeToken(keyOf(last)) : undefined };
}

function writeToken(key: number | string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString('base64');
}

function readToken(token: string): number | string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64').toString('utf8')) as { after?: unknown };
    if (typeof after === 'number' || typeof after === 'string') return after;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsError('InvalidNextToken', `The token '${token}' is invalid`);
}
