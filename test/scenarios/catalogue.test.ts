import assert from 'node:assert/strict';
import { loadKinds, type Kinds } from '../../runner/kinds.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { printScenario } from '../../scenarios/print.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { selectSchema } from '../../scenarios/select.ts';
import { faultSchema, probeSchema } from '../../scenarios/vocabulary.ts';

describe('the catalogue', () => {
  let kinds: Kinds;
  const drills = new Map<string, Scenario>();
  before(async () => {
    kinds = await loadKinds();
    for (const name of await catalogue()) drills.set(name, loadScenario((await findDrill(name)).text, { ...(await findDrill(name)), vocabulary: kinds }));
  });

  it('has the drills of the main job', () => {
    for (const name of ['etcd-leader-loss', 'etcd-member-loss', 'etcd-zone-plus-one']) assert.ok(drills.has(name), name);
  });

  it('holds drills that load, print and load again', () => {
    for (const [name, drill] of drills) {
      const again = loadScenario(printScenario(drill, kinds), { file: name, vocabulary: kinds });
      assert.deepEqual(again, drill, name);
    }
  });

  it('holds drills that need nothing set, say how far they reach, and can be stopped', () => {
    for (const [name, { limits, abort, why }] of drills) {
      assert.ok(limits.zones !== undefined && limits.instances !== undefined && limits.etcdMembersDown !== undefined, `${name} has no limits`);
      assert.ok(abort.length > 0, `${name} has no stop condition`);
      assert.match(why, /\.$/, `${name} says why in sentences`);
    }
  });

  it('holds drills that judge each probe they watch', () => {
    for (const [name, { probes, slos }] of drills) {
      const judged = new Set(slos.map(({ probe }) => probe));
      assert.deepEqual(Object.keys(probes).filter((probe) => !judged.has(probe)), [], name);
    }
  });

  it('is written in words that the schema has for every kind', () => {
    for (const [name, kind] of [...Object.entries(kinds.faults), ...Object.entries(kinds.probes)]) {
      const unknown = kind.selects.filter((key) => !Object.hasOwn(selectSchema.shape, key));
      assert.deepEqual(unknown, [], `${name} selects by keys that select doesn't have`);
    }
    for (const kind of Object.values(kinds.faults)) assert.ok(faultSchema(kind).shape.id);
    for (const kind of Object.values(kinds.probes)) assert.ok(probeSchema(kind).shape.every);
  });
});
