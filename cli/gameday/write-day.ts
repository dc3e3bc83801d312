import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dayHtml } from '../../reports/gameday/html.ts';
import { dayMarkdown } from '../../reports/gameday/markdown.ts';
import { keptFrom } from '../../reports/words/day.ts';
import { messageOf } from '../../runner/errors.ts';
import type { JudgedDay } from '../../runner/gameday/judge-day.ts';
import type { WrittenReports } from '../write-reports.ts';

/**
 * Writes `report.html` and `report.md` of a day. What people have filled in at the end of a `report.md` that is there is kept. A
 * file that can't be written doesn't keep the other back.
 *
 * @param folder of the day
 */
export async function writeDay(folder: string, day: JudgedDay): Promise<WrittenReports> {
  const paths: string[] = [];
  const failures: string[] = [];
  const write = async (extension: string, text: () => Promise<string>): Promise<void> => {
    const path = join(folder, `report.${extension}`);
    try {
      await writeFile(path, await text());
      paths.push(path);
    } catch (error) {
      failures.push(`${path} could not be written: ${messageOf(error)}`);
    }
  };
  await write('html', async () => dayHtml(day));
  await write('md', async () => dayMarkdown(day, await filledIn(join(folder, 'report.md'))));
  return { paths, failures };
}

/** What stands below the line from which a report is the people's own; undefined where there is no report yet. */
async function filledIn(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const at = text.indexOf(`${keptFrom}\n`);
  return at === -1 ? undefined : text.slice(at + keptFrom.length + 1);
}
