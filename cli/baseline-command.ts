import { Command } from 'commander';

/**
 * `firedrill baseline …`: what recovery took when all was well.
 *
 * @param ends is told the exit code
 */
export function baselineCommand(ends: (exitCode: number) => void): Command {
  const command = new Command('baseline').description('what recovery took when all was well: small JSON, meant to be committed').exitOverride();

  command
    .command('update [gate]')
    .description('make what a gate has measured the baseline for those to come: its name; the newest by default')
    .exitOverride()
    .option('--baseline <file>', 'the file to write, or a folder for a file a drill; beside the suite by default')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .action(async (gate: string | undefined, options: { out: string; baseline?: string }) => {
      const { updateCommand } = await import('./baseline.ts');
      ends(await updateCommand(gate, options));
    });

  command
    .command('show [baseline]')
    .description('show a baseline: a file, a folder, or main for firedrill.baseline.json as it is on that branch')
    .exitOverride()
    .option('--json', 'as JSON, as it is in the file')
    .action(async (source: string | undefined, options: { json?: boolean }) => {
      const { showCommand } = await import('./baseline.ts');
      ends(await showCommand(source ?? 'firedrill.baseline.json', options));
    });

  return command;
}
