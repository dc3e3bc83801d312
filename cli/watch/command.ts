import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError, exitCodes } from '../../runner/errors.ts';
import { followJournal } from '../../runner/follow-journal.ts';
import type { Entry } from '../../runner/journal.ts';
import { journalFileName } from '../../runner/journal-file.ts';
import { judgeFolder } from '../../runner/judge-folder.ts';
import { recordedHistories } from '../../runner/recorded-histories.ts';
import { runNames } from '../../runner/recover.ts';
import { thisProgram } from '../child.ts';
import { platformWords } from '../drill-words.ts';
import { liveOutput } from '../live/output.ts';
import { isRunId } from '../run-id.ts';
import { closingText } from '../write-reports.ts';
import { serveWall } from './server.ts';
import { createWall } from './wall.ts';

export interface WatchOptions {
  readonly out: string;
  readonly serve?: number;
  readonly env?: string;
  readonly lab?: string;
  readonly json?: boolean;
}

/** How often those who watch the page are sent something, and how often it is judged at most, in milliseconds. */
const nowEveryMs = 500;
const pictureEveryMs = 1_000;
/** Judging a long run takes a while: it has at most this part of the time. */
const judgingPart = 0.1;

/**
 * `firedrill watch`: follows a run by its journal, on the terminal until it ends, or as a page until it is interrupted.
 *
 * @param run its name or its folder; the newest when left out
 * @returns the exit code: 0, however the run ended
 * @throws ExpectedError when there is no such run, or the port can't be had
 */
export async function watchCommand(run: string | undefined, options: WatchOptions): Promise<number> {
  const folder = await folderOf(run, options.out);
  // The run goes first.
  setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  await (options.serve === undefined ? onTerminal(folder, options, stop) : onPage(folder, options.serve, options, stop.signal));
  return exitCodes.held;
}

async function onTerminal(folder: string, { json = false }: WatchOptions, stop: AbortController): Promise<void> {
  const live = await liveOutput(process.stdout, json);
  let entries: Entry[] = [];
  for await (const followed of followJournal(join(folder, journalFileName), { clock: realClock, signal: stop.signal })) {
    if (followed.again) entries = [];
    for (const entry of followed.entries) {
      entries.push(entry);
      live.onEntry(entry);
    }
    if (entries.some(({ type }) => type === 'run.ended')) stop.abort();
  }
  live.end();
  const ended = entries.some(({ type }) => type === 'run.ended');
  if (ended && !json) process.stdout.write(await closingText(await judgeFolder(folder), process.stdout, [folder]));
}

async function onPage(folder: string, port: number, platform: WatchOptions, signal: AbortSignal): Promise<void> {
  const wall = createWall(realClock);
  const token = randomBytes(16).toString('hex');
  const stop = (): string => {
    const run = wall.run();
    if (run === undefined) return 'not asked: the run has not begun';
    const [node, ...program] = thisProgram();
    const child = spawn(node!, [...program, 'stop', '--run', run, ...platformWords(platform)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => wall.saidOfStop((said += text)));
    child.on('error', (error) => wall.saidOfStop(`firedrill stop could not be started: ${error.message}`));
    return `asking run ${run} to end and to undo`;
  };
  const server = await serveWall({ port, token, stop });
  process.stdout.write(`watching ${folder}\n\n  http://127.0.0.1:${server.port}/\n\ntoken of the stop button: ${token}\n`);

  let changed = true;
  let nextPictureMs = 0;
  const show = (): void => {
    server.send('now', wall.now());
    if (!changed || realClock.now() < nextPictureMs) return;
    changed = false;
    const startMs = realClock.now();
    const picture = wall.picture();
    const tookMs = realClock.now() - startMs;
    nextPictureMs = realClock.now() + Math.max(pictureEveryMs, tookMs / judgingPart);
    if (picture !== undefined) server.send('picture', picture);
  };
  const timer = setInterval(show, nowEveryMs);
  try {
    for await (const followed of followJournal(join(folder, journalFileName), { clock: realClock, signal })) {
      const recorded = followed.entries.filter((entry) => entry.type === 'history');
      wall.take(followed, await recordedHistories(folder, { recorded }));
      changed = true;
    }
  } finally {
    clearInterval(timer);
    await server.close();
  }
}

/** @throws ExpectedError when there is none */
async function folderOf(run: string | undefined, out: string): Promise<string> {
  if (run === undefined) {
    const newest = (await runNames(out)).find(isRunId);
    if (newest === undefined) throw new ExpectedError(`there is no run in ${out}; start one with firedrill run, or name its folder with --out`);
    return resolve(out, newest);
  }
  const found = [resolve(run), resolve(out, run)].find((folder) => existsSync(join(folder, journalFileName)));
  if (found === undefined) throw new ExpectedError(`there is no run ${run}, neither as a folder with a ${journalFileName} nor in ${out}`);
  return found;
}
