import { Document, isMap, isPair, isScalar, isSeq, visit, type Node } from 'yaml';
import { z } from 'zod';
import { isMapping, reference } from './parameters.ts';
import { scenarioSchema, type Scenario } from './schema.ts';
import { faultSchema, kindNamed, probeSchema, type Kind, type Vocabulary } from './vocabulary.ts';
import { pathText, type Path } from './yaml-tree.ts';

const lineWidth = 120;
/** Prose that is longer than a line, and that loses nothing when it is broken at its spaces. */
const foldable = /^(?=.{100})\S+(?: \S+)*$/;

/** The drill with probes and faults that have been written as text already. */
const frame = scenarioSchema.omit({ parameters: true }).extend({
  probes: z.record(z.string(), z.unknown()),
  faults: z.array(z.unknown()),
});

/**
 * Writes a drill as YAML that loads to the same drill: durations with units, percentages, `any`, and its parameters, with
 * the values in use as their defaults.
 *
 * @throws Error when a kind of the drill is not in the vocabulary
 */
export function printScenario(scenario: Scenario, vocabulary: Vocabulary): string {
  const { parameters, ...rest } = scenario;
  const written = z.encode(frame, {
    ...rest,
    probes: Object.fromEntries(
      Object.entries(scenario.probes).map(([name, probe]) => [name, encodePart(probeSchema(kindOf(vocabulary.probes, probe.kind)), probe)]),
    ),
    faults: scenario.faults.map((fault) => encodePart(faultSchema(kindOf(vocabulary.faults, fault.kind)), fault)),
  });
  const names = new Map(Object.entries(parameters).flatMap(([name, { usedAt }]) => usedAt.map((place) => [place, name])));
  const { name, title, why, tags, ...others } = withReferences(written, [], names) as Record<string, unknown>;
  const declared = Object.entries(parameters).map(([key, { value, description }]) => [key, { default: value, description }]);
  const document = new Document(
    { name, title, why, tags, ...(declared.length > 0 ? { parameters: Object.fromEntries(declared) } : {}), ...others },
    { schema: 'core', aliasDuplicateObjects: false, keepUndefined: false },
  );
  visit(document, {
    // In a flow collection the printer would break some texts of several lines; in quotes it breaks none.
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && scalar.value.includes('\n')) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  layOut(document.contents);
  return document.toString({ lineWidth, flowCollectionPadding: true });
}

function kindOf(kinds: Readonly<Record<string, Kind>>, name: string): Kind {
  const kind = kindNamed(kinds, name);
  if (!kind) throw new Error(`a drill of kind ${name} can't be printed; the vocabulary has ${Object.keys(kinds).join(', ')}`);
  return kind;
}

function encodePart(schema: z.ZodObject, part: unknown): unknown {
  return z.encode(schema, part as z.output<typeof schema>);
}

/** Puts `$name` back where a parameter's value stands, and protects texts that would be taken for one. */
function withReferences(value: unknown, path: Path, names: ReadonlyMap<string, string>): unknown {
  const name = names.get(pathText(path));
  if (name !== undefined) return `$${name}`;
  if (Array.isArray(value)) return value.map((item, index) => withReferences(item, [...path, index], names));
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withReferences(child, [...path, key], names)]));
  }
  return typeof value === 'string' && (value.startsWith('$$') || reference.test(value)) ? `$${value}` : value;
}

/** Lays the file out as people do: the top as a block, prose folded, what is small on one line. */
function layOut(root: Node | null): void {
  if (!isMap<Node, Node | null>(root)) return;
  for (const { key, value } of root.items) {
    if (isScalar(key) && key.value === 'why' && isScalar(value) && foldable.test(String(value.value))) value.type = 'BLOCK_FOLDED';
    const children = childrenOf(value);
    if (children.every((child) => isScalar(child))) flow(value);
    else for (const child of children) flow(child);
  }
}

function flow(node: unknown): void {
  if (!isMap(node) && !isSeq(node)) return;
  if (JSON.stringify(node).length < lineWidth) node.flow = true;
  else for (const child of childrenOf(node)) flow(child);
}

function childrenOf(node: unknown): unknown[] {
  if (!isMap(node) && !isSeq(node)) return [];
  return node.items.map((item) => (isPair(item) ? item.value : item));
}
