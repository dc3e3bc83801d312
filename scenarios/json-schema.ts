import { z } from 'zod';
import { faultBase, probeBase, scenarioSchema, sloForms } from './schema.ts';
import { faultSchema, probeSchema, type Kind, type Vocabulary } from './vocabulary.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const draft = 'https://json-schema.org/draft/2020-12/schema';
/** The definition that stands for `$name`, which is accepted in place of every value. */
const parameterReference = 'parameter-reference';
/** What names things in the drill itself is written out. */
const neverParameters = new Set(['name', 'parameters', 'kind', 'id']);

/**
 * The JSON Schema (draft 2020-12) of drills, by which editors check and complete them. It is as strict as the loader about
 * keys, kinds and values; what the parts of a drill say about each other only the loader checks.
 */
export function drillJsonSchema(vocabulary: Vocabulary): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const { properties, ...root } = convert(scenarioSchema, definitions);
  const probes = byKind(vocabulary.probes, probeBase, probeSchema, 'probe', definitions);
  const faults = byKind(vocabulary.faults, faultBase, faultSchema, 'fault', definitions);
  definitions[parameterReference] = {
    type: 'string',
    pattern: '^\\$[a-z][a-z0-9-]*$',
    description: 'The value of a parameter of this drill',
  };
  return {
    $schema: draft,
    title: 'A drill of firedrill',
    ...root,
    properties: {
      ...properties,
      probes: { ...(properties?.probes as JsonSchema), additionalProperties: probes },
      faults: { ...(properties?.faults as JsonSchema), items: faults },
      slos: withOneForm(properties?.slos as JsonSchema),
    },
    $defs: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The JSON Schema of another kind of file, which has no parameters: as strict as its zod schema about keys and values. */
export function fileJsonSchema(schema: z.ZodType, title: string): JsonSchema {
  const { $schema: _draft, ...converted } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', cycles: 'throw' });
  return { $schema: draft, title, ...converted };
}

/** One definition for each kind, chosen by the value of `kind`, so that an editor completes the keys of that kind only. */
function byKind(
  kinds: Readonly<Record<string, Kind>>,
  base: z.ZodObject,
  schemaOf: (kind: Kind) => z.ZodObject,
  what: 'fault' | 'probe',
  definitions: Record<string, JsonSchema>,
): JsonSchema {
  const names = Object.keys(kinds).sort();
  for (const name of names) {
    const { summary } = kinds[name]!;
    const schema = convert(schemaOf(kinds[name]!), definitions);
    definitions[`${what}-${name}`] = {
      ...(summary === undefined ? {} : { description: summary }),
      ...schema,
      properties: { ...schema.properties, kind: { const: name } },
    };
  }
  const { required = [] } = convert(base, definitions);
  return {
    type: 'object',
    required,
    properties: { kind: { enum: names, description: `The kind of ${what}` } },
    allOf: names.map((name) => ({
      if: { properties: { kind: { const: name } }, required: ['kind'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits it
      then: { $ref: `#/$defs/${what}-${name}` },
    })),
  };
}

function withOneForm(slos: JsonSchema): JsonSchema {
  return { ...slos, items: { ...(slos.items as JsonSchema), oneOf: sloForms.map((form) => ({ required: [form] })) } };
}

/** Converts one schema; its definitions join those of the whole, and `$name` is accepted wherever a value is. */
function convert(schema: z.ZodType, definitions: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, ...converted } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', cycles: 'throw' });
  for (const [name, definition] of Object.entries($defs)) definitions[name] ??= without(definition, 'id');
  return acceptReferences(without(converted, '$schema'));
}

function without(schema: JsonSchema, key: string): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

function acceptReferences(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties, ...rest } = schema;
  if (schema.type !== 'object' && schema.type !== 'array') return isOpenText(schema) ? schema : orReference(schema);
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, child]) => [key, neverParameters.has(key) ? child : nested(child)]),
      ),
    }),
    ...(items !== undefined && { items: nested(items as JsonSchema) }),
    ...(additionalProperties !== undefined && { additionalProperties: nested(additionalProperties) }),
  };
}

function nested(schema: JsonSchema | boolean): JsonSchema | boolean {
  return typeof schema === 'boolean' ? schema : acceptReferences(schema);
}

/** Any text is accepted, so that `$name` is too. */
function isOpenText(schema: JsonSchema): boolean {
  return schema.type === 'string' && schema.pattern === undefined && schema.format === undefined && schema.enum === undefined && schema.const === undefined;
}

function orReference(schema: JsonSchema): JsonSchema {
  const { description, default: value, ...rest } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
    anyOf: [rest, { $ref: `#/$defs/${parameterReference}` }],
  };
}
