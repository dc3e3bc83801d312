import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { loadKinds } from '../../runner/kinds.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import { gamedaySchema, loadGameday } from '../../scenarios/gameday.ts';
import { drillJsonSchema, fileJsonSchema, type JsonSchema } from '../../scenarios/json-schema.ts';
import { drillInput } from './drill-arbitrary.ts';
import { violations } from './json-schema-validator.ts';
import { goodDrill, vocabulary } from './vocabulary.ts';

describe('the JSON Schema of drills', () => {
  let shipped: JsonSchema;
  before(() => {
    shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/scenario.schema.json'), 'utf8')) as JsonSchema;
  });

  it('ships as it is made from the kinds there are', async () => {
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(drillJsonSchema(await loadKinds()))), 'it is out of date; run: npm run schema');
  });

  it('is one of draft 2020-12', () => assert.equal(shipped.$schema, 'https://json-schema.org/draft/2020-12/schema'));

  it('accepts every drill of the catalogue', async () => {
    for (const name of await catalogue()) {
      const { text } = await findDrill(name);
      assert.deepEqual(violations(shipped, parse(text)), [], name);
    }
  });

  it('accepts every drill that the loader accepts', () => {
    const schema = drillJsonSchema(vocabulary);
    fc.assert(
      fc.property(drillInput(vocabulary), (drill) => assert.deepEqual(violations(schema, drill), [])),
      { numRuns: 60 },
    );
  });

  const refused: [what: string, from: string, to: string, where: RegExp][] = [
    ['an unknown key', 'why:', 'whi: x\nwhy:', /^\/whi is not allowed/],
    ['a missing unit', 'for: 3s', 'for: 3', /^\/baseline\/for: anyOf/],
    ['a ratio for a percentage', 'longestOutage: 5s', 'availability: 0.99', /^\/slos\/0\/availability: anyOf/],
    ['an unknown kind', 'kind: asg-capacity', 'kind: asg', /^\/probes\/groups\/kind: enum/],
    ['a key of another kind', 'every: 20ms', 'election: 5s', /^\/probes\/writes\/election is not allowed/],
    ['a selection that means nothing to its kind', 'role: etcd, zone', 'leader: true, zone', /^\/faults\/0\/select\/leader is not allowed/],
    ['a fault without an id', 'id: zone, ', '', /^\/faults\/0: required id/],
    ['an SLO without an objective', ', longestOutage: 5s', '', /^\/slos\/0: oneOf/],
    ['an SLO with two', 'longestOutage: 5s', 'longestOutage: 5s, always: true', /^\/slos\/0: oneOf/],
    ['a wrong pick', 'pick: 1', 'pick: 3x', /^\/faults\/1\/select\/pick: anyOf/],
  ];
  for (const [what, from, to, where] of refused) {
    it(`refuses ${what}`, () => {
      const [first] = violations(drillJsonSchema(vocabulary), parse(goodDrill.replace(from, to)));
      assert.match(first ?? 'accepted', where);
    });
  }
});

describe('the JSON Schema of game days', () => {
  const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/gameday.schema.json'), 'utf8')) as JsonSchema;
  const example = readFileSync(join(import.meta.dirname, '../../docs/gameday.yaml'), 'utf8');

  it('ships as it is made from the schema', () => {
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(fileJsonSchema(gamedaySchema, 'A game day of firedrill'))), 'it is out of date; run: npm run schema');
    assert.equal(shipped.$schema, 'https://json-schema.org/draft/2020-12/schema');
  });

  it('accepts the example of the guide, as the loader does', () => {
    assert.deepEqual(violations(shipped, parse(example)), []);
    assert.ok(loadGameday(example, 'docs/gameday.yaml').drills!.length > 3);
  });

  it('refuses an unknown key, a draw that is none and a missing unit', () => {
    for (const [from, to, where] of [['title:', 'titel: x\ntitle:', /^\/titel is not allowed/], ['pick 1 of', 'one of', /^\/drills\/\d+\/draw/], ['pause: 15m', 'pause: 15', /^\/drills\/\d+\/pause/]] as const) {
      assert.ok(example.includes(from));
      assert.match(violations(shipped, parse(example.replace(from, to)))[0] ?? 'accepted', where);
    }
  });
});
