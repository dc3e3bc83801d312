import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { programPath } from './programs.ts';

export interface ExecSpec {
  /** The container's first process. */
  readonly first: number;
  /** Files of the container's control groups by which it joins them. */
  readonly joins: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** With a terminal: what is written comes as one stream. */
  readonly tty: boolean;
}

/** Starts a program in a container that runs: in its namespaces and its root. It ends with the kubelet. */
export function startExec({ first, joins, argv, env, workingDir, tty }: ExecSpec): ChildProcess {
  const inside = [programPath('env'), '-C', workingDir, ...argv];
  // `script` gives it a terminal; its own record of the session goes nowhere.
  const shown = tty ? [programPath('script'), '-qfec', inside.map(quoted).join(' '), '/dev/null'] : inside;
  const [program, ...args] = [
    ...[programPath('setpriv'), '--pdeathsig', 'KILL'],
    ...(joins.length === 0 ? [] : [programPath('sh'), '-c', 'for group in $1; do echo 0 > "$group"; done; shift; exec "$@"', 'sh', joins.join(' ')]),
    ...[programPath('nsenter'), '-t', String(first), '-m', '-n', '-p', '-i', '-u', '-r', '-w', '--', ...shown],
  ];
  return spawn(program!, args, { env: { ...env }, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs a program in a container to its end, or until its time is over: then its code is -1. */
export async function runExec(spec: ExecSpec, timeoutMs: number): Promise<{ code: number; output: string }> {
  const child = startExec(spec);
  child.stdin?.on('error', () => {}).end();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let isLate = false;
  setTimeout(() => (isLate = true), timeoutMs).unref();
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (isLate && code === null) return { code: -1, output: `command timed out: ${spec.argv.join(' ')}` };
    return { code: code ?? -1, output };
  } finally {
    clearTimeout(timer);
  }
}
