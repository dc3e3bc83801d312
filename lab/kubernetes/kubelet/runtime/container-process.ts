import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { childrenOf, kill } from '../../../procfs.ts';
import { programPath } from './programs.ts';
import type { Root } from './root-folder.ts';

export interface ProcessSpec {
  readonly root: Root;
  /** The file of the pod's network namespace; undefined for the node's own. */
  readonly network: string | undefined;
  readonly hostname: string;
  /** Files of control groups by which it joins them. */
  readonly joins: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface Exit {
  /** As a shell tells it: 128 and the signal's number for a process that a signal ended. */
  readonly code: number;
}

/** A process tree in namespaces of its own. */
export interface ContainerProcess {
  /** Resolves when nothing of it runs any more. */
  readonly ended: Promise<Exit>;
  /** The number of its first process on this node; undefined when it has just ended. */
  first(): number | undefined;
  /** To the first process. One that has no handler for it doesn't get it: the kernel keeps process 1 from that. */
  signal(name: NodeJS.Signals): void;
  kill(): void;
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 };

/**
 * What stands between the kernel and the program: names the host, mounts what the table says, joins its control groups, says
 * on descriptor 3 that it is done, and becomes the program in its root. Arguments: host name (empty for the node's), mount
 * table, control groups, root, working folder, program and its arguments.
 */
const script = `
set -e
if [ -n "$1" ]; then hostname "$1"; fi
mount -n -a -T "$2"
for group in $3; do echo 0 > "$group"; done
root=$4 folder=$5
shift 5
echo started >&3
exec 3>&-
exec chroot "$root" env -C "$folder" "$@"
`;

/**
 * Waits for the first process of the new PID namespace, and ends with its code. `unshare --fork` would do so too, but takes a
 * child that SIGKILL ended for a failure of its own, and says so where the container's output goes. So would a shell, too.
 */
const watcher = 'exec 4>&2 2> /dev/null; (exec 2>&4 4>&-; exec "$@"); exit $?';

/**
 * Starts a container. Resolves when its program is about to run.
 *
 * @throws with what went wrong when it can't be started
 */
export async function startProcess(spec: ProcessSpec): Promise<ContainerProcess> {
  const { network, hostname } = spec;
  const enter = network === undefined ? [] : [programPath('nsenter'), `--net=${network}`];
  const own = ['--mount', '--pid', '--ipc', ...(network === undefined ? [] : ['--uts'])];
  // The kubelet's death is its containers' death: what nobody looks after must not serve.
  const [program, ...args] = [
    ...[programPath('setpriv'), '--pdeathsig', 'KILL', ...enter],
    ...[programPath('unshare'), ...own, '--', programPath('sh'), '-c', watcher, 'sh'],
    ...[programPath('setpriv'), '--pdeathsig', 'KILL', programPath('sh'), '-c', script, 'sh', network === undefined ? '' : hostname, spec.root.mountTable, spec.joins.join(' '), spec.root.path, spec.workingDir, ...spec.argv],
  ];
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: { ...spec.env }, cwd: '/' });
  let trouble = '';
  let isStarted = false;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => {
      if (isStarted) spec.onOutput(stream, chunk);
      else trouble += chunk.toString();
    });
  }
  const ended = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      trouble += error.message;
      resolve({ code: 128 });
    });
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + (signalNumbers[signal ?? ''] ?? 0) }));
  });
  const started = await Promise.race([once(child.stdio[3] as Readable, 'data').then(() => true), ended.then(() => false)]);
  if (!started) throw new Error(trouble.trim() || 'it ended while it was starting');
  isStarted = true;
  const first = (): number | undefined => (child.pid === undefined || child.exitCode !== null ? undefined : childrenOf(child.pid)[0]);
  return {
    ended,
    first,
    signal(name) {
      const pid = first();
      if (pid !== undefined) send(pid, name);
    },
    kill() {
      // The first process, so that the kernel takes all the others with it before it is said to have ended.
      const pid = first();
      if (pid !== undefined) kill(pid);
      else child.kill('SIGKILL');
    },
  };
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
