import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadFormats, type Format } from '../reports/format.ts';
import { ExpectedError, messageOf } from '../runner/errors.ts';
import { journalFileName } from '../runner/journal-file.ts';
import { judgeWhatIsThere } from '../runner/judge-what-is-there.ts';
import type { JudgedRun } from '../runner/verdict.ts';
import { closingText, writeReports } from './write-reports.ts';
import { visibleLines } from './visible-lines.ts';

export interface ReportOptions {
  /** A file in `reports/`. */
  readonly format?: string;
  readonly out?: string;
}

/**
 * `firedrill report`: judges a run again from its journal and the histories beside it, and writes its reports again, or one of them. A journal that is
 * damaged, or of a newer version, is told of, and what can be told is.
 *
 * @returns the exit code of the verdict, as the run itself had
 * @throws ExpectedError when nothing can be told of the run, or nothing can be written
 */
export async function reportCommand(folder: string, { format, out }: ReportOptions): Promise<number> {
  const formats = await loadFormats();
  const chosen = format === undefined ? undefined : Object.hasOwn(formats, format) ? formats[format] : null;
  if (chosen === null) throw new ExpectedError(`--format is ${JSON.stringify(format)}; give one of ${Object.keys(formats).join(', ')}`);
  const { run: judged, problems } = await judgeWhatIsThere(folder, { observations: chosen?.timeSeries === true });
  for (const problem of problems) process.stderr.write(`${visibleLines(problem)}\n`);
  if (chosen === undefined) await writeAll(folder.endsWith('.ndjson') ? dirname(folder) : folder, out, judged);
  else await writeOne(chosen, out, judged);
  return judged.verdict.exitCode;
}

async function writeAll(folder: string, out: string | undefined, judged: JudgedRun): Promise<void> {
  const { paths, failures } = await writeReports(out ?? folder, judged);
  process.stdout.write(await closingText(judged, process.stdout, [...paths, join(folder, journalFileName)]));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
}

async function writeOne({ render, lines }: Format, out: string | undefined, judged: JudgedRun): Promise<void> {
  const parts = lines ? lines(judged) : [render(judged)];
  try {
    if (out === undefined) await pipeline(Readable.from(inChunks(parts)), process.stdout, { end: false });
    else await pipeline(Readable.from(inChunks(parts)), createWriteStream(out));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whoever reads only the beginning has what they want.
    if (out === undefined && code === 'EPIPE') return;
    throw new ExpectedError(`${out ?? 'the report'} could not be written: ${messageOf(error)}`, undefined, { cause: error });
  }
}

/** Lines are short, and each write takes its time. */
function* inChunks(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
