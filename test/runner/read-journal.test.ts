import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFormats } from '../../reports/format.ts';
import { judgeWhatIsThere } from '../../runner/judge-what-is-there.ts';
import { journalVersion, type Entry } from '../../runner/journal.ts';
import { answers, JournalBuilder } from './journal-builder.ts';

const formats = Object.values(await loadFormats());

describe('a journal that something happened to', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-journal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (text: string): string => {
    writeFileSync(join(folder, 'journal.ndjson'), text);
    return folder;
  };
  const linesOf = (entries: readonly unknown[]): string[] => entries.map((entry) => JSON.stringify(entry));
  const whole = (): Entry[] => new JournalBuilder().fault(0, 'zone').observe('writes', answers(-5_000, 10_000)).end(1_000, 10_000).entries;
  const renders = async (text: string): ReturnType<typeof judgeWhatIsThere> => {
    const found = await judgeWhatIsThere(written(text), { observations: true });
    for (const { render } of formats) assert.ok(render(found.run).length > 0);
    return found;
  };

  it('is judged as it is when nothing happened', async () => {
    const { run, problems } = await renders(`${linesOf(whole()).join('\n')}\n`);
    assert.equal(run.verdict.value, 'held');
    assert.deepEqual(problems, []);
  });

  it('says that the run never ended, when it is cut off, also within a line', async () => {
    const lines = linesOf(whole());
    for (const cut of [lines.slice(0, 4).join('\n'), `${lines.slice(0, 5).join('\n')}\n`, `${lines.slice(0, 5).join('\n')}\n${lines[5]!.slice(0, 30)}`]) {
      const { run, problems } = await renders(cut);
      assert.equal(run.run.outcome, null);
      assert.notEqual(run.verdict.value, 'held');
      assert.deepEqual(problems, []);
    }
  });

  it('says where it has a gap, tells the rest, and is not held', async () => {
    const entries = whole();
    const { run, problems } = await renders(`${linesOf(entries.filter(({ seq }) => seq !== 2)).join('\n')}\n`);
    assert.match(problems.join('\n'), /journal\.ndjson:3 is entry 3, and the one before was 1: the journal has a gap/);
    assert.deepEqual([run.verdict.value, run.verdict.headline], ['inconclusive', 'Inconclusive: the journal has 1 gap, and what is missing may be what broke.']);
    assert.ok(run.notes.some(({ text }) => /has a gap: entry 3 comes after entry 1/.test(text)));
  });

  it('leaves out lines that are no entries, and says which', async () => {
    const lines = linesOf(whole());
    lines.splice(3, 1, 'garbage', '{"half":');
    const { run, problems } = await renders(`${lines.join('\n')}\n`);
    assert.match(problems[0]!, /journal\.ndjson:4 is no journal entry, and was left out: garbage/);
    assert.equal(run.verdict.value, 'inconclusive');
  });

  it('counts damage that is much', async () => {
    const lines = linesOf(whole());
    const { problems } = await renders(`${lines[0]!}\n${'garbage\n'.repeat(50)}${lines.slice(1).join('\n')}\n`);
    assert.equal(problems.length, 6);
    assert.match(problems.at(-1)!, /has 45 more lines that are no entries/);
  });

  it('is told what is known of it when a newer firedrill wrote it, with a word on that', async () => {
    const newer = whole().map((entry) => (entry.type === 'run.started' ? { ...entry, version: journalVersion + 1 } : entry));
    const { run, problems } = await renders(`${linesOf([...newer, { seq: newer.length, at: newer.at(-1)!.at, t: newer.at(-1)!.t, type: 'weather' }]).join('\n')}\n`);
    assert.match(problems[0]!, new RegExp(`has format ${journalVersion + 1}, and this firedrill knows up to ${journalVersion}`));
    assert.equal(run.run.drill, 'etcd-zone-plus-one');
  });

  const refused: [what: string, text: string, says: RegExp][] = [
    ['is empty', '', /has no entry: this run never started/],
    ['stops within its first line', '{"seq":0,"at":"2026', /has no entry: this run never started/],
    ['is a text', 'Dear diary,\nnothing broke today.\n', /is no journal of a run: line 1 is "Dear diary,"; give the folder of a run/],
    ['is another kind of JSON', '{"name":"left-pad","version":"1.3.0"}\n', /is no journal of a run: line 1 is/],
    ['is bytes', `${String.fromCharCode(0, 1, 2)}\n\u001b[31m\n`, /is no journal of a run: line 1 is "\\u0000\\u0001\\u0002"/],
    ['has lost its beginning', '{"seq":7,"at":"2026-11-23T10:21:33.298Z","t":1,"type":"phase","phase":"inject"}\n', /does not begin with run\.started, but with "phase"/],
    ['is of another shape', '{"seq":0,"at":"2026-11-23T10:21:33.298Z","t":0,"type":"run.started","drill":"x"}\n', /can't be judged, as an entry is not as firedrill writes it .*; give the folder of a run/],
    ['is of a newer version, and of another shape', '{"seq":0,"at":"2026-11-23T10:21:33.298Z","t":0,"type":"run.started","version":99,"drill":"x"}\n', /has format 99, and this firedrill, which knows up to \d+, can't judge it .*use the firedrill that recorded it/],
  ];
  for (const [what, text, says] of refused) {
    it(`is refused in words when it ${what}`, () => assert.rejects(judgeWhatIsThere(written(text)), (error: Error) => error.name === 'ExpectedError' && says.test(error.message)));
  }

  it('is refused in words when it is not there, or no file', async () => {
    await assert.rejects(judgeWhatIsThere(join(folder, 'no')), /can't be read: ENOENT.*give the folder of a run/);
    await assert.rejects(judgeWhatIsThere(join(folder, '..', '.ndjson')), /can't be read/);
  });
});

describe('journals of every version so far', () => {
  const journals = new URL('../journals/', import.meta.url);
  const files = readdirSync(journals).filter((name) => name.endsWith('.ndjson'));

  it('each have a sample', () => {
    const versions = new Set(files.map((file) => (JSON.parse(readFileSync(new URL(file, journals), 'utf8').split('\n')[0]!) as { version: number }).version));
    assert.deepEqual([...versions].sort((a, b) => a - b), Array.from({ length: journalVersion }, (_, index) => index + 1));
  });

  for (const file of files) {
    it(`come out in every format: ${file}`, async () => {
      const { run, problems } = await judgeWhatIsThere(new URL(file, journals).pathname, { observations: true });
      assert.deepEqual(problems, []);
      for (const { render } of formats) assert.match(render(run), /[^\n]\n$/);
    });
  }
});
