import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDay, readDay } from '../../../runner/gameday/day-file.ts';
import { judgeDay, progressOf } from '../../../runner/gameday/judge-day.ts';
import { createMask } from '../../../runner/mask.ts';
import { DayBuilder, sampleDay } from '../../reports/gameday/sample-day.ts';
import { simulatedClock } from '../simulated-clock.ts';

describe("a game day's journal", () => {
  let folder: string;
  const path = (): string => join(folder, 'day.ndjson');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-day-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const [{ type: _type, seq: _seq, at: _at, t: _t, ...started }] = DayBuilder.begun().entries as [ReturnType<typeof sampleDay>[0] & { type: 'day.started' }];

  it('has a line for each entry, with its time, masked, in order, and only one writer', async () => {
    const mask = createMask();
    mask.add('hunter2-secret', { of: 'a test' });
    const clock = simulatedClock();
    const journal = await openDay({ folder, clock, mask });
    await journal.append('day.started', started);
    await clock.advance(1_500);
    await Promise.all([journal.append('note', { step: null, text: 'a', runMs: null }), journal.append('note', { step: 0, text: 'my hunter2-secret', runMs: 5 })]);
    await journal.close();
    const entries = await readDay(folder);
    assert.deepEqual(entries.map(({ seq, t, type }) => [seq, t, type]), [[0, 0, 'day.started'], [1, 1_500, 'note'], [2, 1_500, 'note']]);
    assert.doesNotMatch(readFileSync(path(), 'utf8'), /hunter2/);
    await assert.rejects(openDay({ folder, clock, mask }), /day\.ndjson can't be made: EEXIST/);
  });

  it('is gone on with behind its last whole line', async () => {
    const lines = sampleDay().map((entry) => `${JSON.stringify(entry)}\n`).join('');
    writeFileSync(path(), lines);
    appendFileSync(path(), '{"seq":99,"at":"20');
    assert.equal((await readDay(folder)).length, sampleDay().length);
    const journal = await openDay({ folder, clock: simulatedClock(), mask: createMask(), again: true });
    await journal.append('note', { step: null, text: 'ü', runMs: null });
    await journal.append('note', { step: null, text: 'again', runMs: null });
    await journal.close();
    const text = readFileSync(path(), 'utf8');
    assert.ok(text.startsWith(lines));
    assert.deepEqual((await readDay(folder)).slice(sampleDay().length).map((entry) => entry.type === 'note' && [entry.seq, entry.text]), [[sampleDay().length, 'ü'], [sampleDay().length + 1, 'again']]);
  });

  it('that is none, or does not begin as one, is refused with what to give', async () => {
    await assert.rejects(readDay(folder), /day\.ndjson can't be read: ENOENT.*; give the folder of a game day/);
    writeFileSync(path(), '{"seq":1,"t":0,"type":"note"}\n');
    await assert.rejects(readDay(folder), /does not begin with a day that started/);
  });

  it('cut off anywhere still gives a report, and never a pass', () => {
    for (let length = 1; length <= sampleDay().length; length++) {
      const day = judgeDay(sampleDay().slice(0, length));
      assert.notEqual(day.exitCode, 0);
      assert.equal(day.drills.length, 4);
    }
  });

  it('tells where the day stopped', () => {
    const after = (count: number) => progressOf(sampleDay().slice(0, count));
    assert.deepEqual(after(1), { next: 0, cutOff: null });
    assert.deepEqual(after(9), { next: 1, cutOff: { step: 0, run: '20261124T100100Z-one-0001' } });
    assert.deepEqual(after(12), { next: 1, cutOff: null });
    assert.deepEqual(after(sampleDay().length), { next: 4, cutOff: { step: 3, run: '20261124T100501Z-four-0004' } });
  });
});
