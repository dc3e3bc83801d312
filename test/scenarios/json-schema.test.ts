import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { loadKinds } from '../../runner/kinds.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import { drillJsonSchema, type JsonSchema } from '../../scenarios/json-schema.ts';
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
