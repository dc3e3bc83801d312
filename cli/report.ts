import { journalFileName, readJournal } from '../runner/journal-file.ts';
import { judge } from '../runner/judge.ts';
import { join } from 'node:path';
import { closingText, writeReports } from './write-reports.ts';

/**
 * `firedrill report`: judges a run again from its journal and writes its reports again.
 *
 * @returns the exit code of the verdict, as the run itself had
 */
export async function reportCommand(folder: string, options: { out?: string }): Promise<number> {
  const judged = judge(await readJournal(folder));
  const out = options.out ?? folder;
  const { paths, failures } = await writeReports(out, judged);
  process.stdout.write(await closingText(judged, process.stdout, [...paths, join(folder, journalFileName)]));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return judged.verdict.exitCode;
}
