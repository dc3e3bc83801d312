import { hostname, userInfo } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { readGameday } from '../../scenarios/gameday.ts';
import { outsideHours } from '../../runner/calendar.ts';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError, Refused } from '../../runner/errors.ts';
import { dayVersion, type DayBodies, type DayEntry } from '../../runner/gameday/day.ts';
import { openDay, readDay, type DayJournal } from '../../runner/gameday/day-file.ts';
import { planDay } from '../../runner/gameday/draw.ts';
import { judgeDay } from '../../runner/gameday/judge-day.ts';
import { loadKinds, type Kinds } from '../../runner/kinds.ts';
import { randomSeed } from '../../runner/rng.ts';
import { thisProgram } from '../child.ts';
import { platformWords } from '../drill-words.ts';
import { chooseEnvironment, type ChosenEnvironment } from '../environment-file.ts';
import { runId } from '../run-id.ts';
import { mask } from '../secrets.ts';
import { shellWords } from '../shell-words.ts';
import { version } from '../version.ts';
import { closingText } from './closing-text.ts';
import { conduct, openingText } from './conduct.ts';
import { monologue, onTerminal } from './conversation.ts';
import { drillProcesses } from './drill-process.ts';
import { drillsOf, scenarioOf } from './drills.ts';
import { namedOptions, platformOptions } from './platform.ts';
import { writeDay } from './write-day.ts';

export interface GamedayRunOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly seed?: number;
  readonly out: string;
  readonly yes?: boolean;
  readonly allowProtected?: string;
  /** The folder of a day that was killed. */
  readonly resume?: string;
}

type Platform = DayBodies['day.started']['platform'];

/**
 * `firedrill gameday run`: leads through a game day.
 *
 * @param file of the game day; not needed with --resume
 * @returns the exit code: the worst of the day's drills
 * @throws ExpectedError when the day can't begin: nothing was touched then
 */
export async function gamedayRunCommand(file: string | undefined, options: GamedayRunOptions): Promise<number> {
  const attended = process.stdin.isTTY && process.stdout.isTTY;
  if (!attended && !options.yes) throw new ExpectedError('there is no terminal, so nobody can answer; run it on one, or say --yes: then nobody is asked, and the record says so');
  const kinds = await loadKinds();
  const day = options.resume === undefined ? await newDay(file, kinds, options) : await dayAgain(options.resume, file, options);
  const { journal, platform, chosen, out } = day;
  const started = journal.entries[0] as DayEntry & { type: 'day.started' };

  const interrupt = new AbortController();
  const isInterrupted = (how: string): void => {
    if (!interrupt.signal.aborted) conversation.say('The day is being ended; a drill that is under way is undone first …');
    interrupt.abort(new Error(`interrupted by ${how}`));
  };
  const conversation = attended ? onTerminal(process.stdin, process.stdout, () => isInterrupted('Ctrl-C')) : monologue(process.stdout);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => isInterrupted(signal));

  const drills = drillProcesses({
    program: thisProgram(), platform, environment: chosen.environment, out, allowProtected: options.allowProtected,
    scenarioOf: (drill) => scenarioOf(drill, kinds),
  });
  const report = async (entries: readonly DayEntry[]): Promise<string> => {
    const judged = judgeDay(entries);
    const { paths, failures } = await writeDay(journal.folder, judged);
    for (const failure of failures) conversation.say(failure);
    return closingText(judged, shown(journal.folder), paths);
  };
  try {
    conversation.say(openingText(started, shown(journal.folder)));
    await conduct({
      journal, conversation, drills, clock: realClock, interrupt: interrupt.signal, unattended: options.yes === true,
      stopCommand: shellWords(['firedrill', 'stop', ...platformWords(platform)]),
      recoverCommand: (run) => shellWords(['firedrill', 'recover', ...(run === null ? [] : [run]), ...(out === 'runs' ? [] : ['--out', out])]),
      onStep: async () => void (await report(journal.entries)),
    });
  } finally {
    conversation.close();
    await journal.close();
    process.stdout.write(await report(await readDay(journal.folder)));
  }
  return judgeDay(await readDay(journal.folder)).exitCode;
}

interface OpenedDay {
  readonly journal: DayJournal;
  readonly platform: Platform;
  readonly chosen: ChosenEnvironment;
  /** Where runs are kept. */
  readonly out: string;
}

async function newDay(file: string | undefined, kinds: Kinds, options: GamedayRunOptions): Promise<OpenedDay> {
  if (file === undefined) throw new ExpectedError('give the file of the game day, or --resume with the folder of one that was killed');
  const gameday = await readGameday(file);
  const platform = platformOptions(gameday, file, options);
  const chosen = await chooseEnvironment(platform);
  if (!chosen) throw new ExpectedError(`${file} names no environment; say where its drills are run, with environment in the file, --env or --lab`);
  const seed = options.seed ?? randomSeed();
  const steps = planDay(gameday, await drillsOf(gameday, file, kinds, chosen.environment), seed);
  const outside = outsideHours(gameday, { wallMs: realClock.wall(), takesMs: 0 });
  if (outside.length > 0) throw new Refused(outside);

  const id = runId('gameday', realClock.wall());
  const journal = await openDay({ folder: join(options.out, id), clock: realClock, mask });
  await journal.append('day.started', {
    version: dayVersion, day: id, firedrill: version(), node: process.versions.node,
    command: shellWords(['firedrill', 'gameday', 'run', file, '--seed', String(seed), ...platformWords(platform)]),
    seed, gameday, file, environment: chosen.environment.name, platform, by: whoAmI(), steps, unattended: options.yes === true,
  });
  return { journal, platform, chosen, out: options.out };
}

/** Goes on with a day: what it had planned stands, whatever the file says by now. */
async function dayAgain(folder: string, file: string | undefined, options: GamedayRunOptions): Promise<OpenedDay> {
  if (file !== undefined || options.seed !== undefined) throw new ExpectedError(`a day that is gone on with has its plan and its seed: leave ${file ?? '--seed'} out`);
  const entries = await readDay(folder);
  const started = entries[0] as DayEntry & { type: 'day.started' };
  const ended = entries.at(-1);
  if (ended?.type === 'day.ended' && ended.outcome === 'finished') throw new ExpectedError(`game day ${started.day} has been gone through: there is nothing left to do`);
  const platform = namedOptions(options) ?? started.platform;
  const chosen = await chooseEnvironment(platform);
  if (chosen?.environment.name !== started.environment) {
    throw new ExpectedError(`game day ${started.day} is one of environment ${started.environment}, not of ${chosen?.environment.name ?? 'none'}; name that one with --env or --lab`);
  }
  const outside = outsideHours(started.gameday, { wallMs: realClock.wall(), takesMs: 0 });
  if (outside.length > 0) throw new Refused(outside);
  const journal = await openDay({ folder, clock: realClock, mask, again: true });
  await journal.append('day.resumed', { by: whoAmI(), command: shellWords(['firedrill', 'gameday', 'run', '--resume', folder]), unattended: options.yes === true });
  return { journal, platform, chosen, out: shown(dirname(resolve(folder))) };
}

function whoAmI(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** A path as people type it: from the working folder when it is below that. */
function shown(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? resolve(path) : short === '' ? '.' : short;
}
