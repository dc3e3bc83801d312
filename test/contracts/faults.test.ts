import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { z } from 'zod';
import type { Fault } from '../../runner/fault.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { offTheLeash } from '../../runner/leash.ts';
import { faultBase } from '../../scenarios/schema.ts';
import { selectSchema } from '../../scenarios/select.ts';
import { FakeAws } from '../runner/faults/fake-aws.ts';
import { underTest } from '../runner/faults/fault-under-test.ts';
import { sampleEnvironment } from '../runner/sample-platform.ts';

const { faults } = await loadKinds();

/** Kinds that have an undo and that a sweep can't find, with the reason. */
const withoutJournal: Readonly<Record<string, string>> = {};

describe('every kind of fault', () => {
  it('is a file in runner/faults/ by the name of the kind', async () => {
    const files = (await readdir(new URL('../../runner/faults/', import.meta.url))).sort();
    assert.deepEqual(Object.keys(faults), files.map((file) => file.replace(/\.ts$/, '')));
    for (const kind of Object.keys(faults)) assert.match(kind, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  for (const [kind, fault] of Object.entries(faults)) {
    describe(kind, () => honours(kind, fault));
  }
});

/** A selection that the kind takes: all of one zone, or a workload that stands in all. */
function someOf({ selects }: Fault): { select: Record<string, unknown> } {
  if (!selects.includes('zone')) return { select: selects.includes('owner') ? { owner: 'deployment/web' } : {} };
  return { select: { ...(selects.includes('role') ? { role: 'etcd' } : {}), zone: 'eu-west-1b' } };
}

function honours(kind: string, fault: Fault): void {
  const aZone = someOf(fault);

  it('says what it does in one line, without a full stop, so that it fits into a list', () => {
    assert.match(fault.summary, /^[a-z].{20,}[^.]$/);
  });

  it('adds only keys that all faults do not have, explains each, and refuses others', () => {
    for (const [key, schema] of Object.entries(fault.schema.shape)) {
      assert.ok(!(key in faultBase.shape), key);
      const text = (schema as z.ZodType).meta()?.description;
      assert.ok(text !== undefined && text.length > 10, `${key} has no description`);
    }
    assert.doesNotThrow(() => fault.schema.parse({}));
    assert.equal(fault.schema.safeParse({ nosuchkey: 1 }).success, false);
  });

  it('selects by words of the one vocabulary', () => {
    assert.ok(fault.selects.length > 0);
    assert.deepEqual(fault.selects.filter((key) => !(key in selectSchema.shape)), []);
  });

  it('lists the AWS actions that it needs, as IAM writes them, each once, or the rules of RBAC', () => {
    const { iam, rbac = [] } = fault.permissions;
    assert.ok(iam.length > 0 || rbac.length > 0);
    if (fault.needs?.includes('kubernetes')) assert.ok(rbac.length > 0);
    for (const { resources, verbs } of rbac) assert.ok(resources.length > 0 && verbs.length > 0);
    for (const action of iam) assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/);
    assert.equal(new Set(iam).size, iam.length);
  });

  it('asks for no change that it has no permission for', async () => {
    const one = underTest(fault);
    const plan = await one.plan(aZone);
    await one.inject(plan);
    if (plan.undo) await one.undo(plan);
    const allowed = new Set(fault.permissions.iam.map((action) => action.split(':')[1]));
    // Auto Scaling's DeleteTags and EC2's are two permissions of one name; both are listed where they are used.
    const asked = new Set(one.aws.changes.filter((change) => /^[A-Z]/.test(change)).map((change) => change.split(' ')[0]!));
    assert.deepEqual([...asked].filter((action) => !allowed.has(action)), []);
    const rules = (fault.permissions.rbac ?? []).flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
    const used = [...one.aws.changes.filter((change) => /^[a-z]/.test(change)), ...one.aws.kubernetes.reads].map((call) => call.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(used.filter((call) => !rules.includes(call)), []);
  });

  it('has an undo exactly when its plan has a record for it, and the record survives the disk', async () => {
    const plan = await underTest(fault).plan(aZone);
    assert.equal(fault.undo !== undefined, plan.undo !== null);
    assert.deepEqual(JSON.parse(JSON.stringify(plan.undo)), plan.undo);
  });

  it('makes the record of its undo again from the marks alone, when it has an undo', async () => {
    if (withoutJournal[kind] !== undefined) return;
    assert.equal(fault.fromMarks !== undefined, fault.undo !== undefined);
    if (!fault.fromMarks) return;
    const one = underTest(fault);
    const plan = await one.plan(aZone);
    await one.inject(plan);
    const { undone, forHuman } = await one.sweep();
    assert.deepEqual(forHuman, []);
    assert.deepEqual(undone.map(({ run, drill, fault: id }) => ({ run, drill, id })), [{ run: 'run-1', drill: 'd', id: plan.undo!['fault'] }]);
    assert.deepEqual((await one.sweep()).undone, [], 'a second sweep finds nothing');
  });

  it('plans without a touch, says what it will do, and draws the same again', async () => {
    const aws = new FakeAws();
    const one = underTest(fault, aws);
    const plan = await one.plan(aZone);
    assert.ok(plan.says.length > 20);
    assert.deepEqual(plan.objections, []);
    assert.deepEqual(aws.changes, []);
    assert.deepEqual(await one.plan(aZone), plan);
  });

  it('tells what it touches, so that an environment can hold it back', async () => {
    const aws = new FakeAws();
    const plan = await underTest(fault, aws).plan(aZone);
    const planned = { ...plan, id: 'f', kind: 'k', when: '0s' };
    const environment = sampleEnvironment({ deny: { names: ['*'] } });
    assert.match(offTheLeash(planned, environment, aws.inventory()).join(), /^fault f would hit \S.*, which environment staging denies \(deny\.names: \*\)/);
  });

  it('does not take an empty selection for a plan', async () => {
    await assert.rejects(underTest(fault).plan({ select: { ...aZone.select, names: ['nobody'] } }), /matches no/);
  });
}
