import { Argument, Command, CommanderError, Option } from 'commander';
import { ExpectedError, exitCodes, messageOf } from '../runner/errors.ts';
import { baselineCommand } from './baseline-command.ts';
import { gamedayCommand } from './gameday/command.ts';
import { labCommand } from './lab.ts';
import { compareCommand, historyCommand, trendCommand } from './past/commands.ts';
import { hideVariables, mask, maskStream } from './secrets.ts';
import { version } from './version.ts';
import { visibleLines } from './visible-lines.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * The command line. Commands load what they need when they run, so that the quick ones stay quick.
 *
 * @param args without the program's own name
 * @returns the exit code; see the table in the README
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  hideVariables(process.env);
  maskStream(process.stdout, mask);
  maskStream(process.stderr, mask);
  // Without this Node itself would write, past the mask, and end with a code that means a broken SLO.
  process.on('uncaughtException', (error) => process.exit(reportDefect(error)));
  let exitCode: number = exitCodes.held;
  const ends = (code: number): void => {
    exitCode = code;
  };
  try {
    await makeProgram(ends).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

/** Those that work on the platform and nowhere else. */
const onPlatform: ReadonlySet<string> = new Set(['run', 'plan', 'doctor', 'whole']);

/**
 * All commands, none of them loaded yet.
 *
 * @param ends is told the exit code of the command that ran
 */
export function makeProgram(ends: (exitCode: number) => void): Command {
  const program = new Command('firedrill')
    .description('Breaks a platform on purpose and proves how it recovers.')
    .version(version())
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();

  inheriting(program, 'run <drill>')
    .description('run a drill: its name in the catalogue, or a path; with neither --env nor --lab in a lab of its own')
    .option('--env <file>', 'the platform to run it on: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--seed <number>', 'draws the same targets again on the same platform', wholeNumber('--seed'))
    .option('--set <name=value>', 'sets a parameter of the drill (may be repeated)', collect, [])
    .option('--recovery-timeout <duration>', "in place of the drill's own, such as 90s")
    .option('--undo-timeout <duration>', 'how long undoing a fault is tried before a human is called')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--json', "print the journal's lines in place of the progress")
    .option('--plan <hash>', 'run only what firedrill plan called so: refused when it would be anything else by now')
    .option('--allow-protected <name>', 'the name of the environment, to break one that is protected')
    .option('--yes', 'do not ask before breaking something')
    .option('--id <run>', 'what the run is called: its folder in --out; made from the time and the drill by default')
    .option('--no-watchdog', 'start no watchdog: what a run that dies has left waits for firedrill recover')
    .action(async (drill: string, options) => {
      const { runCommand } = await import('./run.ts');
      ends(await runCommand(drill, options));
    });

  inheriting(program, 'plan <drill>')
    .description('show what a drill would hit and why that is safe; touches nothing')
    .option('--env <file>', 'the platform: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--seed <number>', 'draws the same targets again on the same platform', wholeNumber('--seed'))
    .option('--set <name=value>', 'sets a parameter of the drill (may be repeated)', collect, [])
    .option('--json', 'print the plan as JSON')
    .option('--allow-protected <name>', 'the name of the environment, to see what would be in one that is protected')
    .action(async (drill: string, options) => {
      const { planCommand } = await import('./plan.ts');
      ends(await planCommand(drill, options));
    });

  inheriting(program, 'gate <what...>')
    .description('run a suite, or drills one after another, before a change: fails when an SLO breaks or recovery became slower; with neither --env nor --lab in one lab of its own')
    .option('--env <file>', 'the platform to run it on: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--repeat <number>', "how often each drill is run, in place of what the suite says", wholeNumber('--repeat', 1, 50))
    .option('--baseline <file>', 'compare what recovery took with this: a file, a folder, or main for the file as it is on that branch')
    .option('--junit <file>', 'write all runs into one JUnit file')
    .option('--fail-fast', 'run nothing more after the first drill that does not hold')
    .option('--shard <which>', 'run the second of four parts: 2/4')
    .option('--only <tag>', 'run only drills with this tag (may be repeated: with any of them)', collect, [])
    .option('--within <duration>', 'the time for the whole, such as 90m: what was not begun by then is not run')
    .option('--changed <range>', 'run only what the files changed in this range of git call for, by gate.paths of the suite')
    .option('--seed <number>', 'draws the same targets again on the same platform', wholeNumber('--seed'))
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--json', 'print a JSON object a line in place of text')
    .option('--allow-protected <name>', 'the name of the environment, to break one that is protected')
    .option('--yes', 'do not ask before breaking something')
    .action(async (what: string[], options) => {
      const { gateCommand } = await import('./gate.ts');
      ends(await gateCommand(what, options));
    });

  inheriting(program, 'whole')
    .description('look whether the platform is whole: etcd members healthy, groups as large as they should be, nodes and workloads ready; touches nothing')
    .option('--env <file>', 'the platform: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--json', 'print it as JSON')
    .action(async (options) => {
      const { wholeCommand } = await import('./whole.ts');
      ends(await wholeCommand(options));
    });

  inheriting(program, 'validate [drills...]')
    .description('check drills, by name or path, without touching anything; the whole catalogue by default')
    .option('--set <name=value>', 'sets a parameter of the drills (may be repeated)', collect, [])
    .action(async (drills: string[], options) => {
      const { validateCommand } = await import('./validate.ts');
      ends(await validateCommand(drills, options));
    });

  inheriting(program, 'report <run>')
    .description("make a run's reports again from its journal: all of them, or one of a format")
    .option('--format <format>', 'only this one, such as html, json, markdown, junit, openmetrics or csv; printed unless --out names a file')
    .option('--out <path>', "where to write: a folder, the run's own by default; with --format a file")
    .action(async (folder: string, options) => {
      const { reportCommand } = await import('./report.ts');
      ends(await reportCommand(folder, options));
    });

  program.addCommand(historyCommand(ends));
  program.addCommand(compareCommand(ends));
  program.addCommand(trendCommand(ends));

  inheriting(program, 'check <history>')
    .description('tell whether a recorded history of operations is linearizable; one of etcd is also checked for watches, durability, stale reads, members and leases')
    .addOption(new Option('--model <model>', 'what the operations are on; what the format says by default').choices(['etcd', 'register', 'cas-register', 'kv']))
    .addOption(new Option('--format <format>', "of the file: firedrill's own, Jepsen's log lines, or those of porcupine's key-value tests").choices(['auto', 'firedrill', 'jepsen', 'porcupine']).default('auto'))
    .option('--within <duration>', 'how long it may take; then the answer is unknown', '60s')
    .option('--memory <size>', 'how much a search may remember, such as 512MB; then the answer is unknown', '1GB')
    .option('--svg <file>', 'draw the counterexample, when there is one')
    .option('--json', 'print the findings as JSON')
    .action(async (history: string, options) => {
      const { checkCommand } = await import('./check.ts');
      ends(await checkCommand(history, options));
    });

  inheriting(program, 'recover [run]')
    .description('undo what a run that died has left: its name or folder; the newest that has left something by default')
    .option('--env <file>', "the run's platform; what its own command named by default")
    .option('--lab <name>', 'a lab that is up')
    .option('--sweep', 'without a journal: find everything on the platform that carries marks of firedrill, whatever the run, and put it back')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--json', 'print a JSON object a line in place of text')
    .action(async (run: string | undefined, options) => {
      const { recoverCommand } = await import('./recover.ts');
      ends(await recoverCommand(run, options));
    });

  inheriting(program, 'watchdog [run]')
    .description('put back what a run has left when its process is gone; started by run itself, which it hears on standard input')
    .option('--env <file>', "the run's platform: an environment file")
    .option('--lab <name>', 'a lab that is up')
    .option('--secret <namespace/name>', 'in a pod: the Secret with which the run shares its undo records')
    .action(async (folder: string | undefined, options) => {
      const { watchdogCommand } = await import('./watchdog.ts');
      ends(await watchdogCommand(folder, options));
    });

  inheriting(program, 'stop')
    .description('end the run that is under way, from any terminal or machine, and wait until everything is undone')
    .option('--env <file>', 'the platform: an environment file; the one that is locked on this machine by default')
    .option('--lab <name>', 'a lab that is up')
    .option('--run <run>', 'only this run, whatever else is under way')
    .action(async (options) => {
      const { stopCommand } = await import('./stop.ts');
      ends(await stopCommand(options));
    });

  inheriting(program, 'watch [run]')
    .description('follow a run as it happens, by its name or folder; the newest by default. It only reads: any number may watch')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--serve <port>', 'as a page for a screen on the wall, on this machine alone; 0 takes any free port', wholeNumber('--serve', 0, 65_535))
    .option('--env <file>', "the run's platform, for the page's stop button: an environment file; needed where its lock is not on this machine")
    .option('--lab <name>', 'a lab that is up')
    .option('--json', "print the journal's lines")
    .action(async (run: string | undefined, options) => {
      const { watchCommand } = await import('./watch/command.ts');
      ends(await watchCommand(run, options));
    });

  inheriting(program, 'locks')
    .description('show who holds the lock of an environment: one drill runs at a time')
    .option('--env <file>', 'the platform: an environment file; all that are locked on this machine by default')
    .option('--lab <name>', 'a lab that is up')
    .option('--break <run>', 'take the lock away from this run, whose process is gone')
    .option('--json', 'print them as JSON')
    .action(async (options) => {
      const { locksCommand } = await import('./locks.ts');
      ends(await locksCommand(options));
    });

  inheriting(program, 'permissions <drills...>')
    .description('print the least Kubernetes roles and IAM policy that drills need; touches nothing')
    .option('--set <name=value>', 'sets a parameter of the drills (may be repeated)', collect, [])
    .option('--json', 'as JSON in place of YAML')
    .addOption(new Option('--only <part>', 'one of the two').choices(['kubernetes', 'iam']))
    .action(async (drills: string[], options) => {
      const { permissionsCommand } = await import('./permissions.ts');
      ends(await permissionsCommand(drills, options));
    });

  inheriting(program, 'doctor [drills...]')
    .description('look whether the platform grants what drills need, a line for each permission that is missing; the whole catalogue by default')
    .option('--env <file>', 'the platform: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--set <name=value>', 'sets a parameter of the drills (may be repeated)', collect, [])
    .action(async (drills: string[], options) => {
      const { doctorCommand } = await import('./doctor.ts');
      ends(await doctorCommand(drills, options));
    });

  inheriting(program, 'schema')
    .description('print a JSON Schema, for editors: of drills, or of another kind of file')
    .addArgument(new Argument('[kind]', 'of which files').choices(['drill', 'gameday', 'suite', 'report']).default('drill'))
    .action(async (kind: string) => {
      const { schemaCommand } = await import('./schema.ts');
      ends(await schemaCommand(kind));
    });

  inheriting(program, 'status')
    .description('show the next slots, the last verdicts, and whether anything is broken right now; touches nothing')
    .option('--state <folder>', 'where the state of a schedule is kept; by it the next slots are told')
    .option('--out <folder>', 'where runs are kept', 'runs')
    .option('--env <file>', 'look at this platform as well: an environment file')
    .option('--lab <name>', 'a lab that is up')
    .option('--json', 'print it as JSON')
    .action(async (options) => {
      const { statusCommand } = await import('./status/command.ts');
      ends(await statusCommand(options));
    });

  program.addCommand(baselineCommand(ends));
  program.addCommand(gamedayCommand(ends));
  program.addCommand(labCommand(ends));
  program.hook('preAction', async (_program, command) => {
    if (command.parent !== program || !onPlatform.has(command.name())) return;
    const { enterPlatform } = await import('./enter-platform.ts');
    await enterPlatform(command.opts(), command.name() === 'run');
  });
  return program;
}

/** A sub-command that throws in place of ending the process, as the program does. */
function inheriting(program: Command, nameAndArguments: string): Command {
  return program.command(nameAndArguments).exitOverride();
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Says what went wrong. A stack is for failures that nobody foresaw. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.held : exitCodes.badInput;
  const foreseen = error instanceof ExpectedError || (error instanceof Error && 'exitCode' in error);
  if (!foreseen) return reportDefect(error);
  process.stderr.write(`${visibleLines(messageOf(error))}\n`);
  return (error as { exitCode: number }).exitCode;
}

function reportDefect(error: unknown): number {
  process.stderr.write(`firedrill: this is a defect of firedrill; please report it with the lines below\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.inconclusive;
}
