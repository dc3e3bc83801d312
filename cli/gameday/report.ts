import { readDay } from '../../runner/gameday/day-file.ts';
import { judgeDay } from '../../runner/gameday/judge-day.ts';
import { closingText } from './closing-text.ts';
import { writeDay } from './write-day.ts';

/**
 * `firedrill gameday report`: tells again what a day came to, from its journal, and writes its reports again.
 *
 * @returns the exit code of the day
 * @throws ExpectedError when it is no folder of a day
 */
export async function gamedayReportCommand(folder: string): Promise<number> {
  const day = judgeDay(await readDay(folder));
  const { paths, failures } = await writeDay(folder, day);
  process.stdout.write(closingText(day, folder, paths));
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return day.exitCode;
}
