import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import csv from '../../reports/csv.ts';
import { judge } from '../../runner/judge.ts';
import type { Entry } from '../../runner/journal.ts';
import type { JudgedObservation } from '../../runner/verdict.ts';
import { answers, JournalBuilder } from '../runner/journal-builder.ts';
import { hostileTexts } from './any-run.ts';
import { heldRun } from './sample-runs.ts';

/** Reads CSV after RFC 4180, and nothing else. */
function read(text: string): Record<string, string>[] {
  const rows: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let row: string[] = []; cell.lastIndex < text.length; ) {
    const at = cell.lastIndex;
    const [, quoted, plain, end] = cell.exec(text) ?? assert.fail(`no cell at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  const [head, ...rest] = rows;
  for (const row of rest) assert.equal(row.length, head!.length);
  return rest.map((row) => Object.fromEntries(head!.map((name, index) => [name, row[index]!])));
}

const one: JudgedObservation = { probe: 'writes', stream: 'writes', fromMs: 1_234.5678, toMs: 1_236, value: 'bad', why: 'refused' };

describe('the CSV report', () => {
  it('has a line for each observation of a journal, in the order of time', () => {
    const entries = readFileSync(new URL('../journals/etcd-zone-plus-one.ndjson', import.meta.url), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Entry);
    const recorded = entries.flatMap((entry) => (entry.type === 'observations' ? entry.raw : []));
    const rows = read(csv.render(judge(entries, { observations: true })));
    assert.equal(rows.length, recorded.length);
    const times = rows.map((row) => Number(row['t_s']));
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    for (const value of ['good', 'bad', 'unknown']) assert.equal(rows.filter((row) => row['value'] === value).length, recorded.filter(([, , letter]) => letter === value[0]).length);
  });

  it('tells the phase and the faults that were in place', () => {
    const journal = new JournalBuilder().fault(0, 'zone', [], { original: 'x' }).observe('writes', answers(-100, 3_000, 'g', { everyMs: 500 }));
    journal.add(2_000, 'fault.undone', { fault: 'zone', verified: true, said: 'is back' });
    const rows = read(csv.render(judge(journal.end(1_000, 3_500).entries, { observations: true })));
    assert.deepEqual(rows.map((row) => [row['t_s'], row['faults'], row['phase']]), [
      ['-0.1', '', 'baseline'], ['0.4', 'zone', 'inject'], ['0.9', 'zone', 'inject'], ['1.4', 'zone', 'recover'], ['1.9', 'zone', 'recover'], ['2.4', '', 'recover'], ['2.9', '', 'recover'],
    ]);
  });

  it('rounds to the microsecond, and tells the requests of a window', () => {
    const [row] = read(csv.render({ ...heldRun, observations: [{ ...one, requests: { ok: 7, failed: 2, unknown: 1 } }] }));
    assert.deepEqual(row, {
      time: '2026-11-23T10:21:39.746Z', t_s: '1.234568', took_s: '0.001432', probe: 'writes', stream: 'writes', value: 'bad', why: 'refused', phase: 'recover', faults: 'zone extra', ok: '7', failed: '2', unknown: '1',
    });
  });

  it('is no formula to a spreadsheet, and keeps each text in its cell', () => {
    for (const why of [...hostileTexts, '=1+1', '+1', '-1', '@x', '\t=1', ' =1', '＝1', 'a,b', 'a"b', '"=1"']) {
      const rows = read(csv.render({ ...heldRun, observations: [{ ...one, probe: why, stream: why, why }] }));
      assert.equal(rows.length, 1);
      for (const key of ['probe', 'stream', 'why']) assert.doesNotMatch(rows[0]![key]!, /^\s*[=+\-@＝＋－＠]/);
    }
    assert.equal(read(csv.render({ ...heldRun, observations: [{ ...one, why: 'a,"b"' }] }))[0]!['why'], 'a,"b"');
  });

  it('is the head line alone for a run whose observations were not kept', () => {
    assert.match(csv.render(heldRun), /^time,t_s,.*\r\n$/);
  });
});
