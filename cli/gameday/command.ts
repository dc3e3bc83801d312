import { Command } from 'commander';
import { addScheduleCommand } from '../schedule/command-line.ts';
import { wholeNumber } from '../whole-number.ts';

/**
 * `firedrill gameday …`. Loads what a command needs when it runs.
 *
 * @param ends is told the exit code of the command that ran
 */
export function gamedayCommand(ends: (exitCode: number) => void): Command {
  const gameday = new Command('gameday').description('drills on days on which people look on, and on a schedule').exitOverride();

  gameday
    .command('run [file]')
    .exitOverride()
    .description('lead through a game day: announcement, go/no-go, countdown, each drill, notes, one report')
    .option('--env <file>', 'the platform: an environment file; the one that the file names by default')
    .option('--lab <name>', 'a lab that is up')
    .option('--seed <number>', 'draws the same drills and the same targets again', wholeNumber('--seed'))
    .option('--out <folder>', 'where days and runs are kept', 'runs')
    .option('--allow-protected <name>', 'the name of the environment, to break one that is protected')
    .option('--resume <folder>', 'go on with a day that was killed or interrupted: its plan stands')
    .option('--yes', 'ask nobody: every question is a go, and the record says so')
    .action(async (file: string | undefined, options) => {
      const { gamedayRunCommand } = await import('./run.ts');
      ends(await gamedayRunCommand(file, options));
    });

  gameday
    .command('report <folder>')
    .exitOverride()
    .description("make a day's report again from its journal; what was filled in at the end of report.md is kept")
    .action(async (folder: string) => {
      const { gamedayReportCommand } = await import('./report.ts');
      ends(await gamedayReportCommand(folder));
    });

  addScheduleCommand(gameday, ends);
  return gameday;
}
