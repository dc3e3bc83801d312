import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { realClock } from '../../runner/clock.ts';
import { openJournal, parseJournal, readJournal } from '../../runner/journal-file.ts';
import { createMask } from '../../runner/mask.ts';

describe('the journal on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-journal-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('has one line for each entry, numbered and timed', async () => {
    const journal = await openJournal({ folder, clock: realClock, mask: createMask() });
    for (let n = 0; n < 100; n += 1) journal.append('note', { text: `note ${n}` });
    await journal.close();
    const entries = await readJournal(folder);
    assert.deepEqual(entries.map((entry) => entry.seq), Array.from({ length: 100 }, (_, n) => n));
    assert.ok(entries.every((entry) => entry.type === 'note' && entry.t >= 0 && /^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/.test(entry.at)));
    assert.equal((await readFile(join(folder, 'journal.ndjson'), 'utf8')).split('\n').length, 101);
  });

  it('is never written over', async () => {
    await (await openJournal({ folder, clock: realClock, mask: createMask() })).close();
    await assert.rejects(openJournal({ folder, clock: realClock, mask: createMask() }), /journal\.ndjson can't be made: EEXIST/);
  });

  it('keeps what it could not write, in order, and says why', async () => {
    let full = false;
    const journal = await openJournal({
      folder,
      clock: realClock,
      mask: createMask(),
      openSink: async () => ({
        write: async () => {
          if (full) throw new Error('ENOSPC: no space left on device');
        },
        sync: async () => {},
        close: async () => {},
      }),
    });
    journal.append('note', { text: 'written' });
    await journal.commit();
    full = true;
    journal.append('note', { text: 'lost 1' });
    journal.append('note', { text: 'lost 2' });
    await assert.rejects(journal.commit(), /can't be written: ENOSPC/);
    assert.ok(journal.failed.aborted);
    assert.deepEqual(journal.unwritten.map((entry) => entry.type === 'note' && entry.text), ['lost 1', 'lost 2']);
    await journal.close();
  });

  it('is read up to where it was cut, wherever that is', async () => {
    const journal = await openJournal({ folder, clock: realClock, mask: createMask() });
    for (let n = 0; n < 5; n += 1) journal.append('note', { text: `note ${n} – with “quotes” and\nlines` });
    await journal.close();
    const text = await readFile(join(folder, 'journal.ndjson'), 'utf8');
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        const whole = text.slice(0, length).split('\n').length - 1;
        const entries = parseJournal(text.slice(0, length), 'j');
        assert.ok(entries.length === whole || entries.length === whole + 1);
      }),
    );
  });

  it('with a broken line in the middle is refused with the line', () => {
    assert.throws(() => parseJournal('{"seq":0,"t":0,"type":"note"}\ngarbage\n{"seq":1,"t":0,"type":"note"}\n', 'j'), /^ExpectedError: j:2 is no journal entry: garbage/);
  });

  it('that is empty or missing is refused', async () => {
    await assert.rejects(readJournal(join(folder, 'nothing')), /can't be read: ENOENT.*give the folder of a run/);
    await writeFile(join(folder, 'journal.ndjson'), '');
    await assert.rejects(readJournal(folder), /has no entry: this run never started/);
  });
});

describe('a journal on a platform with secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-journal-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const mask = createMask();
  mask.add('hunter2', { of: 'etcd.password' });

  it('has none of them in it, and shows none to who listens', async () => {
    const heard: string[] = [];
    const journal = await openJournal({ folder, clock: realClock, mask, onEntry: (entry) => heard.push(JSON.stringify(entry)) });
    journal.append('note', { text: 'etcd says: hunter2 is wrong' });
    journal.append('observations', { probe: 'p', stream: 's', raw: [[0, 1, 'b', 'no hunter2'], [1, 2, 'g', undefined, { hunter2: 'x' }]] });
    await journal.close();
    const written = await readFile(join(folder, 'journal.ndjson'), 'utf8');
    assert.doesNotMatch(written + heard.join(''), /hunter2/);
    assert.match(written, /etcd says: \*\*\* is wrong/);
  });

  it('is not gone on with when an undo record has one of them in it: nothing may be broken that can not be put back', async () => {
    const journal = await openJournal({ folder, clock: realClock, mask });
    journal.append('fault.intent', { fault: 'f', kind: 'k', says: 's', sum: '', targets: [], undo: { original: { annotation: 'hunter2' } } });
    await assert.rejects(journal.commit(), /the undo record of fault f holds a secret of this environment/);
    await journal.close();
    assert.doesNotMatch(await readFile(join(folder, 'journal.ndjson'), 'utf8'), /hunter2/);
  });
});
