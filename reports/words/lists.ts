/** A list cut to what a reader takes in, and how many were left out. */
export interface Cut<T> {
  readonly shown: readonly T[];
  readonly more: number;
}

export function cut<T>(items: readonly T[], most: number): Cut<T> {
  return { shown: items.slice(0, most), more: Math.max(0, items.length - most) };
}

/** `a, b, c and 4 more`; `none` for an empty list. */
export function listed(items: readonly string[], most = 12): string {
  const { shown, more } = cut(items, most);
  if (shown.length === 0) return 'none';
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}

/** `1 member`, `3 members`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A nested object as rows of path and values, in its own order: `aws.region`, `eu-west-1`. Lists of words are one row. */
export function flattened(value: unknown, path = ''): { path: string; values: readonly string[] }[] {
  if (value === undefined) return [];
  if (value === null || typeof value !== 'object') return [{ path, values: [String(value)] }];
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object')) {
    return [{ path, values: value.length === 0 ? ['none'] : value.map(String) }];
  }
  const rows = Object.entries(value).flatMap(([key, item]) => flattened(item, path === '' ? key : `${path}.${key}`));
  return rows.length > 0 || path === '' ? rows : [{ path, values: ['none'] }];
}
