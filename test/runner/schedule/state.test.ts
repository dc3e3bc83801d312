import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../../runner/fault.ts';
import type { Entry } from '../../../runner/journal.ts';
import { platformKey } from '../../../runner/platform-key.ts';
import { findRunOf } from '../../../runner/schedule/find-run.ts';
import { groupOf, hitsOf, recentHits, tooSoon } from '../../../runner/schedule/hits.ts';
import { drillsOf } from '../../../runner/schedule/slot-drills.ts';
import { openStateFile, readRecords, stateFileName } from '../../../runner/schedule/state-file.ts';
import { nextSlots } from '../../../runner/schedule/status.ts';
import { sampleEnvironment } from '../sample-platform.ts';
import { sampleScenario } from '../sample-scenario.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { makeRun } from './written-run.ts';

const entries = [{ name: 'weekly', cron: '30 10 * * tue', timeZone: 'Europe/London', jitterMs: 600_000, lateMs: 60_000, since: '2026-10-20T00:00:00.000Z' }];
const target = (more: Partial<Target>): Target => ({ kind: 'instance', name: 'peer-1', id: 'i-1', zone: 'a', roles: [], group: undefined, etcdMember: undefined, ...more });

describe('the state of a schedule', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-state-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is there again after its process is gone, and goes on behind a line that was cut short', async () => {
    const first = await openStateFile(folder, simulatedClock());
    await first.append({ type: 'started', pid: 1, host: 'h', entries });
    await first.close();
    const path = join(folder, stateFileName);
    await appendFile(path, '{"type":"claimed","at":"2026-');
    assert.deepEqual((await readRecords(folder)).map(({ type }) => type), ['started']);
    const second = await openStateFile(folder, simulatedClock());
    await second.append({ type: 'stopped', why: 'x' });
    await second.close();
    assert.deepEqual((await readRecords(folder)).map(({ type }) => type), ['started', 'stopped']);
    assert.match(await readFile(path, 'utf8'), /\n$/);
  });

  it('that somebody has spoilt is refused, with the line', async () => {
    await writeFile(join(folder, stateFileName), '{"type":"claimed"}\n{"type":"stopped","at":"x","why":"y"}\n');
    await assert.rejects(readRecords(folder), /schedule\.ndjson:1 is no line of a schedule's state/);
  });

  it('says the next slots, in their zone and in UTC, with the jitter', () => {
    const [next, ...more] = nextSlots([{ type: 'started', at: '2026-10-20T00:00:00.000Z', pid: 1, host: 'h', entries }], Date.parse('2026-10-24T00:00:00Z') );
    assert.equal(more.length, 0);
    assert.deepEqual([next!.of, next!.wall, next!.timeZone, next!.at], ['weekly', '2026-10-27T10:30', 'Europe/London', '2026-10-27T10:30:00.000Z']);
    assert.ok(next!.begins > next!.at && next!.begins < '2026-10-27T10:40');
  });
});

describe('the drills of a slot', () => {
  const catalogue = ['a', 'b', 'c', 'd'].map((drill) => ({ drill, title: drill, tags: [drill === 'd' ? 'other' : 'zone'] }));

  it('are those that the file names, each with a seed of its own, the same again for the same slot', () => {
    const spec = { drills: [{ drill: 'x', set: { zone: 'a', count: 2 } }, { drill: './y.yaml' }], draw: undefined };
    const drills = drillsOf({ key: 'k' }, spec, [], (drill) => `at ${drill}`);
    assert.deepEqual(drills.map(({ drill, set }) => [drill, set]), [['at x', ['zone=a', 'count=2']], ['at ./y.yaml', []]]);
    assert.notEqual(drills[0]!.seed, drills[1]!.seed);
    assert.deepEqual(drillsOf({ key: 'k' }, spec, [], (drill) => `at ${drill}`), drills);
    assert.notEqual(drillsOf({ key: 'l' }, spec, [], (drill) => drill)[0]!.seed, drills[0]!.seed);
  });

  it('are drawn by the slot', () => {
    const spec = { drills: undefined, draw: { pick: 2, of: { tag: 'zone' } } };
    const drawn = (key: string): string => drillsOf({ key }, spec, catalogue, (drill) => drill).map(({ drill }) => drill).join(' ');
    assert.equal(drawn('k'), drawn('k'));
    assert.ok(new Set(Array.from({ length: 20 }, (_, index) => drawn(`k${index}`))).size > 1);
    assert.doesNotMatch(drawn('k'), /d/);
    assert.throws(() => drillsOf({ key: 'k' }, { drills: undefined, draw: { pick: 4, of: { tag: 'zone' } } }, catalogue, (drill) => drill), /finds too few drills/);
  });
});

describe('kills of the same group', () => {
  it('are told by the group of a machine, the workload of a pod, or else by the thing itself', () => {
    assert.equal(groupOf(target({ group: 'g' })), 'group g');
    assert.equal(groupOf(target({ kind: 'pod', name: 'web-1', workload: 'deployment/web', namespace: 'shop' })), 'deployment/web in shop');
    assert.equal(groupOf(target({})), 'instance peer-1');
  });

  it('count what was injected, whatever became of it, and not what was spared', () => {
    const at = '2026-07-01T10:00:00.000Z';
    const intent = (fault: string, targets: Target[]): Entry => ({ seq: 1, at, t: 0, type: 'fault.intent', fault, kind: 'k', says: '', sum: '', targets, undo: null });
    const journal: Entry[] = [
      intent('a', [target({ group: 'g', id: 'i-1' }), target({ group: 'h', id: 'i-2' })]),
      { seq: 2, at, t: 0, type: 'fault.injected', fault: 'a', spared: ['i-2'] },
      intent('b', [target({ group: 'x' })]),
      { seq: 3, at, t: 0, type: 'fault.failed', fault: 'b', error: 'e' },
      intent('c', [target({ group: 'never' })]),
    ];
    assert.deepEqual(hitsOf(journal), [['group g', Date.parse(at)], ['group x', Date.parse(at)]]);
  });

  const nowMs = Date.parse('2026-07-02T10:00:00Z');
  const hits = new Map([['group g', { atMs: nowMs - 3_600_000, run: 'r' }]]);

  it('are held apart, and it is said until when', () => {
    const why = tooSoon([{ targets: [target({ group: 'g' })] }], hits, 7_200_000, nowMs);
    assert.match(why!, /^it would hit what was hit less than 2h ago \(betweenKills\): group g \(2026-07-02T09:00:00\.000Z, run r\); it may again from 2026-07-02T11:00:00\.000Z on$/);
    assert.equal(tooSoon([{ targets: [target({ group: 'g' })] }], hits, 3_600_000, nowMs), undefined);
    assert.equal(tooSoon([{ targets: [target({ group: 'other' })] }], hits, 7_200_000, nowMs), undefined);
  });

  it('are read from all runs on this platform, those that people started included; a run is found by its seed', async () => {
    const out = await mkdtemp(join(tmpdir(), 'firedrill-hits-'));
    try {
      const environment = sampleEnvironment();
      const other = sampleEnvironment({ name: 'other' });
      await makeRun(out, '20260702T080000Z-drill-aaaa', { seed: 7, environment, targets: [target({ group: 'g' })], at: '2026-07-02T08:00:00.000Z', scenario: sampleScenario({}) });
      await makeRun(out, '20260702T090000Z-drill-bbbb', { seed: 8, environment: other, targets: [target({ group: 'elsewhere' })], at: '2026-07-02T09:00:00.000Z', scenario: sampleScenario({}) });
      await makeRun(out, '20260630T080000Z-drill-cccc', { seed: 9, environment, targets: [target({ group: 'old' })], at: '2026-06-30T08:00:00.000Z', scenario: sampleScenario({}) });
      const recent = await recentHits(out, nowMs - 4 * 3_600_000, platformKey(environment));
      assert.deepEqual([...recent], [['group g', { atMs: Date.parse('2026-07-02T08:00:00.000Z'), run: '20260702T080000Z-drill-aaaa' }]]);
      assert.equal(await findRunOf(out, 8, nowMs - 4 * 3_600_000), '20260702T090000Z-drill-bbbb');
      assert.equal(await findRunOf(out, 10, nowMs - 4 * 3_600_000), undefined);
    } finally {
      await rm(out, { recursive: true });
    }
  });
});
