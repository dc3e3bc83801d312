import fc from 'fast-check';
import type { Vocabulary } from '../../scenarios/load.ts';
import { unseen } from '../../scenarios/yaml-tree.ts';

type Part = Record<string, unknown>;

/** Valid drills as plain values, in the words of the test vocabulary: what a YAML file would hold. */
export function drillInput(vocabulary: Vocabulary): fc.Arbitrary<Part> {
  const faultKinds = Object.keys(vocabulary.faults);
  const probeKinds = Object.keys(vocabulary.probes);
  return fc
    .record({
      probeNames: fc.uniqueArray(identifier, { minLength: 1, maxLength: 4 }),
      faultIds: fc.uniqueArray(identifier, { minLength: 1, maxLength: 4 }),
      sloNames: fc.uniqueArray(prose, { minLength: 1, maxLength: 4, selector: (text) => text.replace(/^\$\$/, '$') }),
      parameters: fc.uniqueArray(parameter, { maxLength: 3, selector: ([name]) => name }),
    })
    .chain(({ probeNames, faultIds, sloNames, parameters }) => {
      const texts = parameters.map(([name]) => `$${name}`);
      return fc.record(
        {
          name: identifier,
          title: prose,
          why: prose,
          tags: fc.array(identifier, { maxLength: 3 }),
          // Each parameter is used once here, and zones may use it again.
          labels: fc.constant(texts),
          parameters: fc.constant(parameters),
          probes: fc.tuple(...probeNames.map(() => fc.constantFrom(...probeKinds).chain((kind) => probeOf(vocabulary, kind, texts)))).map(zip(probeNames)),
          baseline: fc.record({ for: fc.constantFrom('1s', '250ms', '1.5s'), within: fc.constantFrom('1m', '90s') }, { requiredKeys: ['for'] }),
          faults: fc
            .tuple(...faultIds.map((_, index) => fc.constantFrom(...faultKinds).chain((kind) => faultOf(vocabulary, kind, faultIds.slice(0, index), texts))))
            .map((faults) => faults.map((fault, index) => ({ id: faultIds[index], ...fault }))),
          slos: fc
            .tuple(...sloNames.map(() => fc.tuple(fc.constantFrom(...probeNames), objective(faultIds))))
            .map((slos) => slos.map(([probe, form], index) => ({ name: sloNames[index], probe, ...form }))),
          abort: fc.array(fc.record({ probe: fc.constantFrom(...probeNames), badFor: positive }), { maxLength: 2 }),
          limits: fc.record(
            { zones: fc.nat(9), instances: fc.nat(99), etcdMembersDown: fc.nat(9), quorumLoss: fc.constantFrom('refuse', 'expected') },
            { requiredKeys: [] },
          ),
          recovery: fc.record({ timeout: fc.constant('3650d'), stableFor: anyDuration }),
        },
        { requiredKeys: ['name', 'title', 'why', 'labels', 'parameters', 'probes', 'baseline', 'faults', 'slos', 'recovery'] },
      );
    })
    .map(useParameters);
}

const identifier = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const prose = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('$', '$', 'a', '#', ':', ' ', '-', '\n', '"', "'", '\\', '\t', '*', '&', '!', '%', '1', '{', '}') }),
    fc.array(fc.lorem({ mode: 'sentences' }), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' ')),
    fc.constantFrom('yes', 'null', '~', '1', '0x1f', 'true', '.inf', '$$', '$', '$a', '$$a', ' a', 'a ', '\n', '- a', 'a: b', '# a', '2026-01-01', '---', '...'),
  )
  .filter((text) => !unseen.test(text))
  // A lone $name is a reference; two dollars are one in what is read.
  .map((text) => (/^\$([A-Za-z_][\w-]*)$/.test(text) ? `$${text}` : text));
const anyDuration = fc.oneof(
  fc.tuple(fc.nat(5_000), fc.constantFrom('ms', 's', 'm', 'h')).map(([count, unit]) => `${count}${unit}`),
  fc.tuple(fc.nat(3_649), fc.nat(999_999), fc.constantFrom('ms', 's', 'm', 'h', 'd')).map(([whole, part, unit]) => `${whole}.${part}${unit}`),
);
const positive = fc.tuple(fc.integer({ min: 1, max: 3_649 }), fc.constantFrom('ms', 's', 'm', 'h', 'd')).map(([count, unit]) => `${count}${unit}`);
const percentage = fc.oneof(
  fc.nat(100).map((whole) => `${whole}%`),
  fc.tuple(fc.nat(99), fc.nat(999_999)).map(([whole, part]) => `${whole}.${part}%`),
);
const parameter = fc.tuple(identifier, fc.oneof(fc.constantFrom('any', 'eu-west-1a', '$x', '$$'), fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => !unseen.test(text)), fc.integer(), fc.boolean()), prose);

function zip(names: readonly string[]): (parts: Part[]) => Part {
  return (parts) => Object.fromEntries(names.map((name, index) => [name, parts[index]]));
}

const matchers = fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z./:-]{0,10}$/).filter((key) => key !== 'constructor' && key !== 'prototype'), prose, { maxKeys: 3 });

const selectKeys: Record<string, fc.Arbitrary<unknown>> = {
  role: prose,
  tags: matchers,
  labels: matchers,
  names: fc.array(prose, { minLength: 1, maxLength: 3 }),
  leader: fc.boolean(),
  follower: fc.boolean(),
  namespace: prose,
  node: prose,
  pick: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`), fc.constantFrom('12.5%', '0.5%', 'all', 'minority', 'majority', 'one-per-zone')),
};

function selectOf(selects: readonly string[], zones: readonly string[]): fc.Arbitrary<Part> {
  const zone = fc.oneof(fc.constantFrom('any', 'eu-west-1a', ...zones), prose);
  return fc.record(Object.fromEntries(selects.map((key) => [key, selectKeys[key] ?? zone])), { requiredKeys: [] }).map((part) => ({ ...part }));
}

const ownKeys: Record<string, fc.Arbitrary<unknown>> = {
  election: anyDuration,
  hedge: anyDuration,
  grace: anyDuration,
  via: fc.constantFrom('any', 'each'),
  prefix: identifier,
  force: fc.boolean(),
};

function ownOf(keys: readonly string[]): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(keys.map((key) => [key, ownKeys[key]!]));
}

function probeOf(vocabulary: Vocabulary, kind: string, texts: readonly string[]): fc.Arbitrary<Part> {
  const { schema, selects } = vocabulary.probes[kind]!;
  const fields = { kind: fc.constant(kind), every: positive, timeout: positive, select: selectOf(selects, stringZones(texts)), ...ownOf(Object.keys(schema.shape)) };
  return fc.record(fields, { requiredKeys: ['kind'] });
}

function faultOf(vocabulary: Vocabulary, kind: string, before: readonly string[], texts: readonly string[]): fc.Arbitrary<Part> {
  const { schema, selects } = vocabulary.faults[kind]!;
  const fields = {
    kind: fc.constant(kind),
    at: anyDuration,
    ...(before.length > 0 ? { after: fc.constantFrom(...before) } : {}),
    for: positive,
    select: selectOf(selects, stringZones(texts)),
    ...ownOf(Object.keys(schema.shape)),
  };
  return fc.record(fields, { requiredKeys: ['kind'] });
}

/** Zones are texts, so only a parameter whose default is one fits; the marker is replaced when all is known. */
function stringZones(texts: readonly string[]): string[] {
  return texts.map((text) => `zone:${text}`);
}

function objective(faultIds: readonly string[]): fc.Arbitrary<Part> {
  return fc.oneof<fc.Arbitrary<Part>[]>(
    fc.constant({ always: true }),
    fc.constant({ never: true }),
    percentage.map((availability) => ({ availability })),
    anyDuration.map((longestOutage) => ({ longestOutage })),
    fc.record({ recoversWithin: positive, from: fc.constantFrom(...faultIds) }, { requiredKeys: ['recoversWithin'] }),
    fc.tuple(anyDuration, anyDuration).map(([p50, p99]) => ({ latency: { p50, p99 } })),
    fc.record({ slo: percentage, window: positive, spend: percentage }).map((errorBudget) => ({ errorBudget })),
  );
}

/** Uses every declared parameter: text ones as a tag value of an extra fault's selection, others as its `pick` or `leader`. */
function useParameters({ labels: _, parameters: list, ...drill }: Part): Part {
  const parameters = list as [string, string | number | boolean, string][];
  const texts = new Set(parameters.filter(([, value]) => typeof value === 'string').map(([name]) => `$${name}`));
  const resolved = JSON.parse(JSON.stringify(drill), (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith('zone:$')) return value;
    return texts.has(value.slice(5)) ? value.slice(5) : 'any';
  }) as Part & { faults: Part[]; probes: Part };
  const declared: Part = {};
  for (const [name, value, description] of parameters) {
    const id = `uses-${name}`;
    const byType = typeof value === 'string' ? { names: [`$${name}`] } : { leader: `$${name}` };
    declared[name] = { default: typeof value === 'number' ? value % 2 === 0 : value, description };
    resolved.faults.push({ id, kind: 'etcd-member-kill', select: byType });
  }
  return { ...resolved, ...(parameters.length > 0 ? { parameters: declared } : {}) };
}
