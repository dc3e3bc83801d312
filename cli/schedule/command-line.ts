import { Option, type Command } from 'commander';

/**
 * `firedrill gameday schedule`, added to `firedrill gameday`. Loads what it needs when it runs.
 *
 * @param ends is told the exit code
 */
export function addScheduleCommand(gameday: Command, ends: (exitCode: number) => void): void {
  gameday
    .command('schedule <file>')
    .exitOverride()
    .description("run the drills of a game day's schedule, each slot once, until it is ended; or write it for what runs schedules already")
    .option('--state <folder>', 'where it is kept which slots have been run; one scheduler works with it at a time')
    .option('--env <file>', 'the platform: an environment file; the one that the file names by default')
    .option('--lab <name>', 'a lab that is up')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--once', 'run what is due now and end, as started by a timer')
    .option('--allow-protected <name>', 'the name of the environment, to break one that is protected')
    .addOption(new Option('--emit <target>', 'write it for this in place of running it').choices(['kubernetes', 'systemd', 'github']))
    .option('--to <folder>', 'with --emit: where to; <name>-<target> by default')
    .option('--image <reference>', 'with --emit kubernetes: the image; see deploy/Dockerfile')
    .option('--namespace <name>', 'with --emit kubernetes: where it runs', 'firedrill')
    .action(async (file: string, options) => {
      if (options.emit !== undefined) {
        const { emitCommand } = await import('../emit/command.ts');
        return ends(await emitCommand(file, options));
      }
      const { scheduleCommand } = await import('./command.ts');
      ends(await scheduleCommand(file, options));
    });
}
