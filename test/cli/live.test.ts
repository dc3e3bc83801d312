import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { Chalk } from 'chalk';
import { drawBoard } from '../../cli/live/board.ts';
import { lineFor } from '../../cli/live/lines.ts';
import { follow, newProgress } from '../../cli/live/progress.ts';
import type { Entry, EntryBodies, EntryType } from '../../runner/journal.ts';
import { sampleEnvironment } from '../runner/sample-platform.ts';
import { sampleScenario } from '../runner/sample-scenario.ts';

let seq = 0;
function entry<T extends EntryType>(t: number, type: T, body: EntryBodies[T]): Entry {
  return { seq: seq++, at: new Date(Date.UTC(2026, 0, 2) + t).toISOString(), t, type, ...body } as unknown as Entry;
}

const target = { kind: 'instance' as const, name: 'peer-3', id: 'i-3', zone: 'eu-west-1a', roles: ['etcd'], group: 'peer-3', etcdMember: '3' };
const story = [
  entry(0, 'run.started', {
    version: 1, run: 'run-1', firedrill: '0.1.0', node: '24', command: 'firedrill run drill', seed: 7,
    scenario: sampleScenario(), source: 'drill', environment: sampleEnvironment(),
  }),
  entry(1, 'phase', { phase: 'baseline' }),
  entry(1_000, 'observations', { probe: 'writes', stream: 'writes', raw: [[900, 910, 'g'], [950, 960, 'g']] }),
  entry(2_000, 'phase', { phase: 'inject' }),
  entry(2_000, 'fault.intent', { fault: 'member', kind: 'etcd-member-kill', says: 'kill peer-3', sum: '9 - 1', targets: [target], undo: null }),
  entry(2_100, 'fault.injected', { fault: 'member' }),
  entry(2_500, 'observations', { probe: 'writes', stream: 'writes', raw: [[2_200, 2_400, 'b', 'no leader']] }),
  entry(3_000, 'milestone', { facet: 'instance', subject: 'peer-3', state: 'terminated', notYet: 2_900, seen: 3_000, source: 'ec2' }),
];

describe('the live view', () => {
  const board = (entries: readonly Entry[], columns = 100) => {
    const progress = newProgress();
    for (const item of entries) follow(progress, item);
    return drawBoard(progress, entries.at(-1)!.t, columns, new Chalk({ level: 0 }));
  };

  it('shows phase, time since the first fault, what each probe says, what was hit and what is missing', () => {
    const view = board(story);
    assert.match(view, /^A drill {2}drill · seed 7\nbreaking {2}3\.0 s {3}t\+1\.0 s since the first fault/);
    assert.match(view, /writes .*▁.*█.* bad {2}no leader/);
    assert.match(view, /× member {2}kill peer-3/);
    assert.match(view, /still missing {2}peer-3 \(instance terminated\)/);
  });

  it('says when nothing is missing any more', () => {
    const back = entry(4_000, 'milestone', { facet: 'member', subject: 'peer-3', state: 'up', notYet: 3_900, seen: 4_000, source: 'etcd' });
    assert.match(board([...story, back]), /nothing is missing any more/);
  });

  it('never wraps a line', () => {
    for (const columns of [20, 40, 60]) {
      assert.ok(board(story, columns).split('\n').every((line) => stripVTControlCharacters(line).length <= columns));
    }
  });

  it('is a line for each thing worth one on a pipe', () => {
    const lines = story.map((item) => lineFor(item, item.t >= 2_000 ? 2_000 : undefined)).filter((line) => line !== undefined);
    assert.deepEqual(lines, [
      '2026-01-02T00:00:00.000Z  run run-1: A drill (seed 7, environment staging)',
      '2026-01-02T00:00:00.001Z  phase: baseline',
      '2026-01-02T00:00:02.000Z t+0.0s  phase: inject',
      '2026-01-02T00:00:02.000Z t+0.0s  fault member: kill peer-3 [9 - 1]',
      '2026-01-02T00:00:02.100Z t+0.1s  fault member: injected',
      '2026-01-02T00:00:03.000Z t+1.0s  peer-3: instance terminated',
    ]);
  });
});
