import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { JudgedRun } from '../../runner/verdict.ts';

export const root = join(import.meta.dirname, '../..');
export const main = join(root, 'cli/main.js');

/** Where `watch --serve` says that its page is, and the token of its stop button. */
export const livePage = /(?<url>http:\S+)[^]*token of the stop button: (?<token>\w+)/;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the match when standard output and error together match; rejects when the program ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the real command line, as a user would. */
export function startFiredrill(args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Running {
  return collect(spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: options.cwd ?? root, env: options.env ?? process.env }));
}

/** Keeps what a program says, until its end. */
export function collect(child: ChildProcessByStdio<null, Readable, Readable>): Running {
  let stdout = '';
  let stderr = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
      heard();
    });
  });
  return {
    child,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        heard = () => {
          const match = pattern.exec(stdout + stderr);
          if (match) resolve(match);
          else if (child.exitCode !== null) reject(new Error(`ended with ${child.exitCode} before saying ${pattern}\n${stdout}${stderr}`));
        };
        heard();
      }),
  };
}

/** Runs the real command line to its end. */
export function firedrill(...args: string[]): Promise<Ended> {
  return startFiredrill(args).ended;
}

/** Of standard output, when something was wrong: a journal is long, and its end tells most. */
const mostTold = 6_000;

/** Runs the command line and fails, with what it said, when it ends with another code. */
export async function expectExit(code: number, ...args: string[]): Promise<Ended> {
  return expectEnded(code, args, await firedrill(...args));
}

/** Fails, with what it said, when a command line that was run with these arguments ended with another code. */
export function expectEnded(code: number, args: readonly string[], ended: Ended): Ended {
  assert.equal(ended.code, code, `firedrill ${args.join(' ')}\n${ended.stdout.slice(-mostTold)}\n${ended.stderr}`);
  assert.doesNotMatch(ended.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'a stack trace in front of a user');
  return ended;
}

/** A folder for runs that goes with the test, and how to read what was put there. */
export class RunsFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'firedrill-runs-'));
  #drills: string | undefined;

  /** A folder beside it, for drills that a test writes; it goes with the test, too. */
  drills(): string {
    return (this.#drills ??= mkdtempSync(join(tmpdir(), 'firedrill-drills-')));
  }

  /** The folder of the newest run. */
  newest(): string {
    const newest = readdirSync(this.path).sort().at(-1);
    assert.ok(newest, 'no run was written');
    return join(this.path, newest);
  }

  isEmpty(): boolean {
    return readdirSync(this.path).length === 0;
  }

  report(): JudgedRun {
    return JSON.parse(readFileSync(join(this.newest(), 'report.json'), 'utf8')) as JudgedRun;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
    if (this.#drills !== undefined) rmSync(this.#drills, { recursive: true });
  }
}
