import assert from 'node:assert/strict';
import type { Target } from '../../runner/fault.ts';
import { judge } from '../../runner/judge.ts';
import type { Milestone } from '../../runner/journal.ts';
import type { Recovery } from '../../runner/verdict.ts';
import { answers, drill, instance, JournalBuilder } from './journal-builder.ts';

type Seen = [facet: Milestone['facet'], state: string, notYet: number | null, seen: number, detail?: Milestone['detail']];

const sources = { instance: 'ec2', volume: 'ec2', group: 'autoscaling', dns: 'dns', member: 'etcd', door: 'tcp', leader: 'etcd', pod: 'kubernetes', endpoint: 'kubernetes', node: 'kubernetes' };
const old = instance(1).id;
const next = 'i-1111';

const before: Seen[] = [
  ['instance', 'running', null, -5_000, { id: old }],
  ['member', 'up', null, -5_000],
  ['leader', 'peer-1', null, -5_000, { term: 3 }],
];
const leaderless: Seen[] = [
  ['leader', 'none', -50, 60, { term: 3 }],
  ['leader', 'peer-2', 1_150, 1_250, { term: 4 }],
];
const replaced: Seen[] = [
  ['dns', '10.200.1.5', null, 200],
  ['volume', 'attached', null, 300, { id: 'vol-1', instance: old }],
  ['group', 'InService', null, 300, { id: old, healthy: true }],
  ['member', 'down', -50, 150],
  ['instance', 'terminated', 400, 900, { id: old }],
  ['group', 'Terminating', 900, 1_400, { id: old, healthy: false }],
  ['volume', 'available', 900, 1_400, { id: 'vol-1' }],
  ['instance', 'pending', 1_400, 1_900, { id: next }],
  ['instance', 'running', 2_400, 2_900, { id: next }],
  ['dns', '10.200.1.77', 2_900, 3_150],
  ['volume', 'attached', 2_900, 3_400, { id: 'vol-1', instance: next }],
  ['member', 'behind', 4_000, 4_250, { lag: 120 }],
  ['member', 'up', 4_250, 4_500, { lag: 0 }],
];

/** `peer-1` is lost at 0; its milestones are those given. Writes are away for 1.24 s, groups for as long as is said. */
function recovery(milestones: readonly Seen[], target = instance(1), { groupsBadMs = 0, scenario = drill() } = {}): Recovery {
  const journal = new JournalBuilder(scenario).fault(0, 'zone', [target]);
  journal.observe('writes', [...answers(-5_800, 5), ...answers(5, 1_245, 'b'), ...answers(1_245, 10_000)]);
  const slow = { everyMs: 500, latencyMs: 20 };
  journal.observe('groups', [...answers(-5_800, 0, 'g', slow), ...answers(0, groupsBadMs, 'b', slow), ...answers(groupsBadMs, 10_000, 'g', slow)]);
  for (const [facet, state, notYet, seen, detail] of milestones) {
    const subject = facet === 'leader' ? 'cluster' : 'peer-1';
    journal.milestone({ facet, subject, state, ...(detail ? { detail } : {}), notYet, seen, source: sources[facet] });
  }
  return judge(journal.end(1_000, 10_000).entries).waterfall[0]!;
}

function step(of: Recovery, name: string) {
  return of.steps.find((one) => one.step === name);
}

describe('the recovery waterfall', () => {
  it('tells each step with its error bar, in the order in which they happened', () => {
    const { steps, slowest, whole, target, zone, fault } = recovery([...before, ...leaderless, ...replaced]);
    assert.deepEqual([target, zone, fault], ['peer-1', 'eu-west-1b', 'zone']);
    assert.deepEqual(steps.map(({ step, at }) => [step, at?.min, at?.max]), [
      ['fault', 0, 8],
      ['leader lost', 0, 60],
      ['old instance gone', 400, 900],
      ['group noticed', 900, 1_400],
      ['leader elected', 1_150, 1_250],
      ['first write', 1_225, 1_247],
      ['SLO met', 1_225, 1_247],
      ['new instance running', 2_400, 2_900],
      ['DNS changed', 2_900, 3_150],
      ['volume attached', 2_900, 3_400],
      ['member started', 4_000, 4_250],
      ['member caught up', 4_250, 4_500],
    ]);
    assert.equal(slowest, 'new instance running');
    assert.deepEqual(whole, { min: 4_242, max: 4_500 });
  });

  it('tells how long each step took from the one before', () => {
    const { steps } = recovery([...before, ...leaderless, ...replaced]);
    assert.equal(steps[0]?.tookMs, null);
    assert.equal(steps[1]?.tookMs, 26);
    assert.equal(steps.reduce((sum, { tookMs }) => sum + (tookMs ?? 0), 0), 4_371);
  });

  it('says who led before and after', () => {
    const found = recovery([...before, ...leaderless]);
    assert.equal(step(found, 'leader lost')?.note, 'it led');
    assert.equal(step(found, 'leader elected')?.note, 'peer-2, term 4');
  });

  it('has no election when another target of no concern led all the time', () => {
    const found = recovery([['leader', 'peer-9', null, -5_000], ...replaced]);
    assert.equal(step(found, 'leader lost'), undefined);
    assert.equal(step(found, 'leader elected'), undefined);
  });

  it('does not take the old instance, its volume or its name for the new ones', () => {
    const found = recovery([
      ...before,
      ['dns', '10.200.1.5', null, 200],
      ['dns', 'none', 450, 700],
      ['volume', 'attached', null, 300, { id: 'vol-1', instance: old }],
      ['instance', 'shutting-down', 0, 400, { id: old }],
      ['member', 'down', -50, 150],
    ]);
    for (const name of ['new instance running', 'volume attached', 'DNS changed', 'member started', 'member caught up', 'old instance gone']) {
      assert.equal(step(found, name)?.at, null, name);
      assert.equal(step(found, name)?.note, 'not seen before the run ended', name);
    }
    assert.equal(found.whole, null);
  });

  it('counts a member that answers only after it was seen to be down', () => {
    const found = recovery([...before, ...replaced.filter(([facet, state]) => facet !== 'member' || state !== 'down')]);
    assert.equal(step(found, 'member caught up')?.at, null);
    assert.equal(step(found, 'member caught up')?.note, 'the member was not seen to be down');
  });

  it('puts steps that were not seen where they belong', () => {
    const { steps, slowest } = recovery([...before, ...leaderless, ...replaced.slice(0, 5)]);
    assert.deepEqual(steps.map(({ step, at }) => `${step}${at ? '' : ' ?'}`), [
      'fault', 'leader lost', 'old instance gone', 'leader elected', 'first write', 'group noticed ?',
      'new instance running ?', 'volume attached ?', 'DNS changed ?', 'member started ?', 'member caught up ?', 'SLO met',
    ]);
    assert.equal(slowest, 'old instance gone');
  });

  it('has only what can come for an instance without a group and without a member', () => {
    const found = recovery([...before, ...replaced], { ...instance(1), group: undefined, etcdMember: undefined });
    assert.deepEqual(found.steps.map(({ step }) => step).filter((name) => !/leader|write|SLO/.test(name)), ['fault', 'old instance gone']);
    assert.equal(found.forGood, 'its machine is in no Auto Scaling Group');
  });

  it('gives each of several machines of one group its own newcomer, and none of another group whose name begins alike', () => {
    const group = 'master.k8s';
    const masters = [1, 2].map((index): Target => ({ kind: 'instance', name: 'master', id: `i-${index}`, zone: 'a', roles: ['master'], group, etcdMember: undefined }));
    const journal = new JournalBuilder(drill()).fault(0, 'zone', masters);
    const comes = (id: string, fromMs: number, of: string): void => {
      for (const [state, seen] of [['pending', fromMs], ['running', fromMs + 900]] as const) {
        journal.milestone({ facet: 'instance', subject: 'master', state, detail: { id, group: of }, notYet: seen - 500, seen, source: 'ec2' });
      }
    };
    comes('i-other', 1_000, 'master.other');
    comes('i-7', 1_200, group);
    comes('i-8', 2_000, group);
    for (const [id, instance, of, seen] of [['vol-9', 'i-9', 'master', -10], ['vol-1', 'i-1', 'master', -10], ['vol-9', 'i-other', 'master', 2_500], ['vol-1', 'i-7', 'master', 3_000]] as const) {
      journal.milestone({ facet: 'volume', subject: of, state: 'attached', detail: { id, instance }, notYet: seen - 500, seen, source: 'ec2' });
    }
    const [first, second] = judge(journal.end(1_000, 10_000).entries).waterfall;
    assert.deepEqual([first!, second!].map((one) => step(one, 'new instance running')?.note), ['instance i-7', 'instance i-8']);
    assert.equal(step(first!, 'volume attached')?.at?.max, 3_000);
  });

  it('passes over a newcomer that ended before it ran', () => {
    const failed: Seen[] = [['instance', 'pending', 900, 1_000, { id: 'i-0' }], ['instance', 'terminated', 1_000, 1_100, { id: 'i-0' }]];
    assert.equal(step(recovery([...before, ...failed, ...replaced]), 'new instance running')?.note, `instance ${next}`);
  });

  it('has nothing of a replacement for an instance that lives through its fault, but its disk', () => {
    const seen: Seen[] = [
      ...before,
      ['volume', 'attached', null, 200, { id: 'vol-1', instance: old }],
      ['member', 'down', -50, 150],
      ['volume', 'available', 200, 700, { id: 'vol-1' }],
      ['volume', 'attached', 2_000, 2_500, { id: 'vol-1', instance: old }],
      ['member', 'up', 3_000, 3_200, { lag: 0 }],
    ];
    const { steps, whole } = recovery(seen, { ...instance(1), survives: true });
    const names = steps.map((one) => one.step);
    assert.deepEqual(names.filter((name) => !/leader|write|SLO/.test(name)), ['fault', 'volume attached', 'member started', 'member caught up']);
    assert.ok(whole);
  });

  const lives = { ...instance(1), survives: true as const };
  const told = ({ steps }: Recovery) =>
    steps.filter(({ step: name }) => !/leader|write|SLO/.test(name)).map(({ step: name, at, note }) => [name, at?.min, at?.max, note]);

  it('tells of a member that was cut off when it could not be reached, when it could again, and when it had caught up', () => {
    const found = recovery([...before, ['member', 'down', -50, 150], ['member', 'behind', 3_000, 3_200, { lag: 40 }], ['member', 'up', 3_400, 3_600]], lives);
    assert.deepEqual(told(found), [
      ['fault', 0, 8, ''],
      ['member unreachable', 0, 150, ''],
      ['member reachable', 3_000, 3_200, ''],
      ['member caught up', 3_400, 3_600, 'was 40 entries behind'],
    ]);
    assert.deepEqual(found.whole, { min: 3_392, max: 3_600 });
    assert.equal(found.slowest, 'member reachable');
  });

  it('tells of a member that takes no new connections, though those that are open go on', () => {
    const found = recovery([...before, ['door', 'open', null, -4_000], ['door', 'closed', -400, 900], ['door', 'open', 9_000, 9_502]], lives);
    assert.deepEqual(told(found), [
      ['fault', 0, 8, ''],
      ['member unreachable', 0, 900, 'new connections only: it went on answering those that were open'],
      ['member reachable', 9_000, 9_502, ''],
      ['member caught up', 9_000, 9_502, 'it had never lost touch with its peers'],
    ]);
    assert.deepEqual(found.whole, { min: 8_992, max: 9_502 });
  });

  it('tells of a member that answers, but has lost its peers', () => {
    const found = recovery([...before, ['member', 'behind', 1_000, 1_200], ['member', 'up', 6_000, 6_200]], lives);
    assert.deepEqual(told(found).slice(1), [
      ['member unreachable', 1_000, 1_200, 'it answered, and had lost its peers'],
      ['member reachable', 6_000, 6_200, ''],
      ['member caught up', 6_000, 6_200, ''],
    ]);
  });

  it('does not say of a member that it came back which was never away, or stays away', () => {
    const stayed = recovery(before, lives);
    assert.deepEqual(told(stayed).at(-1), ['member unreachable', undefined, undefined, 'it was not seen to be unreachable']);
    assert.deepEqual(stayed.whole, { min: 0, max: 0 });
    const gone = recovery([...before, ['door', 'closed', -400, 900], ['member', 'down', -50, 150], ['member', 'up', 3_000, 3_200]], lives);
    assert.deepEqual(gone.steps.find(({ step: name }) => name === 'member reachable')?.at, null);
    assert.equal(recovery([...before, ['member', 'down', -50, 150]], lives).whole, null);
  });

  it('ends when all is well again that an SLO is about, and names the one that was last', () => {
    const slos = [{ name: 'writes', probe: 'writes', longestOutage: '5s' }, { name: 'every group is whole', probe: 'groups', recoversWithin: '5m' }];
    const scenario = drill({ slos });
    const found = recovery([...before, ...replaced], instance(1), { groupsBadMs: 4_800, scenario });
    assert.deepEqual(found.steps.at(-1), {
      step: 'SLO met', at: { min: 4_500, max: 4_820 }, tookMs: 285, source: 'probe groups', note: 'last of all: every group is whole',
    });
    assert.equal(found.slowest, 'new instance running');
    const never = recovery([...before, ...replaced], instance(1), { groupsBadMs: 10_000, scenario });
    assert.deepEqual(step(never, 'SLO met'), {
      step: 'SLO met', at: null, tookMs: null, source: 'probes', note: 'not seen before the run ended: every group is whole',
    });
  });

  it('tells of each part of a rolling fault by itself', () => {
    const scenario = drill({ slos: [{ name: 'writes', probe: 'writes', longestOutage: '5s' }], recovery: { timeout: '10m', stableFor: '1s' } });
    const journal = new JournalBuilder(scenario).fault(0, 'each/peer-1', [instance(1)]).fault(4_000, 'each/peer-2', [instance(2)]);
    journal.observe('writes', [...answers(-5_800, 5), ...answers(5, 1_005, 'b'), ...answers(1_005, 4_005), ...answers(4_005, 6_005, 'b'), ...answers(6_005, 10_000)]);
    const [first, second] = judge(journal.end(8_000, 10_000).entries).waterfall;
    assert.deepEqual([first, second].map((one) => Math.round(step(one!, 'SLO met')!.at!.max)), [1_007, 6_007]);
  });

  it('says that writes went on when they did', () => {
    const journal = new JournalBuilder().fault(0, 'zone', [instance(1)]).observe('writes', answers(-5_800, 10_000));
    const [found] = judge(journal.end(1_000, 10_000).entries).waterfall;
    assert.deepEqual(step(found!, 'first write'), {
      step: 'first write', at: { min: 20, max: 22 }, tookMs: 17, source: 'etcd', note: 'writes went on',
    });
  });

  it('has one recovery for each target of each fault', () => {
    const journal = new JournalBuilder().fault(0, 'zone', [instance(1), instance(4)]).fault(1_000, 'extra', [instance(6, 'eu-west-1a')]);
    const { waterfall } = judge(journal.end(2_000, 10_000).entries);
    assert.deepEqual(waterfall.map(({ target, fault }) => `${target} ${fault}`), ['peer-1 zone', 'peer-4 zone', 'peer-6 extra']);
  });
});
