import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { actFor, changeFeed, done, presentAct, type Change } from '../../runner/changes.ts';
import { openJournal, parseJournal } from '../../runner/journal-file.ts';
import { judge } from '../../runner/judge.ts';
import { recordChanges } from '../../runner/record-changes.ts';
import type { World } from '../../runner/world.ts';
import { createMask } from '../../runner/mask.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';
import { simulatedClock } from './simulated-clock.ts';

const change = (about: Partial<Change>): Change => ({
  service: 'ec2', action: 'StopInstances', target: 'i-1', requestId: 'r-1', outcome: done, sentMs: 0, endedMs: 0, ...about,
});

describe('calls that change something', () => {
  it('belong to the fault in whose time they were sent, also when their answer comes in the time of another', async () => {
    const late = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    const call = async (answered: Promise<void>): Promise<void> => {
      await answered;
      seen.push(presentAct());
    };
    const first = actFor({ fault: 'a', during: 'inject' }, () => call(late.promise));
    await actFor({ fault: 'b', during: 'undo' }, () => call(Promise.resolve()));
    late.resolve();
    await first;
    await call(Promise.resolve());
    assert.deepEqual(seen, [{ fault: 'b', during: 'undo' }, { fault: 'a', during: 'inject' }, undefined]);
  });

  it('are in the journal and in the report, those before the journal was there included', async () => {
    const clock = simulatedClock();
    const { tell, listen } = changeFeed();
    const environment = sampleEnvironment({});
    const world = { environment, onChange: listen } as World;
    const written: string[] = [];
    tell(change({ requestId: 'early', sentMs: clock.now(), act: { fault: 'kill', during: 'plan' } }));
    await clock.until(clock.sleep(1_000));
    const openSink = async () => ({ write: async (text: string) => void written.push(text), sync: async () => {}, close: async () => {} });
    const journal = await openJournal({ folder: tmpdir(), clock, mask: createMask(), openSink });
    journal.append('run.started', {
      version: 1, run: 'run-1', firedrill: '0', node: '0', command: 'firedrill run drill', seed: 1, scenario: sampleScenario(), source: 'drill', environment,
    });
    recordChanges(world, journal);
    await clock.until(clock.sleep(500));
    tell(change({ requestId: null, outcome: 'no answer (ECONNRESET)', sentMs: clock.now() - 100, act: { fault: 'kill', during: 'inject' } }));
    tell(change({ service: 'kubernetes', action: 'create leases', target: 'default', sentMs: clock.now() }));
    await journal.close();
    const { changes } = judge(parseJournal(written.join(''), 'journal'));
    assert.deepEqual(
      changes!.map(({ atMs, requestId, outcome, fault, during }) => [atMs, requestId, outcome, fault, during]),
      [[-1_000, 'early', 'done', 'kill', 'plan'], [400, null, 'no answer (ECONNRESET)', 'kill', 'inject'], [500, 'r-1', 'done', null, null]],
    );
  });
});
