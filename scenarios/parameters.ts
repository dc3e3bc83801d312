import type { Parameter } from './schema.ts';
import { suggest } from './nearest.ts';
import { pathText, type Path, type YamlTree } from './yaml-tree.ts';

type Value = Parameter['value'];

/** Reports a problem of what stands at `path`. */
export type Report = (path: Path, of: 'key' | 'value', text: string) => void;

export interface Substituted {
  /** The drill with every `$name` replaced, null where it can't be. */
  readonly value: unknown;
  /** The paths where a parameter has no value; each has been reported. */
  readonly unresolved: ReadonlySet<string>;
  /** The value of each parameter that has one, and where it stands now. */
  readonly parameters: ReadonlyMap<string, { value: Value; usedAt: string[] }>;
}

/** A text that stands for a parameter: a dollar and its name, and nothing else. */
export const reference = /^\$([A-Za-z_][\w-]*)$/;

/**
 * Puts the parameters' values in place of `$name`. A text that begins with `$$` is meant to begin with one `$`. The
 * parameters' own part of the drill is left as it is.
 */
export function substitute(tree: YamlTree, set: Readonly<Record<string, string>>, report: Report): Substituted {
  const declared = isMapping(tree.value) && isMapping(tree.value.parameters) ? tree.value.parameters : {};
  const parameters = valuesOf(declared, set, report);
  const unresolved = new Set<string>();
  const valueless = new Set<string>();

  const replace = (value: unknown, path: Path): unknown => {
    if (path.length === 1 && path[0] === 'parameters') return value;
    if (Array.isArray(value)) return value.map((item, index) => replace(item, [...path, index]));
    if (isMapping(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, replace(child, [...path, key])]));
    }
    if (typeof value !== 'string') return value;
    if (value.startsWith('$$')) return value.slice(1);
    const name = reference.exec(value)?.[1];
    if (name === undefined) return value;
    const parameter = parameters.get(name);
    if (parameter) {
      parameter.usedAt.push(pathText(path));
      return parameter.value;
    }
    unresolved.add(pathText(path));
    if (Object.hasOwn(declared, name)) valueless.add(name);
    else report(path, 'value', `${pathText(path)} is $${name}, a parameter that this drill doesn't declare; ${suggest(name, Object.keys(declared), 'parameters')}`);
    return null;
  };
  const value = replace(tree.value, []);

  for (const name of Object.keys(declared)) {
    const path = ['parameters', name];
    const used = valueless.has(name) || (parameters.get(name)?.usedAt.length ?? 0) > 0;
    if (!used) report(path, 'key', `${pathText(path)} is not used; write $${name} where it belongs, or remove it`);
    else if (!parameters.has(name)) report(path, 'key', `${pathText(path)} has no value; give one with --set ${name}=…, or a default`);
  }
  return { value, unresolved, parameters };
}

function valuesOf(
  declared: Record<string, unknown>,
  set: Readonly<Record<string, string>>,
  report: Report,
): Map<string, { value: Value; usedAt: string[] }> {
  const parameters = new Map<string, { value: Value; usedAt: string[] }>();
  for (const [name, parameter] of Object.entries(declared)) {
    const value = isMapping(parameter) ? parameter.default : undefined;
    if (['string', 'number', 'boolean'].includes(typeof value)) parameters.set(name, { value: value as Value, usedAt: [] });
  }
  for (const [name, text] of Object.entries(set)) {
    if (Object.hasOwn(declared, name)) parameters.set(name, { value: valueOf(text), usedAt: [] });
    else report(['parameters'], 'key', `--set ${name} is for a parameter that this drill doesn't declare; ${suggest(name, Object.keys(declared), 'parameters')}`);
  }
  return parameters;
}

/** A text from the command line as YAML would read it in the same place. */
function valueOf(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
