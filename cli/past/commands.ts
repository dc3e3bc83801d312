import { Command, Option } from 'commander';

/**
 * `firedrill history`.
 *
 * @param ends is told the exit code
 */
export function historyCommand(ends: (exitCode: number) => void): Command {
  return new Command('history')
    .description('list the runs of a folder, newest first, with their scores; damaged and foreign folders are named')
    .exitOverride()
    .option('--drill <name>', 'only runs of this drill')
    .addOption(new Option('--verdict <verdict>', 'only those with this verdict').choices(['held', 'broken', 'inconclusive']))
    .option('--since <time>', 'only those that began then or later: 2026-11-23, 2026-11-23T10:00Z, or how long ago, 7d')
    .option('--until <time>', 'only those that began before')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .addOption(new Option('--json', 'print them as JSON').conflicts('html'))
    .option('--html', 'write them as a page, index.html in the folder of runs, which works from disk')
    .action(async (options) => {
      const history = await import('./history.ts');
      ends(await history.historyCommand(options));
    });
}

/**
 * `firedrill compare`.
 *
 * @param ends is told the exit code
 */
export function compareCommand(ends: (exitCode: number) => void): Command {
  return new Command('compare')
    .description('put runs of one drill side by side: each SLO and each step of recovery, what changed, and whether it is more than noise')
    .argument('<runs...>', 'names or folders; repeats joined by commas, or the name of a gate, are one side')
    .exitOverride()
    .option('--baseline <file>', 'what the runs are compared with, in place of the first: a file, a folder, or main for the file as it is on that branch')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .addOption(new Option('--format <format>', 'how it is printed').choices(['text', 'markdown', 'json']).default('text'))
    .action(async (runs: string[], options) => {
      const compare = await import('./compare.ts');
      ends(await compare.compareCommand(runs, options));
    });
}

/**
 * `firedrill trend`.
 *
 * @param ends is told the exit code
 */
export function trendCommand(ends: (exitCode: number) => void): Command {
  return new Command('trend')
    .description('show how long recovery took over the runs of a drill, as a chart')
    .argument('<drill>', 'its name')
    .exitOverride()
    .option('--out <folder>', 'where runs are kept', 'runs')
    .addOption(new Option('--json', 'print it as JSON').conflicts('html'))
    .option('--html', 'write it as a page in the folder of runs, trend-<drill>.html')
    .action(async (drill: string, options) => {
      const trend = await import('./trend.ts');
      ends(await trend.trendCommand(drill, options));
    });
}
