import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { ExpectedError, messageOf } from './errors.ts';
import { keepHeapSmall } from './heap.ts';
import { journalFileName, parseEntry } from './journal-file.ts';
import { journalVersion, type Entry } from './journal.ts';

/** A journal that is read as far as it goes, whatever happened to it. */
export interface WhatIsThere {
  /** Read from the file as they are asked for, so that a long journal is never in memory as a whole. For one reader. */
  readonly entries: Iterable<Entry>;
  /** What was wrong, one line each. Complete when all entries have been read. */
  readonly problems: readonly string[];
}

const chunkBytes = 1 << 20;
/** Of each kind of damage so many are told, and the others counted. */
const mostTold = 5;

/**
 * Reads a journal for people who want to know what can still be told: lines that are no entries are left out and named, and
 * so are entries that are missing. A last line that is cut short is no damage: the process died while it wrote it.
 *
 * @param folder the folder of a run, or the path of the journal itself
 * @throws ExpectedError when there is none, it is empty, or it is no journal at all; also while it is read
 */
export function readWhatIsThere(folder: string): WhatIsThere {
  const path = folder.endsWith('.ndjson') ? folder : join(folder, journalFileName);
  const problems: string[] = [];
  keepHeapSmall();
  return { entries: entriesOf(path, problems), problems };
}

function* entriesOf(path: string, problems: string[]): Generator<Entry> {
  const garbage = toldOf(problems, (count) => `${path} has ${count} more lines that are no entries`);
  const missing = toldOf(problems, (count) => `${path} has ${count} more gaps`);
  let number = 0;
  let before: Entry | undefined;
  for (const { line, torn } of linesOf(path)) {
    number += 1;
    if (line === '') continue;
    const entry = parseEntry(line);
    if (!entry) {
      if (torn) continue;
      // What is no journal from its first line on is somebody else's file.
      if (!before) throw new ExpectedError(`${path} is no journal of a run: line ${number} is ${JSON.stringify(line.slice(0, 60))}; give the folder of a run`);
      garbage.tell(`${path}:${number} is no journal entry, and was left out: ${line.slice(0, 60)}`);
      continue;
    }
    if (!before && entry.type !== 'run.started') throw new ExpectedError(`${path} does not begin with run.started, but with ${JSON.stringify(entry.type)}: it is no journal of a run, or has lost its beginning, and nothing can be told from it`);
    if (!before && entry.type === 'run.started' && entry.version > journalVersion) {
      problems.push(`${path} has format ${entry.version}, and this firedrill knows up to ${journalVersion}: what it doesn't know is left out; a newer firedrill tells all`);
    }
    if (before && entry.seq !== before.seq + 1) missing.tell(`${path}:${number} is entry ${entry.seq}, and the one before was ${before.seq}: the journal has a gap`);
    before = entry;
    yield entry;
  }
  garbage.end();
  missing.end();
  if (!before) throw new ExpectedError(`${path} has no entry: this run never started`);
}

function toldOf(problems: string[], rest: (count: number) => string): { tell(problem: string): void; end(): void } {
  let count = 0;
  return {
    tell(problem) {
      count += 1;
      if (count <= mostTold) problems.push(problem);
    },
    end() {
      if (count > mostTold) problems.push(rest(count - mostTold));
    },
  };
}

/** The lines of a file, without their ends; the last one is torn when it has none. */
function* linesOf(path: string): Generator<{ line: string; torn: boolean }> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the folder of a run`, undefined, { cause: error });
  }
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let read = readChunk(file, chunk, path); read > 0; read = readChunk(file, chunk, path)) {
      const text = rest + decoder.write(chunk.subarray(0, read));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        yield { line: text.slice(from, end), torn: false };
        from = end + 1;
      }
      rest = text.slice(from);
    }
    rest += decoder.end();
    if (rest !== '') yield { line: rest, torn: true };
  } finally {
    closeSync(file);
  }
}

function readChunk(file: number, chunk: Buffer, path: string): number {
  try {
    return readSync(file, chunk);
  } catch (error) {
    throw new ExpectedError(`${path} can't be read: ${messageOf(error)}; give the folder of a run`, undefined, { cause: error });
  }
}
