import { journalFileName } from '../runner/journal-file.ts';
import { judgeFolder } from '../runner/judge-folder.ts';
import { join } from 'node:path';
import { closingText, writeReports } from './write-reports.ts';

/**
 * `firedrill report`: judges a run again from its journal, and from the histories beside it, and writes its reports again.
 *
 * @returns the exit code of the verdict, as the run itself had
 */
export async function reportCommand(folder: string, options: { out?: string }): Promise<number> {
  const judged = await judgeFolder(folder);
  const out = options.out ?? folder;
  const { paths, failures } = await writeReports(out, judged);
  process.stdout.write(await closingText(judged, process.stdout, [...paths, join(folder, journalFileName)]));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return judged.verdict.exitCode;
}
