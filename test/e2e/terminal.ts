import { spawn } from 'node:child_process';
import { main, root, type Ended } from './firedrill.ts';

/** The real command line on a pseudo-terminal, and somebody who reads and types. */
export interface OnTerminal {
  /** All that was shown so far. */
  shown(): string;
  /** Waits until this is shown, after what was waited for before. */
  sees(pattern: RegExp): Promise<void>;
  /** Types a line, and Enter. */
  types(line: string): void;
  /** Presses Ctrl-C. */
  pressesCtrlC(): void;
  readonly ended: Promise<Ended>;
  end(): void;
}

/** Starts `firedrill` on a terminal of its own, which `script` of util-linux makes. */
export function onTerminal(...args: string[]): OnTerminal {
  const words = [process.execPath, main, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'], cwd: root });
  let shown = '';
  let from = 0;
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      heard();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: shown, stderr: '' });
      heard();
    });
  });
  return {
    shown: () => shown,
    sees: (pattern) =>
      new Promise((resolve, reject) => {
        heard = () => {
          const found = pattern.exec(shown.slice(from));
          if (found) {
            from += found.index + found[0].length;
            heard = () => {};
            resolve();
          } else if (child.exitCode !== null) reject(new Error(`ended with ${child.exitCode} before showing ${pattern}\n${shown}`));
        };
        heard();
      }),
    types: (line) => void child.stdin.write(`${line}\r`),
    pressesCtrlC: () => void child.stdin.write('\u0003'),
    ended,
    end: () => void child.kill('SIGKILL'),
  };
}
