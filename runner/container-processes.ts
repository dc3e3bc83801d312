import type { KubernetesClient } from './clients/kubernetes.ts';

/** The signals that a drill may send. */
export const signalNames = ['STOP', 'TERM', 'KILL', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2'] as const;
export type SignalName = (typeof signalNames)[number];

export interface ContainerRef {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface ContainerProcess {
  readonly pid: number;
  readonly name: string;
  /** As in /proc: `S` sleeps, `R` runs, `T` is stopped. */
  readonly state: string;
}

/** What a look into a container found: its processes, or why it can't be sent anything. */
export type Look = { readonly processes: readonly ContainerProcess[] } | { readonly refused: string };

/** Only words that the shell itself has: images have few programs. Changes nothing, as signal 0 only asks. */
const lookScript = 'kill -0 1 || exit 3; for d in /proc/[0-9]*; do { read -r line < "$d/stat"; } 2>/dev/null && echo "$line"; done; echo "self $$"';

/** Runs a shell in a container that looks at its processes. */
export async function lookInto(client: KubernetesClient, { namespace, pod, container }: ContainerRef, signal?: AbortSignal): Promise<Look> {
  const { exitCode, output } = await client.exec({ namespace, pod, container, command: ['/bin/sh', '-c', lookScript] }, { signal });
  if (exitCode === undefined || exitCode === 126 || exitCode === 127) {
    return { refused: `the image has no /bin/sh that could send a signal (${output.slice(0, 160)}): it needs one whose shell knows kill, as busybox has` };
  }
  if (exitCode === 3) return { refused: `the shell may not send signals to the first process (${output.slice(0, 160)}): it needs the same user, or root` };
  const self = Number(/^self (\d+)$/m.exec(output)?.[1]);
  const processes = [...output.matchAll(/^(\d+) \((.*)\) ([A-Za-z]) /gm)]
    .map(([, pid, name, state]) => ({ pid: Number(pid), name: name!, state: state! }))
    .filter(({ pid }) => pid !== self);
  if (exitCode !== 0 || processes.length === 0) return { refused: `the processes could not be looked at (exit code ${exitCode}: ${output.slice(0, 160)})` };
  return { processes };
}

/**
 * Why this signal would do nothing. The kernel shields the first process of a process namespace from STOP and KILL that
 * come from within, so those go to all the others, as a container has that starts under an init.
 */
export function shielded(name: SignalName, processes: readonly ContainerProcess[]): string | undefined {
  if (!isShieldedFrom(name) || processes.some(({ pid }) => pid !== 1)) return undefined;
  const [first] = processes;
  return `its only process is the first (${first?.name}), which the kernel shields from ${name} sent from within the container: start it under an init such as tini, or send TERM`;
}

function isShieldedFrom(name: SignalName): boolean {
  return name === 'STOP' || name === 'KILL';
}

/** The command that sends it: to the first process, or to all others where the first is shielded. */
export function sending(name: SignalName): string[] {
  return ['/bin/sh', '-c', `kill -${name} ${isShieldedFrom(name) ? '-1' : '1'}`];
}

/** Everything that was stopped goes on. */
export const goOn = ['/bin/sh', '-c', 'kill -CONT -1; kill -CONT 1'];
