import { invalidParameterValue } from './errors.ts';
import type { Params } from './params.ts';

/** For each filter name, the values an item has under it; an item matches when one of them is asked for. */
export type FilterTable<Item> = Readonly<Record<string, (item: Item) => readonly (string | undefined)[]>>;

/**
 * EC2's filters: all must hold, and of each filter's values one; `*` and `?` are wildcards, a backslash takes them
 * literally. An unknown name is an `InvalidParameterValue`, as EC2 answers.
 */
export function ec2Filter<Item>(
  params: Params,
  table: FilterTable<Item>,
  tagsOf?: (item: Item) => ReadonlyMap<string, string>,
): (item: Item) => boolean {
  const tests = params.list('Filter').map((filter) => {
    const name = filter.required('Name');
    const patterns = filter.strings('Value').map(wildcard);
    const valuesOf = Object.hasOwn(table, name) ? table[name] : tagFilter(name, tagsOf);
    if (valuesOf === undefined) throw invalidParameterValue(`The filter '${name}' is invalid`);
    return (item: Item) =>
      valuesOf(item).some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
  });
  return (item) => tests.every((test) => test(item));
}

function tagFilter<Item>(
  name: string,
  tagsOf: ((item: Item) => ReadonlyMap<string, string>) | undefined,
): ((item: Item) => readonly (string | undefined)[]) | undefined {
  if (tagsOf === undefined) return undefined;
  if (name === 'tag-key') return (item) => [...tagsOf(item).keys()];
  if (name === 'tag-value') return (item) => [...tagsOf(item).values()];
  if (name.startsWith('tag:')) return (item) => [tagsOf(item).get(name.slice('tag:'.length))];
  return undefined;
}

/** A pattern with AWS's wildcards as a regular expression over the whole value; case counts. */
export function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\[\s\S]|[\s\S]/g, (token) => {
    if (token === '*') return '[\\s\\S]*';
    if (token === '?') return '[\\s\\S]';
    const literal = token.length > 1 ? token.slice(1) : token;
    return literal.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
