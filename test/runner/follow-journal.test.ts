import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { followJournal, type Followed } from '../../runner/follow-journal.ts';

const line = (seq: number, text = ''): string => `${JSON.stringify({ seq, at: '2026-01-02T00:00:00.000Z', t: seq, type: 'note', text })}\n`;

describe('following a journal', () => {
  let folder: string;
  let path: string;
  let stop: AbortController;
  let following: AsyncGenerator<Followed>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-follow-'));
    path = join(folder, 'journal.ndjson');
    stop = new AbortController();
    following = followJournal(path, { clock: realClock, signal: stop.signal, everyMs: 5 });
  });
  afterEach(async () => {
    stop.abort();
    await following.return(undefined);
    await rm(folder, { recursive: true });
  });

  /** The numbers of the entries that come next, until there are so many; `again` stands before those of another file. */
  async function next(count: number): Promise<(number | 'again')[]> {
    const seen: (number | 'again')[] = [];
    while (seen.filter((one) => one !== 'again').length < count) {
      const { value, done } = await following.next();
      assert.ok(!done);
      seen.push(...(value.again ? ['again' as const] : []), ...value.entries.map(({ seq }) => seq));
    }
    return seen;
  }

  it('waits for one that is not there yet, and goes with it as it grows', async () => {
    const first = next(1);
    await writeFile(path, line(0));
    assert.deepEqual(await first, [0]);
    await appendFile(path, line(1) + line(2));
    assert.deepEqual(await next(2), [1, 2]);
  });

  it('waits for the rest of half a line, also where a character is cut', async () => {
    const bytes = Buffer.from(line(1, 'zürich ⚡'));
    const cut = bytes.indexOf(0xe2) + 1;
    await writeFile(path, Buffer.concat([Buffer.from(line(0)), bytes.subarray(0, cut)]));
    assert.deepEqual(await next(1), [0]);
    const rest = following.next();
    await appendFile(path, bytes.subarray(cut));
    const { value } = (await rest) as { value: Followed };
    assert.deepEqual(value.entries.map((entry) => entry.type === 'note' && entry.text), ['zürich ⚡']);
  });

  it('leaves out a line that is no entry', async () => {
    await writeFile(path, `${line(0)}no entry\n\n${line(1)}`);
    assert.deepEqual(await next(2), [0, 1]);
  });

  it('begins again when it is cut', async () => {
    await writeFile(path, line(0) + line(1));
    assert.deepEqual(await next(2), [0, 1]);
    await truncate(path, Buffer.byteLength(line(0)));
    assert.deepEqual(await next(1), ['again', 0]);
  });

  it('begins again when another takes its place', async () => {
    await writeFile(path, line(0));
    assert.deepEqual(await next(1), [0]);
    await writeFile(`${path}.new`, line(7) + line(8));
    await rename(`${path}.new`, path);
    assert.deepEqual(await next(2), ['again', 7, 8]);
  });

  it('reads one that is longer than it reads at a time', async () => {
    const count = 3_000;
    await writeFile(path, Array.from({ length: count }, (_, seq) => line(seq, 'x'.repeat(1_000))).join(''));
    const seen = await next(count);
    assert.deepEqual([seen.length, seen[0], seen.at(-1)], [count, 0, count - 1]);
  });

  it('ends when nobody wants it any more', async () => {
    await writeFile(path, line(0));
    await next(1);
    const ended = following.next();
    stop.abort();
    assert.equal((await ended).done, true);
  });
});
