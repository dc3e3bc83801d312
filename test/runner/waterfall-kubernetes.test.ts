import assert from 'node:assert/strict';
import { awayFor, unseenWay } from '../../reports/words/recoveries.ts';
import type { Target } from '../../runner/fault.ts';
import type { Milestone } from '../../runner/journal.ts';
import { judge } from '../../runner/judge.ts';
import type { Recovery } from '../../runner/verdict.ts';
import { JournalBuilder } from './journal-builder.ts';

type Seen = [facet: Milestone['facet'], subject: string, state: string, notYet: number | null, seen: number, detail?: Milestone['detail']];

const web = { namespace: 'shop', workload: 'deployment/web' };

function pod(name: string, more: Partial<Target> = {}): Target {
  return { kind: 'pod', name, id: `uid-${name}`, zone: 'a', roles: [], group: undefined, etcdMember: undefined, ...web, ...more };
}

/** A pod's coming up from `fromMs` on, ready `readyMs` later. */
function comesUp(name: string, fromMs: number, readyMs: number, more: Milestone['detail'] = {}): Seen[] {
  const detail = { uid: `uid-${name}`, ...web, ...more };
  return [
    ['pod', name, 'created', fromMs - 10, fromMs, detail],
    ['pod', name, 'scheduled', fromMs, fromMs + 8, { node: 'node-2', ...detail }],
    ['pod', name, 'started', fromMs + readyMs - 60, fromMs + readyMs - 40, { node: 'node-2', ...detail }],
    ['pod', name, 'ready', fromMs + readyMs - 10, fromMs + readyMs, { node: 'node-2', ...detail }],
    ['endpoint', name, 'ready', fromMs + readyMs, fromMs + readyMs + 9, { uid: `uid-${name}`, service: 'web' }],
  ];
}

const goes = (name: string, goneMs: number): Seen[] => [
  ['pod', name, 'ready', null, 1, { uid: `uid-${name}`, ...web, node: 'node-1' }],
  ['endpoint', name, 'ready', null, 1, { uid: `uid-${name}`, service: 'web' }],
  ['endpoint', name, 'not ready', 10, 25, { uid: `uid-${name}`, service: 'web' }],
  ['pod', name, 'gone', goneMs - 20, goneMs, { uid: `uid-${name}`, ...web, node: 'node-1' }],
];

function recoveries(milestones: readonly Seen[], faults: readonly { atMs: number; targets: readonly Target[] }[]): readonly Recovery[] {
  const journal = new JournalBuilder();
  faults.forEach(({ atMs, targets }, index) => journal.fault(atMs, `kill-${index}`, targets));
  for (const [facet, subject, state, notYet, seen, detail] of milestones) {
    journal.milestone({ facet, subject, state, ...(detail ? { detail } : {}), notYet, seen, source: facet === 'instance' ? 'ec2' : 'kubernetes' });
  }
  return judge(journal.end(5_000, 20_000).entries).waterfall;
}

const own = ({ steps }: Recovery) => steps.filter(({ step }) => step !== 'SLO met');
const named = (recovery: Recovery) => own(recovery).map(({ step, at }) => [step, at?.min, at?.max]);
const replacement = ({ steps }: Recovery): string | undefined => steps.find(({ step }) => step === 'replacement created')?.note;

describe('the waterfall of a pod', () => {
  it('goes from its killing to an address of its Service, step by step', () => {
    const [found] = recoveries([...goes('web-1', 1_183), ...comesUp('web-9', 28, 400)], [{ atMs: 0, targets: [pod('web-1')] }]);
    assert.deepEqual(named(found!), [
      ['fault', 0, 8],
      ['replacement created', 18, 28],
      ['scheduled', 28, 36],
      ['started', 368, 388],
      ['ready', 418, 428],
      ['address of its Service', 428, 437],
      ['gone', 1_163, 1_183],
    ]);
    assert.deepEqual(found!.whole, { min: 420, max: 437 });
    assert.deepEqual(own(found!).map(({ note }) => note), ['', 'web-9', 'node-2', '', '', 'web', '']);
  });

  it('ends with ready where no Service sent requests to it', () => {
    const quiet = [...goes('web-1', 100), ...comesUp('web-9', 28, 400)].filter(([facet]) => facet === 'pod');
    const [found] = recoveries(quiet, [{ atMs: 0, targets: [pod('web-1')] }]);
    assert.ok(!found!.steps.some(({ step }) => step === 'address of its Service'));
    assert.deepEqual(found!.whole, { min: 410, max: 428 });
  });

  it('does not take a pod that was there before for the replacement', () => {
    const [found] = recoveries([...goes('web-1', 100), ...comesUp('web-2', -900, 300)], [{ atMs: 0, targets: [pod('web-1')] }]);
    assert.equal(replacement(found!), 'not seen before the run ended');
    assert.equal(found!.whole, null);
  });

  it('takes no pod of another workload, or another namespace', () => {
    const others = [...comesUp('db-9', 30, 300, { workload: 'deployment/db' }), ...comesUp('web-8', 40, 300, { namespace: 'other' })];
    const [found] = recoveries([...goes('web-1', 100), ...others], [{ atMs: 0, targets: [pod('web-1')] }]);
    assert.equal(found!.whole, null);
  });

  it('matches many killed in the order of their killing, and each newcomer once', () => {
    const milestones = [...goes('web-1', 90), ...goes('web-2', 95), ...goes('web-3', 2_100), ...comesUp('web-8', 40, 400), ...comesUp('web-9', 30, 300), ...comesUp('web-10', 2_040, 300)];
    const found = recoveries(milestones, [{ atMs: 0, targets: [pod('web-1'), pod('web-2')] }, { atMs: 2_000, targets: [pod('web-3')] }]);
    assert.deepEqual(found.map((one) => [one.target, replacement(one)]), [['web-1', 'web-9'], ['web-2', 'web-8'], ['web-3', 'web-10']]);
  });

  it('follows a replacement that is killed in turn', () => {
    const milestones = [...goes('web-1', 90), ...comesUp('web-8', 40, 400), ...goes('web-8', 3_090).slice(1), ...comesUp('web-9', 3_040, 300)];
    const found = recoveries(milestones, [{ atMs: 0, targets: [pod('web-1')] }, { atMs: 3_000, targets: [pod('web-8')] }]);
    assert.deepEqual(found.map((one) => [one.target, replacement(one)]), [['web-1', 'web-8'], ['web-8', 'web-9']]);
  });

  it('passes over a newcomer that never became ready and went away again', () => {
    const failed: Seen[] = [['pod', 'web-8', 'created', 20, 30, { uid: 'uid-web-8', ...web }], ['pod', 'web-8', 'gone', 50, 60, { uid: 'uid-web-8', ...web }]];
    const [found] = recoveries([...goes('web-1', 100), ...failed, ...comesUp('web-9', 70, 300)], [{ atMs: 0, targets: [pod('web-1')] }]);
    assert.equal(replacement(found!), 'web-9');
  });

  it("takes a DaemonSet's on the same node, and a StatefulSet's of the same name", () => {
    const daemon = { workload: 'daemonset/agent' };
    const daemons = [...comesUp('agent-8', 30, 300, { ...daemon, node: 'node-2' }), ...comesUp('agent-9', 40, 300, { ...daemon, node: 'node-1' })];
    const [first] = recoveries(daemons, [{ atMs: 0, targets: [pod('agent-1', { ...daemon, node: 'node-1' })] }]);
    assert.equal(replacement(first!), 'agent-9');
    const stateful = { workload: 'statefulset/db' };
    const sets = [...comesUp('db-1', 30, 300, { ...stateful, uid: 'new-1' }), ...comesUp('db-0', 40, 300, { ...stateful, uid: 'new-0' })];
    const [second] = recoveries(sets, [{ atMs: 0, targets: [pod('db-0', stateful)] }]);
    assert.equal(replacement(second!), 'db-0');
  });

  it('has nothing to come for a pod that no workload keeps alive', () => {
    const { workload: _none, ...alone } = pod('alone');
    const [found] = recoveries(goes('alone', 100), [{ atMs: 0, targets: [alone] }]);
    assert.deepEqual(named(found!).map(([step]) => step), ['fault', 'gone']);
    assert.equal(awayFor(found!), 'gone for good after 0.086 s ± 0.014 s: no workload replaces it');
    const [stays] = recoveries([], [{ atMs: 0, targets: [alone] }]);
    assert.equal(awayFor(stays!), null);
    assert.equal(unseenWay(stays!), 'not seen to go, and nothing comes in its place: no workload replaces it');
  });

  it('tells of a pod that lived through its fault when it was ready again', () => {
    const stopped: Seen[] = [
      ['pod', 'web-1', 'ready', null, 1, { uid: 'uid-web-1', ...web }],
      ['pod', 'web-1', 'not ready', 2_990, 3_000, { uid: 'uid-web-1', ...web }],
      ['pod', 'web-1', 'ready', 9_990, 10_000, { uid: 'uid-web-1', ...web }],
    ];
    const [found] = recoveries(stopped, [{ atMs: 0, targets: [pod('web-1', { survives: true })] }]);
    assert.deepEqual(named(found!), [['fault', 0, 8], ['not ready', 2_990, 3_000], ['ready', 9_990, 10_000]]);
    const [untouched] = recoveries(stopped.slice(0, 1), [{ atMs: 0, targets: [pod('web-1', { survives: true })] }]);
    assert.deepEqual(untouched!.whole, { min: 0, max: 0 });
  });

  it('tells nothing of a workload, which is not lost', () => {
    assert.deepEqual(recoveries([], [{ atMs: 0, targets: [pod('web', { kind: 'workload' })] }]), []);
  });
});

describe('the lanes of pods and nodes', () => {
  it('are those of what was hit and of what came in its place, each by its uid', () => {
    const journal = new JournalBuilder().fault(0, 'kill', [pod('web-1')]);
    const seen: Seen[] = [
      ...goes('web-1', 900).slice(0, 1),
      ['pod', 'web-1', 'terminating', 20, 30, { uid: 'uid-web-1', ...web }],
      ['pod', 'web-1', 'not ready', 300, 310, { uid: 'uid-web-1', ...web }],
      ...goes('web-1', 900).slice(3),
      ...comesUp('web-9', 50, 400),
      ['node', 'node-1', 'ready', null, 1, { uid: 'u-1', zone: 'eu-west-1a' }],
      ['node', 'node-1', 'not ready', 3_990, 4_000, { uid: 'u-1', zone: 'eu-west-1a' }],
    ];
    for (const [facet, subject, state, notYet, at, detail] of seen) journal.milestone({ facet, subject, state, ...(detail ? { detail } : {}), notYet, seen: at, source: 'kubernetes' });
    const { lives } = judge(journal.end(1_000, 10_000).entries);
    assert.deepEqual(
      lives.map(({ kind, name, zone, segments }) => [kind, name, zone, segments.map(({ state, fromMs }) => `${state} ${fromMs}`)]),
      [
        ['pod', 'web-1', 'node-1', ['ready 1', 'terminating 30']],
        ['node', 'node-1', 'eu-west-1a', ['ready 1', 'not ready 4000']],
        ['pod', 'web-9', 'node-2', ['pending 50', 'started 410', 'ready 450']],
      ],
    );
    assert.equal(lives[0]!.segments.at(-1)!.toMs, 900);
  });
});

describe('the waterfall of a node', () => {
  const worker = (index: number): Target => ({ kind: 'instance', name: 'worker', id: `i-${index}`, zone: 'a', roles: ['worker'], group: 'worker.k8s', etcdMember: undefined, node: `node-${index}` });
  const before: Seen[] = [1, 2, 3].map((index) => ['instance', 'worker', 'running', null, -3_000, { id: `i-${index}` }]);
  const lost = (index: number, seen: number): Seen[] => [
    ['instance', 'worker', 'terminated', seen - 500, seen, { id: `i-${index}` }],
    ['node', `node-${index}`, 'not ready', seen + 3_000, seen + 3_010, { uid: `u-${index}`, instance: `i-${index}` }],
  ];
  const comes = (index: number, seen: number): Seen[] => [
    ['instance', 'worker', 'pending', seen - 1_500, seen - 1_000, { id: `i-${index}` }],
    ['instance', 'worker', 'running', seen - 500, seen, { id: `i-${index}` }],
    ['node', `node-${index}`, 'registered', seen + 790, seen + 800, { uid: `u-${index}`, instance: `i-${index}` }],
    ['node', `node-${index}`, 'ready', seen + 990, seen + 1_000, { uid: `u-${index}`, instance: `i-${index}` }],
  ];

  it('goes from the loss of its machine to another node that is ready', () => {
    const [found] = recoveries([...before, ...lost(1, 600), ...comes(7, 5_000)], [{ atMs: 0, targets: [worker(1)] }]);
    assert.deepEqual(named(found!), [
      ['fault', 0, 8],
      ['instance gone', 100, 600],
      ['node lost', 3_600, 3_610],
      ['new instance running', 4_500, 5_000],
      ['node registered', 5_790, 5_800],
      ['node ready', 5_990, 6_000],
    ]);
    assert.deepEqual(found!.whole, { min: 5_982, max: 6_000 });
  });

  it('gives each of several machines of one name its own newcomer', () => {
    const milestones = [...before, ...lost(1, 600), ...lost(2, 600), ...comes(7, 5_000), ...comes(8, 7_000)];
    const found = recoveries(milestones, [{ atMs: 0, targets: [worker(1), worker(2)] }]);
    assert.deepEqual(found.map(({ whole }) => whole?.max), [6_000, 8_000]);
  });

  const daemon = (name: string, node: string) => pod(name, { workload: 'daemonset/agent', node });
  const daemonComes = (name: string, fromMs: number, node: string) => comesUp(name, fromMs, 300, { workload: 'daemonset/agent', node });

  it("is where the daemon's pod comes up that was on the lost one, under whatever name it comes", () => {
    const others = daemonComes('agent-7', 2_000, 'node-3');
    const milestones = [...before, ...lost(1, 600), ...lost(2, 600), ...comes(7, 5_000), ...comes(8, 7_000), ...others, ...daemonComes('agent-8', 7_100, 'node-8'), ...daemonComes('agent-9', 7_200, 'node-7')];
    const found = recoveries(milestones, [{ atMs: 0, targets: [worker(1), worker(2), daemon('agent-1', 'node-1'), daemon('agent-2', 'node-2')] }]);
    assert.deepEqual(found.slice(2).map((one) => [one.target, replacement(one)]), [['agent-1', 'agent-9'], ['agent-2', 'agent-8']]);
    assert.ok(found.every(({ whole }) => whole !== null));
  });

  it("leaves its daemon's pod not seen to come back when nothing was seen in its place", () => {
    const milestones = [...before, ...lost(1, 600), ...daemonComes('agent-7', 2_000, 'node-3')];
    const [, found] = recoveries(milestones, [{ atMs: 0, targets: [worker(1), daemon('agent-1', 'node-1')] }]);
    assert.deepEqual([awayFor(found!), unseenWay(found!)], [null, 'not seen to come back']);
  });

  it('is gone for good with its daemons when no group replaces its machine, and its other pods are not', () => {
    const alone = { ...worker(1), group: undefined };
    const milestones = [...before, ...lost(1, 600), ...goes('agent-1', 4_000), ...goes('web-1', 4_000), ...comesUp('web-9', 4_050, 300)];
    const found = recoveries(milestones, [{ atMs: 0, targets: [alone, daemon('agent-1', 'node-1'), pod('web-1', { node: 'node-1' })] }]);
    assert.deepEqual(found.map(awayFor), [
      'gone for good after 3.601 s ± 0.009 s: its machine is in no Auto Scaling Group',
      'gone for good after 3.986 s ± 0.014 s: its node went with a machine that is in no Auto Scaling Group',
      'back after 4.351 s ± 0.009 s',
    ]);
  });

  it("does not take the daemon's pod for gone for good that was killed before its node was lost", () => {
    const milestones = [...before, ...daemonComes('agent-2', 300, 'node-1'), ...lost(1, 5_600)];
    const found = recoveries(milestones, [
      { atMs: 0, targets: [daemon('agent-1', 'node-1')] },
      { atMs: 5_000, targets: [{ ...worker(1), group: undefined }] },
    ]);
    assert.equal(replacement(found[0]!), 'agent-2');
  });
});
