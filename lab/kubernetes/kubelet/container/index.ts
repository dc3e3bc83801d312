/** One container of a pod: its runs one after another, with back-off between them. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { imageId, type Image } from '../../images/index.ts';
import type { ResourceRequirements } from '../../objects.ts';
import { openContainerLog, type ContainerLog } from '../container-log.ts';
import { ConfigError } from '../environment.ts';
import { pause } from '../pause.ts';
import { limitsOf } from '../runtime/cgroup.ts';
import { graceOf, inWords, type ContainerSpec } from '../spec.ts';
import { endRun } from './end.ts';
import type { ContainerHost, ContainerParts, Inside, Run } from './host.ts';
import { awaitImage } from './image.ts';
import { isChanged, obstacleToResize, restartsFor } from './resize.ts';
import { startProbers } from './probes.ts';
import { reasonOf, startRun } from './run.ts';
import { firstView, rfc3339, shownEndedMs, type ContainerView } from './view.ts';

export type { ContainerHost, Inside } from './host.ts';
export type { ContainerView } from './view.ts';

/** One container of a pod, through all its runs. */
export interface RunningContainer {
  readonly spec: ContainerSpec;
  readonly view: ContainerView;
  /** Resolves when it has ended for good: its pod won't start it again, or it was stopped. */
  readonly ended: Promise<void>;
  /** Ends it, within the grace by itself. */
  stop(graceSeconds: number): Promise<void>;
  /** Why it can't be given other resources while it runs; undefined when it can. */
  obstacleTo(resources: ResourceRequirements): string | undefined;
  /** Gives it other resources: the run that goes on, where it has one, or else the next. @throws what the kernel says against it */
  resize(resources: ResourceRequirements): void;
  /** What is needed to run a program in it; undefined while it doesn't run. */
  inside(): Inside | undefined;
  log(previous: boolean): ContainerLog | undefined;
}

/** After a run of this length the back-off begins anew. */
const goodRunMs = 600_000;

export function startContainer(given: ContainerSpec, host: ContainerHost): RunningContainer {
  const { context, folder } = host;
  const { events, timing } = context;
  const ending = new AbortController();
  let spec = given;
  const view = firstView(host.before(spec.name));
  let current: Run | undefined;
  /** The run that was asked to end so that the next one has other resources. */
  let restarting: Run | undefined;
  let logs: ContainerLog[] = [];

  const tell: ContainerParts['tell'] = (type, reason, message) => events.record(host.pod(), { type, reason, message, container: spec.name });
  const show: ContainerParts['show'] = (change) => {
    Object.assign(view, change);
    host.changed();
  };
  const parts: ContainerParts = {
    get spec() {
      return spec;
    },
    host,
    view,
    ending: ending.signal,
    current: () => current,
    tell,
    show,
  };

  /** One run, from its start to its end. @returns how it ended; undefined when it couldn't be started */
  async function runOnce(from: Image): Promise<{ code: number; ranMs: number } | undefined> {
    const runFolder = join(folder, 'containers', spec.name, String(view.restartCount));
    const log = openContainerLog(join(folder, 'logs', spec.name, `${view.restartCount}.log`));
    const containerID = `containerd://${randomBytes(32).toString('hex')}`;
    const startedAt = rfc3339();
    const startedMs = performance.now();
    // It may be resized while it is starting.
    const resources = spec.resources ?? {};
    let run: Run;
    try {
      current = run = await startRun(parts, from, runFolder, log);
    } catch (error) {
      log.end();
      showFailure(error);
      rmSync(runFolder, { recursive: true, force: true });
      return undefined;
    }
    logs = [log, ...logs.slice(0, 1)];
    tell('Normal', 'Started', 'Container started');
    show({ state: { running: { startedAt } }, started: spec.startupProbe === undefined, resources, imageId: imageId(from), containerId: containerID });
    const probers = startProbers(parts, run, (graceSeconds) => endRun(parts, graceSeconds));
    // It was stopped while it was starting, when there was nothing yet to be stopped.
    if (ending.signal.aborted) run.process.kill();
    const { code } = await run.process.ended;
    for (const prober of probers) prober.stop();
    current = undefined;
    log.end();
    rmSync(runFolder, { recursive: true, force: true });
    const terminated = { exitCode: code, reason: reasonOf(code, run.cgroup), startedAt, finishedAt: rfc3339(), containerID };
    run.cgroup?.remove();
    show({ state: { terminated }, ready: false, started: false });
    return { code, ranMs: performance.now() - startedMs };
  }

  function showFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const isConfig = error instanceof ConfigError;
    tell('Warning', 'Failed', `Error: ${isConfig ? '' : `failed to start container "${spec.name}": `}${message}`);
    show({ state: { waiting: { reason: isConfig ? 'CreateContainerConfigError' : 'RunContainerError', message } } });
  }

  const mayStartAgain = (code: number): boolean => host.restartPolicy === 'Always' || (host.restartPolicy === 'OnFailure' && code !== 0);

  async function run(): Promise<void> {
    let backoffMs = 0;
    while (!ending.signal.aborted) {
      const from = await awaitImage(parts);
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
    get spec() {
      return spec;
    },
    view,
    ended,
    async stop(graceSeconds) {
      ending.abort();
      if (current) tell('Normal', 'Killing', `Stopping container ${spec.name}`);
      await endRun(parts, graceSeconds);
      await ended;
    },
    obstacleTo: (resources) => (current ? obstacleToResize(spec, resources, current.cgroup) : undefined),
    resize(resources) {
      const before = { ...spec, resources: view.resources ?? spec.resources ?? {} };
      spec = { ...spec, resources };
      if (current && restartsFor(before, resources)) {
        if (restarting === current) return;
        restarting = current;
        endRun(parts, graceOf(host.pod())).catch((error: unknown) => context.log(String(error)));
        return;
      }
      const limits = limitsOf(resources.limits);
      if (limits && isChanged(before, resources)) current?.cgroup?.change(limits);
      if (view.resources) view.resources = resources;
    },
    inside() {
      const first = current?.process.first();
      return first === undefined || !current ? undefined : { first, ...current.inside };
    },
    log: (previous) => logs[previous ? 1 : 0],
  };
}

const waitingMessage = ({ state }: ContainerView): { message?: string } => (state.waiting?.message === undefined ? {} : { message: state.waiting.message });

/** A duration as Go writes it: `10s`, `2m40s`. */
function inGo(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
