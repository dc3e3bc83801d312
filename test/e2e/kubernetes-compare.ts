type Json = ReturnType<JSON['parse']>;

/** Fields whose values are made anew each time, but stay the same within a recording. */
const learned = new Set(['uid', 'resourceVersion', 'continue', 'token']);
const times = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Of the range that Services have their addresses from. */
const ofService = /^10\.96\.\d+\.\d+$/;
const isCell = /\.cells\[\d+\]$/;
const ages = /^(\d+[ydhms]){1,2}$/;

export interface Comparison {
  readonly values: Map<string, string>;
  readonly found: string[];
  readonly shortened: boolean;
  readonly ignore: readonly string[];
}

/** `"..."` in a recording stands for what was cut. */
export const isCut = (value: Json): boolean => typeof value === 'string' && (value === '...' || /^\(.*(left out|bytes|as for all).*\)$/.test(value));

/** Adds to `found` what differs: a line each. Values that are made anew go into `values`, and have to stay the same. */
export function compare(recorded: Json, actual: Json, path: string, comparison: Comparison): void {
  const { values, found, ignore } = comparison;
  if (ignore.includes(path.replaceAll(/\[\d+\]/g, '[]'))) return;
  if (isCut(recorded)) {
    const kind = /^\(\d+ bytes of ([A-Z]\w+), left out\)$/.exec(recorded)?.[1];
    if (kind !== undefined && actual?.kind !== kind) found.push(`${path} is of kind ${actual?.kind}, recorded ${kind}`);
    return;
  }
  if (recorded === '(absent)') {
    if (actual !== undefined) found.push(`${path} is there: ${JSON.stringify(actual)}`);
    return;
  }
  if (Array.isArray(recorded)) {
    if (!Array.isArray(actual) || actual.length !== recorded.length) {
      found.push(`${path} is ${JSON.stringify(actual)?.slice(0, 300)}, recorded ${JSON.stringify(recorded).slice(0, 300)}`);
      return;
    }
    recorded.forEach((item: Json, at: number) => compare(item, actual[at], `${path}[${at}]`, comparison));
    return;
  }
  if (typeof recorded === 'object' && recorded !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      found.push(`${path} is ${JSON.stringify(actual)?.slice(0, 200)}, recorded ${JSON.stringify(recorded).slice(0, 200)}`);
      return;
    }
    const cut = comparison.shortened || '...' in recorded || (recorded.metadata && '...' in recorded.metadata);
    for (const key of Object.keys(recorded)) {
      if (key !== '...' && key !== 'managedFields') compare(recorded[key], actual[key], path === '' ? key : `${path}.${key}`, comparison);
    }
    for (const key of cut ? [] : Object.keys(actual)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (!(key in recorded) && key !== 'managedFields' && !ignore.includes(at.replaceAll(/\[\d+\]/g, '[]'))) found.push(`${at} is there and wasn't: ${JSON.stringify(actual[key]).slice(0, 200)}`);
    }
    return;
  }
  compareValue(recorded, actual, path, values, found);
}

function compareValue(recorded: Json, actual: Json, path: string, values: Map<string, string>, found: string[]): void {
  if (recorded === actual) return;
  if (typeof recorded === 'string' && typeof actual === 'string') {
    const field = path.replace(/\[\d+\]$/, '').split('.').at(-1)!;
    if (learned.has(field) || /^JTI=/.test(recorded) || (ofService.test(recorded) && ofService.test(actual))) {
      const before = values.get(recorded);
      const stays = field === 'uid' || field === 'resourceVersion';
      if (stays && before !== undefined && before !== actual) found.push(`${path} is ${actual}, and ${recorded} was ${before} before`);
      values.set(recorded, actual);
      return;
    }
    if (times.test(recorded) && times.test(actual)) return;
    if (isCell.test(path) && ages.test(recorded) && ages.test(actual)) return;
    if (translate(recorded, values) === actual) return;
  }
  found.push(`${path} is ${JSON.stringify(actual)}, recorded ${JSON.stringify(recorded)}`);
}

/** Puts this server's values where the recording has its own. */
export function translate(text: string, values: ReadonlyMap<string, string>): string {
  // Numbers of one or two digits occur everywhere. All at once: what stands in the place of one may have another in it.
  const recorded = [...values.keys()].filter(({ length }) => length > 2).toSorted((a, b) => b.length - a.length);
  if (recorded.length === 0) return text;
  return text.replaceAll(new RegExp(recorded.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|'), 'g'), (found) => values.get(found)!);
}
