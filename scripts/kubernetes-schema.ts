import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { resources } from '../lab/kubernetes/api/resources.ts';

// Writes lab/kubernetes/api/schema/types.json: the fields of all types that the lab's API server knows, taken from the models of
// the Kubernetes client, which are made from Kubernetes' own OpenAPI. To be run again when the client moves to another version.

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const models = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models');
const all = (await import(join(models, 'all.js'))) as Record<string, { readonly attributeTypeMap?: readonly Attribute[] }>;

/** Kinds whose models have other names than version and kind. */
const modelNames: Readonly<Record<string, string>> = {
  'v1/Event': 'CoreV1Event',
  'events.k8s.io/v1/Event': 'EventsV1Event',
  TokenRequest: 'AuthenticationV1TokenRequest',
};

function modelOf(group: string, version: string, kind: string): string {
  const named = modelNames[`${group && `${group}/`}${version}/${kind}`] ?? modelNames[kind];
  return named ?? `${version[0]!.toUpperCase()}${version.slice(1)}${kind}`;
}

const kinds: Record<string, string> = {};
for (const { group, version, kind, subresources } of resources) {
  kinds[`${group && `${group}/`}${version}/${kind}`] = modelOf(group, version, kind);
  for (const sub of subresources) {
    if (sub.kind === undefined || sub.kind.endsWith('Options')) continue;
    const of = sub.group === undefined ? { group, version } : { group: sub.group, version: sub.version! };
    kinds[`${of.group && `${of.group}/`}${of.version}/${sub.kind}`] = modelOf(of.group, of.version, sub.kind);
  }
}

const types: Record<string, Record<string, string>> = {};
const waiting = [...Object.values(kinds), 'V1DeleteOptions'];
while (waiting.length > 0) {
  const name = waiting.pop()!;
  if (types[name] !== undefined) continue;
  const attributes = all[name]?.attributeTypeMap;
  if (!attributes) throw new Error(`the client has no model ${name}`);
  const declared = await readFile(join(models, `${name}.d.ts`), 'utf8');
  const fields: Record<string, string> = {};
  for (const { baseName, type, format } of attributes) {
    const required = new RegExp(`'${baseName.replace('$', '\\$')}':`).test(declared) ? '!' : '';
    fields[baseName + required] = shortType(type, format);
    const inner = /\b([A-Z]\w*?V\d\w+|V\d\w+)\b/.exec(type)?.[1];
    if (inner !== undefined && inner !== 'V1MicroTime') waiting.push(inner);
  }
  types[name] = fields;
}

/** `string`, `int32`, `date-time`, `[]V1Container`, `{}string`, … */
function shortType(type: string, format: string): string {
  const list = /^Array<(.+)>$/.exec(type);
  if (list) return `[]${shortType(list[1]!, format)}`;
  const map = /^{ \[key: string\]: (.+); }$/.exec(type);
  if (map) return `{}${shortType(map[1]!, format)}`;
  if (type === 'IntOrString') return 'int-or-string';
  if (type === 'Date' || type === 'V1MicroTime') return 'date-time';
  if (type === 'number') return format === '' ? 'double' : format;
  if (type === 'string' && format === 'byte') return 'byte';
  return type === 'any' ? 'object' : type;
}

const lines = Object.entries(types)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, fields]) => `    ${JSON.stringify(name)}: ${JSON.stringify(fields)}`);
const kindLines = Object.entries(kinds).map(([kind, name]) => `    ${JSON.stringify(kind)}: ${JSON.stringify(name)}`);
const text = `{\n  "kinds": {\n${kindLines.join(',\n')}\n  },\n  "types": {\n${lines.join(',\n')}\n  }\n}\n`;
await writeFile(new URL('../lab/kubernetes/api/schema/types.json', import.meta.url), text);
