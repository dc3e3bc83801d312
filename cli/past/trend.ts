import { join } from 'node:path';
import { trendPage } from '../../reports/past/trend-page.ts';
import { trendText } from '../../reports/past/trend-text.ts';
import { exitCodes, ExpectedError } from '../../runner/errors.ts';
import { partsOfRunName } from '../../runner/run-name.ts';
import { trendOf } from '../../runner/past/trend.ts';
import { visibleLines } from '../visible-lines.ts';
import { readRuns } from './read-runs.ts';
import { show } from './shown.ts';

export interface TrendOptions {
  readonly out: string;
  readonly json?: boolean;
  readonly html?: boolean;
}

/**
 * `firedrill trend`: how long recovery took, over all runs of a drill in a folder.
 *
 * @param drill its name, as it is in the journal
 * @returns 0, whatever the runs came to
 * @throws ExpectedError when there is no run of it
 */
export async function trendCommand(drill: string, { out, json = false, html = false }: TrendOptions): Promise<number> {
  // A run that was named by hand may be of any drill.
  const { runs, odd } = await readRuns(out, (folder) => folder.includes(`-${drill}-`) || !partsOfRunName(folder));
  for (const { folder, why } of odd) process.stderr.write(`${visibleLines(`${folder} is left out: ${why}`)}\n`);
  const own = runs.filter(({ summary }) => summary.drill === drill);
  if (own.length === 0) throw new ExpectedError(`there is no run of ${drill} in ${out}; firedrill history lists what there is`);
  const trend = trendOf(drill, own.map(({ summary }) => summary));
  // A drill's name may come from anybody's journal: what the file is called must not lead elsewhere.
  const path = join(out, `trend-${encodeURIComponent(drill)}.html`);
  await show({ data: trend, path, page: trendPage, text: trendText }, { json, html });
  return exitCodes.held;
}
