import { posix } from 'node:path';
import { stringify } from 'yaml';
import { timerGroups, type EmitInput, type EmittedFile } from './schedule.ts';
import { utcCrons } from './utc-cron.ts';

export interface GithubInput extends EmitInput {
  /** From when on the times in UTC have to hold; milliseconds since 1970. */
  readonly fromMs: number;
  /** Where the game day's file is in the repository; its drills and the environment file lie beside it. */
  readonly folder: string;
  /** The name of the environment file there. */
  readonly environmentFile: string;
}

/**
 * The schedule as a workflow of GitHub Actions. GitHub's cron is UTC only: where a zone changes its clocks there is a line
 * for each of its offsets, and firedrill, which knows the zone, does nothing when it is started by the wrong one. Pure.
 *
 * @throws ExpectedError when UTC can't say an expression
 */
export function emitGithub({ name, title, recurring, gamedayFile, version, fromMs, folder, environmentFile }: GithubInput): EmittedFile[] {
  const lines = timerGroups(recurring).flatMap((group) => {
    const offsets = utcCrons(group.cron, group.timeZone, fromMs);
    return offsets.flatMap(({ crons, offsetMinutes }) =>
      crons.map((cron) => ({ cron, says: `${group.of.map((slot) => slot.name).join(', ')}: "${group.cron}" in ${group.timeZone} while it is UTC${offsetText(offsetMinutes)}` })),
    );
  });
  const once = [...Map.groupBy(lines, ({ cron }) => cron)].map(([cron, all]) => `    # ${all.map(({ says }) => says).join('; ')}\n    - cron: '${cron}'\n`);
  const at = (path: string): string => posix.join(folder, path);
  const job = {
    'runs-on': 'ubuntu-latest',
    'timeout-minutes': 350,
    steps: [
      { uses: 'actions/checkout@v4' },
      { uses: 'actions/setup-node@v4', with: { 'node-version': '24' } },
      { run: `npm install --global --ignore-scripts firedrill@${version}` },
      { name: 'Which slots have been run', uses: 'actions/cache/restore@v4', with: { path: '.firedrill/state', key: `firedrill-${name}-never`, 'restore-keys': `firedrill-${name}-` } },
      {
        name: 'What is due',
        run: `exec firedrill gameday schedule ${at(gamedayFile)} --once --env ${at(environmentFile)} --state .firedrill/state --out .firedrill/runs`,
      },
      { name: 'Keep which slots have been run', if: 'always()', uses: 'actions/cache/save@v4', with: { path: '.firedrill/state', key: `firedrill-${name}-\${{ github.run_id }}-\${{ github.run_attempt }}` } },
      { if: 'always()', uses: 'actions/upload-artifact@v4', with: { name: 'runs', path: '.firedrill/runs', 'if-no-files-found': 'ignore', 'include-hidden-files': true } },
    ],
  };
  const text = `# The schedule "${title.replaceAll(/\s+/g, ' ')}", written by firedrill gameday schedule --emit github.
#
# GitHub's cron is UTC only, and knows no daylight-saving time. Where a zone changes its clocks, there is a line for each of
# its offsets: firedrill goes by the zone itself (see ${gamedayFile}), and ends at once when no slot is due. GitHub starts
# late when it is busy: a slot that is later than "late" allows is reported as missed. It stops schedules of repositories in
# which nothing has happened for 60 days. Which slots have been run is kept in the cache of this repository; when GitHub drops
# that, a slot is still run once for each time that GitHub starts this.
name: ${JSON.stringify(`firedrill: ${title}`)}
on:
  schedule:
${once.join('')}  workflow_dispatch: {}
${stringify({ permissions: { contents: 'read' }, concurrency: { group: `firedrill-${name}`, 'cancel-in-progress': false }, jobs: { schedule: job } }, { lineWidth: 0 })}`;
  return [{ path: `.github/workflows/firedrill-${name}.yaml`, text }];
}

function offsetText(minutes: number): string {
  if (minutes === 0) return '';
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}
