import { spawn } from 'node:child_process';

/**
 * Runs a system program to its end.
 *
 * @param input written to its standard input
 * @returns what it wrote to its standard output
 * @throws with its own words when it fails
 */
export function command(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    // A program that ends without reading its input is judged by how it ended, not by the broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      const line = [program, ...args].join(' ');
      const ending = signal ? `died of ${signal}` : `ended with ${code}`;
      reject(new Error(`"${line.length > 200 ? `${line.slice(0, 200)}…` : line}" ${ending}: ${stderr.trim() || stdout.trim()}`));
    });
  });
}

/** Several lines for `ip -batch`: one process for all of them. */
export function ip(lines: readonly string[]): Promise<string> {
  return command('ip', ['-batch', '-'], batch(lines));
}

/**
 * The same, and then more lines in a network namespace, which the first ones may have made. All by one shell: a program of the size
 * of Node pays 30 ms of processor for each process that it starts.
 */
export function ipHereAndIn(namespace: string, here: readonly string[], inside: readonly string[]): Promise<string> {
  const script = 'printf %s "$2" | ip -batch -; printf %s "$3" | ip -n "$1" -batch -';
  return command('sh', ['-ec', script, 'sh', namespace, batch(here), batch(inside)]);
}

const batch = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
