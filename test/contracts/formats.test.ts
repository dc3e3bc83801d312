import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { loadFormats, plainStyle } from '../../reports/format.ts';
import type { Format } from '../../reports/format.ts';
import { anyRun, hostileTexts, runFullOf } from '../reports/any-run.ts';
import { heldRun, sampleRuns } from '../reports/sample-runs.ts';

const formats = await loadFormats();

describe('every report format', () => {
  it('is a file right in reports/, and every such file but the contract is a format', async () => {
    const files = (await readdir(new URL('../../reports/', import.meta.url))).filter((file) => file.endsWith('.ts'));
    assert.deepEqual(Object.keys(formats).sort(), files.map((file) => file.replace(/\.ts$/, '')).filter((file) => file !== 'format').sort());
  });

  it('is written to a file of its own', () => {
    const extensions = Object.values(formats).flatMap(({ extension }) => (extension === null ? [] : [extension]));
    assert.equal(new Set(extensions).size, extensions.length);
  });

  for (const [name, format] of Object.entries(formats)) {
    describe(name, () => honours(format));
  }
});

function honours(format: Format): void {
  it('says what it is for in one sentence, and what its file ends with', () => {
    assert.match(format.summary, /^[A-Z].*\.$/);
    if (format.extension !== null) assert.match(format.extension, /^[a-z]+$/);
  });

  it('gives the same text for the same run, and leaves the run as it was', () => {
    const before = JSON.stringify(heldRun);
    assert.equal(format.render(heldRun), format.render(heldRun));
    assert.equal(JSON.stringify(heldRun), before);
  });

  it('ends in exactly one newline', () => {
    for (const run of Object.values(sampleRuns)) assert.match(format.render(run), /[^\n]\n$/);
  });

  it('copes with every run that the types allow', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const text = format.render(run, plainStyle);
        assert.match(text, /[^\n]\n$/);
        assert.doesNotMatch(text, /\[object Object\]|\bundefined\b|(?<!\w)NaN\b/);
      }),
      { numRuns: 100 },
    );
  });

  for (const hostile of hostileTexts) {
    it(`shows no unseen or reordering character of ${JSON.stringify(hostile)}`, () => {
      // The end of a line of CSV is two characters.
      const text = format.render(runFullOf(hostile)).replaceAll('\r\n', '\n');
      // oxlint-disable-next-line no-control-regex -- control characters are what this is about
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
      assert.ok(text.isWellFormed());
    });
  }

  if (!format.timeSeries) it('names the verdict, the exit code and what is still broken', () => {
    const text = format.render(sampleRuns['aborted']!);
    assert.match(text, /broken/i);
    assert.match(text, /\b6\b/);
    assert.match(text, /cut/);
  });
}
