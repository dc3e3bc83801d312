import { z } from 'zod';
import { check, describe } from './issues.ts';
import { suggest } from './nearest.ts';
import { isMapping, substitute, type Report, type Substituted } from './parameters.ts';
import { refusalOf } from './problem.ts';
import { checkReferences } from './references.ts';
import { faultBase, probeBase, scenarioSchema, type Parameter, type Scenario } from './schema.ts';
import { selectSchema, type ZoneChoice } from './select.ts';
import { faultSchema, kindNamed, probeSchema, type Kind, type Vocabulary } from './vocabulary.ts';
import { pathText, readYaml, type Finding, type Path, type YamlTree } from './yaml-tree.ts';

export { ScenarioError } from './problem.ts';
export type { Problem } from './problem.ts';
export type { Kind, Vocabulary } from './vocabulary.ts';

export interface LoadOptions {
  /** What the file is called in messages. */
  readonly file: string;
  /** Values for the drill's parameters; each needs a parameter of its name. */
  readonly set?: Readonly<Record<string, string>>;
  readonly vocabulary: Vocabulary;
  /** The name that the drill must have, when its file is one of the catalogue. */
  readonly catalogueName?: string | undefined;
}

/** The drill without what depends on kinds: those are checked one by one. */
const frame = scenarioSchema.extend({
  probes: z.record(scenarioSchema.shape.probes.keyType, z.unknown()),
  faults: z.array(z.unknown()).min(1),
});

/**
 * Reads a drill: parameters replaced, durations in milliseconds, percentages as ratios, defaults filled in.
 *
 * @param text YAML
 * @throws ScenarioError with all problems of the drill, in the order of the file; nothing else
 */
export function loadScenario(text: string, { file, set = {}, vocabulary, catalogueName }: LoadOptions): Scenario {
  const tree = readYaml(text);
  const findings: Finding[] = [...tree.findings];
  const fail = (): never => {
    throw refusalOf(file, tree, findings);
  };
  if (tree.value === undefined) return fail();

  const reportAt: Report = (path, of, message) => findings.push({ offset: tree.offsetOf(path, of), text: message });
  const substituted = substitute(tree, set, reportAt);
  const drill = substituted.value;
  const report = reportTo(reportAt, tree, substituted);
  if (!isMapping(drill)) {
    if (!tree.unreadable.has('')) report([], 'value', `the drill is ${describe(drill)}; give a mapping with name, title, why and the rest`);
    return fail();
  }

  const checked = check({ schema: frame, value: drill, path: [], report });
  const probes = isMapping(drill.probes) ? drill.probes : {};
  const faults = Array.isArray(drill.faults) ? drill.faults : [];
  const readProbes = Object.entries(probes).map(([name, probe]) => [
    name,
    labelZones(checkKind({ what: 'probe', value: probe, path: ['probes', name], vocabulary, report }), ['probes', name], `probe ${name}`, substituted),
  ]);
  const readFaults = faults.map((fault: unknown, index) => {
    const read = checkKind({ what: 'fault', value: fault, path: ['faults', index], vocabulary, report });
    return labelZones(read, ['faults', index], `fault ${isMapping(read) ? String(read.id) : index}`, substituted);
  });
  checkReferences(drill, report, vocabulary);
  if (catalogueName !== undefined && typeof drill.name === 'string' && drill.name !== catalogueName) {
    report(['name'], 'value', `name is ${describe(drill.name)}; give ${catalogueName}, the name of its file`);
  }
  if (findings.length > 0) return fail();
  return {
    ...(checked as z.output<typeof frame>),
    parameters: parametersOf(checked as z.output<typeof frame>, substituted),
    probes: Object.fromEntries(readProbes) as Scenario['probes'],
    faults: readFaults as Scenario['faults'],
  };
}

/** Leaves out what follows from a problem that has been told: an unreadable value, a parameter without one. */
function reportTo(report: Report, tree: YamlTree, { unresolved, parameters }: Substituted): Report {
  const usedAt = new Map([...parameters].flatMap(([name, { usedAt: places }]) => places.map((place) => [place, name])));
  return (path, of, text) => {
    const place = pathText(path);
    if (tree.unreadable.has(place) || unresolved.has(place)) return;
    const parameter = usedAt.get(place);
    report(path, of, parameter === undefined ? text : text.replace(/(?=[;,] )|$/, ` (from $${parameter})`));
  };
}

interface KindInput {
  readonly what: 'fault' | 'probe';
  readonly value: unknown;
  readonly path: Path;
  readonly vocabulary: Vocabulary;
  readonly report: Report;
}

function checkKind({ what, value, path, vocabulary, report }: KindInput): unknown {
  const kinds = what === 'fault' ? vocabulary.faults : vocabulary.probes;
  const base = what === 'fault' ? faultBase : probeBase;
  const name = isMapping(value) ? value.kind : undefined;
  const kind = kindNamed(kinds, name);
  if (!kind) {
    if (typeof name === 'string') {
      report([...path, 'kind'], 'value', `${pathText([...path, 'kind'])} is ${describe(name)}; ${suggest(name, Object.keys(kinds), `kinds of ${what}`)}`);
    }
    return check({ schema: base.loose(), value, path, report });
  }
  const schema = what === 'fault' ? faultSchema(kind) : probeSchema(kind);
  return check({ schema, value, path, report, unknownKey: (at, key) => selectKey(at, key, String(name), kind) });
}

/** Of a key that `select` has, but not for this kind. */
function selectKey(path: Path, key: string, kindName: string, { selects }: Kind): string | undefined {
  if (path.at(-1) !== 'select' || !Object.hasOwn(selectSchema.shape, key)) return undefined;
  return `means nothing to ${kindName}; ${selects.length > 0 ? `it selects by ${selects.join(', ')}` : 'it selects nothing'}`;
}

/** Says of each `any` which one it is: those that come from one parameter are the same zone. */
function labelZones(part: unknown, path: Path, own: string, { parameters }: Substituted): unknown {
  if (!isMapping(part) || !isMapping(part.select)) return part;
  const select = part.select;
  const label = (key: 'zone' | 'notZone'): ZoneChoice => {
    const place = pathText([...path, 'select', key]);
    const parameter = [...parameters].find(([, { usedAt }]) => usedAt.includes(place));
    return { any: parameter ? parameter[0] : own };
  };
  const labelled = (['zone', 'notZone'] as const).filter((key) => isMapping(select[key])).map((key) => [key, label(key)]);
  return { ...part, select: { ...select, ...Object.fromEntries(labelled) } };
}

function parametersOf(drill: z.output<typeof frame>, { parameters }: Substituted): Record<string, Parameter> {
  return Object.fromEntries(
    Object.entries(drill.parameters).map(([name, { description }]) => [name, { description, ...parameters.get(name)! }]),
  );
}
