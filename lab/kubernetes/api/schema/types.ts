import content from './types.json' with { type: 'json' };

/** One field of a type. */
export interface FieldType {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}

/** What a value has to be like: a plain value, a list, a map, or an object of a known type. */
export type Shape =
  | { readonly is: 'plain'; readonly format: PlainFormat }
  | { readonly is: 'list' | 'map'; readonly of: Shape }
  | { readonly is: 'type'; readonly name: string };

export type PlainFormat = 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'date-time' | 'byte' | 'int-or-string' | 'object';

const kinds: Readonly<Record<string, string>> = content.kinds;
const types: Readonly<Record<string, Readonly<Record<string, string>>>> = content.types;
const parsed = new Map<string, ReadonlyMap<string, FieldType>>();

/** The type of a kind, by `apps/v1/Deployment`; undefined for one that isn't known. */
export function typeOfKind(groupVersionKind: string): string | undefined {
  return kinds[groupVersionKind];
}

export function knownKinds(): readonly string[] {
  return Object.keys(kinds);
}

/** The fields of a type by their name. */
export function fieldsOfType(type: string): ReadonlyMap<string, FieldType> {
  const known = parsed.get(type);
  if (known) return known;
  const fields = new Map<string, FieldType>();
  for (const [key, shape] of Object.entries(types[type] ?? {})) {
    const name = key.replace(/!$/, '');
    fields.set(name, { name, required: key.endsWith('!'), shape: shapeOf(shape) });
  }
  parsed.set(type, fields);
  return fields;
}

function shapeOf(text: string): Shape {
  if (text.startsWith('[]')) return { is: 'list', of: shapeOf(text.slice(2)) };
  if (text.startsWith('{}')) return { is: 'map', of: shapeOf(text.slice(2)) };
  return types[text] ? { is: 'type', name: text } : { is: 'plain', format: text as PlainFormat };
}

/** `V1DeploymentSpec` is `DeploymentSpec` in Go. */
export function goName(type: string): string {
  return type.replace(/^([A-Z][a-z]+)?V\d+((alpha|beta)\d+)?/, '');
}
