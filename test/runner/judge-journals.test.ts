import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { judge } from '../../runner/judge.ts';
import type { Entry } from '../../runner/journal.ts';
import type { JudgedRun } from '../../runner/verdict.ts';

const folder = new URL('../journals/', import.meta.url);
const names = readdirSync(folder).filter((file) => file.endsWith('.ndjson')).map((file) => file.replace('.ndjson', ''));

function entriesOf(name: string): Entry[] {
  const lines = readFileSync(new URL(`${name}.ndjson`, folder), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Entry);
}

/** What the judge makes of a journal, without what it only passes on. */
function findings(run: JudgedRun): string {
  const { verdict, slos, faults, waterfall, leader, phases, notes, probes, lives } = run;
  const streams = probes.flatMap((probe) => probe.streams).map(({ name, good, bad, unknown, outages, reasons }) => ({ name, good, bad, unknown, outages, reasons }));
  const shown = {
    verdict,
    slos: slos.map(({ slo: _, ...rest }) => rest),
    faults: faults.map(({ targets, ...rest }) => ({ ...rest, targets: targets.map(({ name }) => name) })),
    waterfall,
    leader,
    phases,
    lives: lives.map(({ name, zone, segments }) => ({ name, zone, states: segments.map(({ state }) => state) })),
    streams,
    notes,
  };
  const rounded = (_: string, value: unknown): unknown => {
    if (value === Number.POSITIVE_INFINITY) return 'infinite';
    return typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;
  };
  return `${JSON.stringify(shown, rounded, 2)}\n`;
}

describe('a saved journal', () => {
  for (const name of names) {
    it(`is judged as before: ${name} (UPDATE_GOLDEN=1 writes it anew)`, () => {
      const file = new URL(`${name}.judged.json`, folder);
      const found = findings(judge(entriesOf(name)));
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, found);
      assert.equal(found, readFileSync(file, 'utf8'));
    });

    it(`is judged wherever it was cut, and never held then: ${name}`, () => {
      const entries = entriesOf(name);
      fc.assert(
        fc.property(fc.integer({ min: 1, max: entries.length - 1 }), (length) => {
          assert.notEqual(judge(entries.slice(0, length)).verdict.value, 'held');
        }),
        { numRuns: 20 },
      );
    });
  }
});
