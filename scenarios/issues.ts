import type { z } from 'zod';
import { suggest } from './nearest.ts';
import { isMapping, type Report } from './parameters.ts';
import { pathText, type Path } from './yaml-tree.ts';

export interface CheckInput {
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** Where the value stands in the drill. */
  readonly path: Path;
  readonly report: Report;
  /** What the whole is, with its article: `the drill`. */
  readonly what?: string;
  /** Places whose value is never shown, as it may be a secret. */
  readonly secret?: (path: Path) => boolean;
  /** A better text for an unknown key of the mapping at `path`, for some keys. */
  readonly unknownKey?: (path: Path, key: string) => string | undefined;
}

/**
 * Checks a part of a drill. Reports every problem as where, what was found there, and what would be accepted.
 *
 * @returns the part as the schema makes it; undefined when something was wrong
 */
export function check({ schema, value, path, report, unknownKey, what = 'the drill', secret = () => false }: CheckInput): unknown {
  const result = schema.safeParse(value, { error: accepted });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const issuePath = [...path, ...issue.path];
    const where = pathText(issuePath) || what;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const known = issue.message.split(' ').filter((word) => word !== '');
        const text = unknownKey?.(issuePath, key) ?? `is not known here; ${suggest(key, known, 'keys')}`;
        report([...issuePath, key], 'key', `${pathText([...issuePath, key])} ${text}`);
      }
    } else if (issue.code === 'invalid_key') {
      report(issuePath, 'key', `${where} has a wrong name; ${issue.issues[0]?.message ?? issue.message}`);
    } else {
      const found = at(value, issue.path);
      if (found === undefined) report(issuePath, 'value', `${where} is missing; ${issue.message}`);
      else report(issuePath, 'value', `${where} is ${secret(issuePath) ? kindOf(found) : describe(found)}; ${issue.message}`);
    }
  }
  return undefined;
}

/** What would be accepted, where the schema itself doesn't say. */
function accepted(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `give ${typeNames[issue.expected] ?? `a value of type ${issue.expected}`}`;
      const scalar = typeof issue.input === 'number' || typeof issue.input === 'boolean';
      return issue.expected === 'string' && scalar ? `${expected}: put it in quotes` : expected;
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (values.length === 1) return `give ${values[0]}, or leave it out`;
      return typeof issue.input === 'string' ? suggest(issue.input, values, 'accepted') : `give one of ${values.join(', ')}`;
    }
    case 'too_small':
      if (issue.origin === 'string') return 'give a text that is not empty';
      if (issue.origin === 'array') return `give at least ${issue.minimum}`;
      return `give ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `give ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'unrecognized_keys': {
      // Only here the schema is at hand; the keys that it has travel in the message.
      const { def } = issue.inst?._zod ?? {};
      return def && 'shape' in def ? Object.keys(def.shape as object).join(' ') : '';
    }
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function at(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

/** What was found, where its value is nobody's business. */
function kindOf(value: unknown): string {
  if (value === null || value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  return isMapping(value) ? 'a mapping' : `a ${typeof value === 'string' ? 'text' : typeof value} that is not shown`;
}

/** What was found, as people see it in the file. */
export function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (isMapping(value)) {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty mapping' : `a mapping of ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}`;
  }
  if (typeof value !== 'string') return `${value as number | boolean}`;
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
}
