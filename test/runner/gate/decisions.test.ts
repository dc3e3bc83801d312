import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exitCodes } from '../../../runner/errors.ts';
import { mayBegin, roundsOf } from '../../../runner/gate/order.ts';
import { calledForBy, checkPaths, taggedWith } from '../../../runner/gate/select.ts';
import { parseShard, shardOf } from '../../../runner/gate/shard.ts';
import { worstOf } from '../../../runner/worst.ts';
import { gateDrill } from './sample-gate.ts';

describe('the exit code of a gate', () => {
  it('is the worst of all, as docs/gate.md orders them', () => {
    const worstFirst = [6, 130, 1, 5, 4, 3, 2, 0];
    assert.deepEqual([...worstFirst].sort((a, b) => a - b), Object.values(exitCodes).sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...worstFirst), { minLength: 1 }), (codes) => {
        assert.equal(worstOf(codes), worstFirst.find((code) => codes.includes(code)));
      }),
    );
  });

  it('of a run that was killed is that of missing data', () => {
    assert.equal(worstOf([0, 137]), 4);
    assert.equal(worstOf([1, 137]), 1);
    assert.equal(worstOf([]), 0);
  });
});

describe('the order of a gate', () => {
  const names = (...drills: ReturnType<typeof gateDrill>[]): string[] => roundsOf(drills).map(({ drill, round }) => `${drill.id}${round}`);

  it('is round after round, as listed', () => {
    assert.deepEqual(names(gateDrill('a', { repeat: 2 }), gateDrill('b'), gateDrill('c', { repeat: 3 })), ['a1', 'b1', 'c1', 'a2', 'c2', 'c3']);
  });

  it('puts a drill behind those that it comes after, and waits for none that is not there', () => {
    assert.deepEqual(names(gateDrill('a', { after: ['c', 'gone'] }), gateDrill('b'), gateDrill('c', { after: ['b'] })), ['b1', 'c1', 'a1']);
    assert.deepEqual(names(), []);
  });

  const may = (next: Parameters<typeof gateDrill>[1], running: Parameters<typeof gateDrill>[1], round = 1): boolean =>
    mayBegin({ drill: gateDrill('next', next), round: 1 }, [{ drill: gateDrill('running', running), round }]);

  it('lets drills run beside each other only in two environments, and when one of them says so', () => {
    assert.equal(mayBegin({ drill: gateDrill('a'), round: 1 }, []), true);
    assert.equal(may({}, {}), false);
    assert.equal(may({ environment: 'x' }, {}), false);
    assert.equal(may({ environment: 'x', beside: ['running'] }, {}), true);
    assert.equal(may({ environment: 'x' }, { beside: ['next'] }), true);
    assert.equal(may({ beside: ['running'] }, {}), false);
  });

  it('holds a drill back while one that it comes after still runs', () => {
    assert.equal(may({ environment: 'x', beside: ['running'], after: ['running'] }, {}), false);
    assert.equal(may({ environment: 'x', beside: ['running'], after: ['running'] }, {}, 2), true);
  });
});

describe('a shard', () => {
  it('has every drill in exactly one, whatever there are, and those that belong together in the same', () => {
    const drills = fc
      .array(fc.record({ repeat: fc.integer({ min: 1, max: 9 }), after: fc.nat(20), tied: fc.boolean() }), { maxLength: 12 })
      .map((list) => list.map(({ repeat, after, tied }, index) => gateDrill(`d${index}`, { repeat, after: tied && after < index ? [`d${after}`] : [] })));
    fc.assert(
      fc.property(drills, fc.integer({ min: 1, max: 5 }), (all, of) => {
        const shards = Array.from({ length: of }, (_, index) => shardOf(all, { index: index + 1, of }));
        assert.deepEqual(shards.flat().map(({ id }) => id).sort(), all.map(({ id }) => id).sort());
        for (const shard of shards) for (const { after } of shard) for (const id of after) assert.ok(shard.some((drill) => drill.id === id));
        assert.deepEqual(shardOf(all, { index: 1, of }), shards[0]);
      }),
      { numRuns: 100 },
    );
  });

  it('is about as long as the others', () => {
    const all = [5, 1, 1, 1, 1, 1].map((repeat, index) => gateDrill(`d${index}`, { repeat }));
    assert.deepEqual([1, 2].map((index) => shardOf(all, { index, of: 2 }).map(({ id }) => id)), [['d0'], ['d1', 'd2', 'd3', 'd4', 'd5']]);
  });

  it('is written as which of how many', () => {
    assert.deepEqual(parseShard('2/4'), { index: 2, of: 4 });
    for (const text of ['5/4', '0/4', '2', '2/', 'a/b', '2/4/6', '-1/4']) assert.throws(() => parseShard(text), /--shard is ".*"; give which of how many, such as 2\/4/);
  });
});

describe('what a gate runs', () => {
  const etcd = gateDrill('leader', { tags: ['etcd', 'quick'], slos: [{ file: 'drills/leader.yaml', line: 9 }] });
  const zone = gateDrill('zone', { tags: ['zone'] });
  const all = [etcd, zone];

  it('is by tag, and no tag may be mistyped', () => {
    assert.deepEqual(taggedWith(all, ['quick']), [etcd]);
    assert.deepEqual(taggedWith(all, ['quick', 'zone']), all);
    assert.throws(() => taggedWith(all, ['quik']), /--only is "quik", a tag that no drill of this gate has; give one of etcd, quick, zone/);
  });

  it('is what changed files call for: by path, by tag, and a drill whose own file has changed', () => {
    const paths = { 'terraform/etcd/**': ['etcd'], 'terraform/{vpc,nacl}/*.tf': ['zone'] };
    const called = (...changed: string[]): string[] => calledForBy(changed, paths, all).map(({ id }) => id);
    assert.deepEqual(called('terraform/etcd/main.tf', 'README.md'), ['leader']);
    assert.deepEqual(called('terraform/nacl/a.tf'), ['zone']);
    assert.deepEqual(called('drills/leader.yaml'), ['leader']);
    assert.deepEqual(called('README.md'), []);
    assert.deepEqual(called(), []);
  });

  it('is never called for by a word that means nothing', () => {
    checkPaths({ 'a/**': ['leader', 'zone', 'quick'] }, all, 's.yaml');
    assert.throws(() => checkPaths({ 'a/**': ['etdc'] }, all, 's.yaml'), /s\.yaml gate\.paths\.a\/\*\* calls for "etdc", which is no drill of this suite and no tag of one; give one of etcd, leader, quick, zone/);
  });
});
