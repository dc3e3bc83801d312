import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findImage, imageId, pullError, type Image } from '../images/index.ts';
import type { ContainerState, ContainerStatus, Pod } from '../objects.ts';
import { openContainerLog, type ContainerLog } from './container-log.ts';
import type { KubeletContext } from './context.ts';
import { ConfigError, expand } from './environment.ts';
import { pause } from './pause.ts';
import { startProber, type ProbeKind } from './prober.ts';
import { runExec } from './runtime/exec-process.ts';
import { startProcess, type ContainerProcess } from './runtime/container-process.ts';
import { usualPath } from './runtime/programs.ts';
import { findInRoot, makeRoot, type Mount } from './runtime/root-folder.ts';
import { graceOf, inWords, type ContainerSpec } from './spec.ts';

/** One container of a pod, through all its runs. */
export interface RunningContainer {
  readonly spec: ContainerSpec;
  readonly view: ContainerView;
  /** Resolves when it has ended for good: its pod won't start it again, or it was stopped. */
  readonly ended: Promise<void>;
  /** Ends it, within the grace by itself. */
  stop(graceSeconds: number): Promise<void>;
  /** What is needed to run a program in it; undefined while it doesn't run. */
  inside(): Inside | undefined;
  log(previous: boolean): ContainerLog | undefined;
}

export interface Inside {
  readonly first: number;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/** What a status tells of a container. */
export interface ContainerView {
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  started: boolean;
  restartCount: number;
  imageId: string;
  containerId: string | undefined;
}

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly context: KubeletContext;
  pod(): Pod;
  /** The pod's own folder. */
  readonly folder: string;
  /** Undefined for a pod in the node's network. */
  readonly network: string | undefined;
  readonly address: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly restartPolicy: string;
  /** What the API knew of the container before this kubelet's time. */
  before(container: string): ContainerStatus | undefined;
  environment(container: ContainerSpec): Promise<Record<string, string>>;
  mounts(container: ContainerSpec): Mount[];
  /** Something in the view has changed. */
  changed(): void;
}

/** After a run of this length the back-off begins anew. */
const goodRunMs = 600_000;
/** How long a status shows the end of a run before it shows that the next one has to wait. */
const shownEndedMs = 1_000;
const slowStartMs = 30_000;

const rfc3339 = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

export function startContainer(spec: ContainerSpec, host: ContainerHost): RunningContainer {
  const { context, folder } = host;
  const { events, timing } = context;
  const reference = spec.image ?? '';
  const ending = new AbortController();
  const view = firstView(host.before(spec.name));
  let current: { process: ContainerProcess; inside: Omit<Inside, 'first'> } | undefined;
  let logs: ContainerLog[] = [];

  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    events.record(host.pod(), { type, reason, message, container: spec.name });
  const show = (change: Partial<ContainerView>): void => {
    Object.assign(view, change);
    host.changed();
  };

  /** Waits, ever longer, for an image that doesn't come. Undefined when the container was stopped meanwhile. */
  async function image(): Promise<Image | undefined> {
    const found = findImage(reference);
    if (found) {
      tell('Normal', 'Pulled', `Container image "${reference}" already present on machine and can be accessed by the pod`);
      return found;
    }
    for (let backoffMs = timing.backoffMs; !ending.signal.aborted; backoffMs = Math.min(backoffMs * 2, timing.longestBackoffMs)) {
      const reason = pullError(reference);
      if (spec.imagePullPolicy === 'Never') {
        const message = `Container image "${reference}" is not present with pull policy of Never`;
        tell('Warning', 'ErrImageNeverPull', message);
        show({ state: { waiting: { reason: 'ErrImageNeverPull', message } } });
        await pause(backoffMs, ending.signal);
        continue;
      }
      tell('Normal', 'Pulling', `Pulling image "${reference}"`);
      tell('Warning', 'Failed', `Failed to pull image "${reference}": ${reason}`);
      tell('Warning', 'Failed', 'Error: ErrImagePull');
      show({ state: { waiting: { reason: 'ErrImagePull', message: reason } } });
      await pause(shownEndedMs, ending.signal);
      if (ending.signal.aborted) break;
      tell('Normal', 'BackOff', `Back-off pulling image "${reference}"`);
      tell('Warning', 'Failed', 'Error: ImagePullBackOff');
      show({ state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${reference}": ErrImagePull: ${reason}` } } });
      await pause(backoffMs, ending.signal);
    }
    return undefined;
  }

  /** One run, from its start to its end. @returns how it ended; undefined when it couldn't be started */
  async function runOnce(from: Image): Promise<{ code: number; ranMs: number } | undefined> {
    const runFolder = join(folder, 'containers', spec.name, String(view.restartCount));
    const log = openContainerLog(join(folder, 'logs', spec.name, `${view.restartCount}.log`));
    const containerId = randomBytes(32).toString('hex');
    let process: ContainerProcess;
    const startedAt = rfc3339();
    const startedMs = performance.now();
    try {
      const own = await host.environment(spec);
      const env = { PATH: usualPath, ...from.env, HOSTNAME: host.hostname, HOME: '/root', ...own };
      const root = makeRoot({ folder: runFolder, hosts: host.hosts, hostname: host.hostname, files: from.files, mounts: host.mounts(spec) });
      tell('Normal', 'Created', 'Container created');
      const given = (words: readonly string[] | undefined): string[] | undefined => words?.map((word) => expand(word, own));
      const argv = [...(given(spec.command) ?? from.entrypoint), ...(given(spec.args) ?? (spec.command ? [] : from.command))];
      const workingDir = spec.workingDir ?? '/';
      const program = findInRoot(root.path, argv[0] ?? '', env.PATH);
      if (program === undefined) {
        throw new Error(
          'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start ' +
            `container process: error during container init: exec: "${argv[0] ?? ''}": ${argv[0]?.includes('/') ? `stat ${argv[0]}: no such file or directory` : 'executable file not found in $PATH'}`,
        );
      }
      process = await startProcess({ root, network: host.network, hostname: host.hostname, argv, env, workingDir, onOutput: (stream, chunk) => log.write(stream, chunk) });
      current = { process, inside: { root: root.path, env, workingDir } };
    } catch (error) {
      log.end();
      const message = error instanceof Error ? error.message : String(error);
      const reason = error instanceof ConfigError ? 'CreateContainerConfigError' : 'RunContainerError';
      tell('Warning', 'Failed', `Error: ${error instanceof ConfigError ? '' : `failed to start container "${spec.name}": `}${message}`);
      show({ state: { waiting: { reason, message } } });
      rmSync(runFolder, { recursive: true, force: true });
      return undefined;
    }
    logs = [log, ...logs.slice(0, 1)];
    tell('Normal', 'Started', 'Container started');
    show({ state: { running: { startedAt } }, started: spec.startupProbe === undefined, imageId: imageId(from), containerId: `containerd://${containerId}` });
    const probers = startProbers(current.inside);
    // It was stopped while it was starting, when there was nothing yet to be stopped.
    if (ending.signal.aborted) process.kill();
    const { code } = await process.ended;
    for (const prober of probers) prober.stop();
    current = undefined;
    log.end();
    rmSync(runFolder, { recursive: true, force: true });
    const terminated = { exitCode: code, reason: code === 0 ? 'Completed' : 'Error', startedAt, finishedAt: rfc3339(), containerID: `containerd://${containerId}` };
    show({ state: { terminated }, ready: false, started: false });
    return { code, ranMs: performance.now() - startedMs };
  }

  function startProbers(inside: Omit<Inside, 'first'>): { stop(): void }[] {
    const { readinessProbe, livenessProbe, startupProbe } = spec;
    const isSlow = context.sabotage.isOn('slow-start');
    const slowUntilMs = performance.now() + slowStartMs;
    let passes = readinessProbe === undefined && startupProbe === undefined;
    const settle = (): void => {
      const held = isSlow && context.sabotage.isOn('slow-start') && performance.now() < slowUntilMs;
      const ready = passes && view.started && current !== undefined && !held;
      if (ready !== view.ready) show({ ready });
    };
    const target = {
      address: host.address,
      container: spec,
      exec: (command: readonly string[], timeoutMs: number) => {
        const first = current?.process.first();
        if (first === undefined) return Promise.resolve({ code: -1, output: 'container not running' });
        return runExec({ first, argv: command, env: inside.env, workingDir: inside.workingDir, tty: false }, timeoutMs);
      },
    };
    const unhealthy = (kind: ProbeKind) => (why: string) => tell('Warning', 'Unhealthy', `${kind} probe failed: ${why}`);
    const mustRestart = (kind: ProbeKind): void => {
      tell('Normal', 'Killing', `Container ${spec.name} failed ${kind.toLowerCase()} probe, will be restarted`);
      end(kind === 'Liveness' ? (livenessProbe?.terminationGracePeriodSeconds ?? graceOf(host.pod())) : graceOf(host.pod())).catch((error: unknown) => context.log(String(error)));
    };
    const probers: { stop(): void }[] = [];
    const begin = (kind: ProbeKind, probe: typeof readinessProbe, decided: (good: boolean) => void): void => {
      if (probe === undefined) return;
      probers.push(startProber({ kind, probe, target, decided, failed: unhealthy(kind), isWaiting: () => kind !== 'Startup' && !view.started }));
    };
    begin('Startup', startupProbe, (good) => {
      if (!good) return mustRestart('Startup');
      if (readinessProbe === undefined) passes = true;
      // Asked no more once it has succeeded.
      probers[0]?.stop();
      show({ started: true });
      settle();
    });
    begin('Readiness', readinessProbe, (good) => {
      passes = good;
      settle();
    });
    begin('Liveness', livenessProbe, (good) => {
      if (!good) mustRestart('Liveness');
    });
    settle();
    const ticking = isSlow ? setInterval(settle, 500) : undefined;
    return [...probers, { stop: () => clearInterval(ticking) }];
  }

  /** Asks the process that runs to end, and ends it when its time is over. */
  async function end(graceSeconds: number): Promise<void> {
    const { process } = current ?? {};
    if (!process) return;
    const deadlineMs = performance.now() + graceSeconds * 1000;
    const over = process.ended.then(() => true);
    const within = (ms: number): Promise<boolean> => Promise.race([over, pause(Math.max(ms, 0)).then(() => false)]);
    await preStop(graceSeconds * 1000);
    process.signal('SIGTERM');
    // Who spent all of the grace on its hook gets two seconds more, as from the real one.
    if (!(await within(Math.max(deadlineMs - performance.now(), graceSeconds > 0 ? 2_000 : 0)))) {
      process.kill();
      await process.ended;
    }
  }

  async function preStop(withinMs: number): Promise<void> {
    const hook = spec.lifecycle?.preStop;
    const first = current?.process.first();
    if (!hook || first === undefined || !current) return;
    if (hook.sleep) return void (await Promise.race([current.process.ended, pause(Math.min(hook.sleep.seconds * 1000, withinMs))]));
    if (!hook.exec?.command) return;
    const { env, workingDir } = current.inside;
    const { code, output } = await runExec({ first, argv: hook.exec.command, env, workingDir, tty: false }, withinMs);
    if (code !== 0) tell('Warning', 'FailedPreStopHook', `PreStopHook failed: ${output.trim()}`);
  }

  const mayStartAgain = (code: number): boolean => host.restartPolicy === 'Always' || (host.restartPolicy === 'OnFailure' && code !== 0);

  async function run(): Promise<void> {
    let backoffMs = 0;
    while (!ending.signal.aborted) {
      const from = await image();
      if (from === undefined || ending.signal.aborted) return;
      const result = await runOnce(from);
      if (ending.signal.aborted) return;
      if (result && !mayStartAgain(result.code)) return;
      if (!result && host.restartPolicy === 'Never') return show({ state: { terminated: { exitCode: 128, reason: 'StartError', ...waitingMessage(view) } } });
      if (result && result.ranMs > goodRunMs) backoffMs = 0;
      if (backoffMs > 0 || !result) await backOff(Math.max(backoffMs, result ? 0 : timing.backoffMs), result !== undefined);
      else show({ lastState: view.state });
      if (result) view.restartCount++;
      backoffMs = backoffMs === 0 ? timing.backoffMs : Math.min(backoffMs * 2, timing.longestBackoffMs);
    }
  }

  async function backOff(ms: number, hasEnded: boolean): Promise<void> {
    tell('Warning', 'BackOff', `Back-off restarting failed container ${spec.name} in pod ${inWords(host.pod())}`);
    if (hasEnded) {
      await pause(Math.min(shownEndedMs, ms), ending.signal);
      if (ending.signal.aborted) return;
      const message = `back-off ${inGo(ms)} restarting failed container=${spec.name} pod=${inWords(host.pod())}`;
      show({ state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState: view.state });
    }
    await pause(ms - (hasEnded ? shownEndedMs : 0), ending.signal);
  }

  const ended = run().catch((error: unknown) => {
    context.log(`container ${spec.name} of ${inWords(host.pod())}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  });
  return {
    spec,
    view,
    ended,
    async stop(graceSeconds) {
      ending.abort();
      if (current) tell('Normal', 'Killing', `Stopping container ${spec.name}`);
      await end(graceSeconds);
      await ended;
    },
    inside() {
      const first = current?.process.first();
      return first === undefined || !current ? undefined : { first, ...current.inside };
    },
    log: (previous) => logs[previous ? 1 : 0],
  };
}

/** A run under a kubelet that is gone ended with it, and nobody saw how. */
function firstView(before: ContainerStatus | undefined): ContainerView {
  const hasRun = before?.containerID !== undefined;
  const lost = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the kubelet was started' };
  const { running, terminated } = before?.state ?? {};
  const ended = terminated ?? (running ? { ...lost, startedAt: running.startedAt ?? '', finishedAt: rfc3339() } : undefined);
  return {
    state: { waiting: { reason: 'ContainerCreating' } },
    lastState: hasRun && ended ? { terminated: ended } : {},
    ready: false,
    started: false,
    restartCount: hasRun ? before.restartCount + 1 : 0,
    imageId: '',
    containerId: undefined,
  };
}

const waitingMessage = ({ state }: ContainerView): { message?: string } => (state.waiting?.message === undefined ? {} : { message: state.waiting.message });

/** A duration as Go writes it: `10s`, `2m40s`. */
function inGo(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
