import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sweepCgroups } from '../cgroups.ts';
import { LabError } from '../errors.ts';
import type { Timing } from '../hypervisor.ts';
import { familyOf, isAlive, kill, processRef, type ProcessRef } from '../procfs.ts';
import type { WorldConfig } from '../world/config.ts';
import type { KubeAssets } from '../kubernetes/assets/programs.ts';
import type { ProgressEvent } from '../world/progress.ts';
import type { LabStatus } from '../world/status.ts';
import { askLab, streamLab } from './control-client.ts';
import { removeEnvironmentFile, writeEnvironmentFile } from './environment-file.ts';
import { checkKubeAssets } from './kube-assets.ts';
import { checkName, claim, forget, labFolder, logOf, runtimeFolder, socketOf, writeEntry, type LabEntry } from './registry.ts';
import { checkRequirements, programPath } from './requirements.ts';

export interface LabUpOptions {
  readonly name: string;
  readonly timing?: Timing['name'];
  /** With a Kubernetes cluster on machines of its own; without, when not given. */
  readonly kubernetes?: boolean;
  /** With the specimen on it: linkerd on each worker, and six services that call one another through it. Brings Kubernetes along. */
  readonly specimen?: boolean;
  /** A folder with the programs of a Kubernetes release, which masters run in the place of the lab's own parts. */
  readonly kubeAssets?: string | undefined;
  /** Where the environment file goes; `environments/lab.yaml` below the working folder for the lab named "lab". */
  readonly environmentFile?: string;
  readonly onProgress?: (line: string) => void;
  /** Takes the half-made lab down again. */
  readonly signal?: AbortSignal;
}

export interface RunningLab {
  readonly name: string;
  readonly environmentFile: string;
  /** The lab's first process. */
  readonly process: ProcessRef;
  /** Resolves when the lab has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it. Resolves when nothing of it is left. */
  end(): Promise<void>;
  /** Lets it live on when this process ends. */
  stay(): Promise<void>;
}

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const program = fileURLToPath(new URL(`../world/main${extension}`, import.meta.url));
const app = resolve(program, '../../..');

/**
 * Makes a lab that lives as long as this process, or until it is told to stay: it holds the reading end of a pipe, which
 * the kernel closes however this process ends. Resolves when nine healthy members of etcd agree on a leader.
 *
 * @throws LabError when a lab can't run here, the name is taken, or it doesn't come up
 */
export async function makeLab(options: LabUpOptions): Promise<RunningLab> {
  const { name, timing = 'fast', specimen = false, kubernetes = specimen, onProgress = () => {}, signal } = options;
  checkName(name);
  checkRequirements();
  const assets = assetsFor(options);
  const own = processRef(process.pid);
  if (!own) throw new LabError('unsupported-system', '/proc is not mounted here, and the lab needs it');
  let entry: LabEntry = { name, timing, kubernetes, process: own, createdAt: new Date().toISOString() };
  claim(entry);
  sweepCgroups();

  const world = startWorld(entry, specimen, assets);
  const ended = new Promise<void>((resolve) => world.once('exit', () => resolve()));
  const end = async (): Promise<void> => {
    const family = world.pid === undefined ? [] : familyOf(world.pid);
    world.stdin?.destroy();
    world.kill('SIGKILL');
    await ended;
    await allGone(family);
    removeEnvironmentFile(entry);
    forget(name);
  };
  try {
    const ref = await refOf(world);
    writeEntry((entry = { ...entry, process: ref }));
    await comeUp(name, world, onProgress, signal);
    const status = await askLab<LabStatus>(name, '/status');
    const environmentFile = writeEnvironmentFile(options.environmentFile ?? environmentFileOf(name), status, ref);
    writeEntry((entry = { ...entry, environmentFile }));
    const stay = async (): Promise<void> => {
      await askLab(name, '/stay');
      world.stdin?.destroy();
      world.unref();
    };
    return { name, environmentFile, process: ref, ended, end, stay };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Makes a lab that stays when this process ends. */
export async function labUp(options: LabUpOptions): Promise<RunningLab> {
  const lab = await makeLab(options);
  await lab.stay();
  return lab;
}

/** Where `lab up` writes the environment file of a lab. */
export function environmentFileOf(name: string): string {
  return resolve('environments', name === 'lab' ? 'lab.yaml' : `lab-${name}.yaml`);
}

/** @throws LabError when they can't be used */
function assetsFor({ specimen = false, kubernetes = specimen, kubeAssets }: LabUpOptions): KubeAssets | null {
  if (kubeAssets === undefined) return null;
  if (!kubernetes) throw new LabError('bad-assets', `--kube-assets ${kubeAssets} is for a lab with Kubernetes; give --kubernetes as well`);
  return checkKubeAssets(kubeAssets);
}

function startWorld(entry: LabEntry, specimen: boolean, kubeAssets: KubeAssets | null): ChildProcess {
  const config: WorldConfig = {
    name: entry.name,
    timing: entry.timing === 'aws' ? 'aws' : 'fast',
    kubernetes: entry.kubernetes,
    specimen,
    kubeAssets,
    folder: labFolder(entry.name),
    runtime: runtimeFolder(),
    node: process.execPath,
    app,
  };
  const log = openSync(logOf(entry.name), 'a', 0o600);
  try {
    return spawn(
      'unshare',
      // prettier-ignore
      ['--user', '--map-root-user', '--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc', '--',
        process.execPath, '--disable-warning=ExperimentalWarning', program, JSON.stringify(config)],
      {
        stdio: ['pipe', log, log],
        // A session of its own: Ctrl-C in the terminal is for the one who made the lab, not for the lab.
        detached: true,
        cwd: '/',
        env: { PATH: programPath, HOME: '/root', LANG: 'C.UTF-8', ...compileCache() },
      },
    );
  } finally {
    closeSync(log);
  }
}

/** The same cache of compiled programs that this process uses, if it uses one. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

async function refOf(world: ChildProcess): Promise<ProcessRef> {
  if (world.pid === undefined) {
    const [error] = (await new Promise((resolve) => world.once('error', (...args) => resolve(args)))) as [Error];
    throw new LabError('start-failed', `unshare could not be started: ${error.message}`);
  }
  world.stdin?.on('error', () => {});
  const ref = processRef(world.pid);
  if (!ref) throw new LabError('start-failed', 'the lab ended as soon as it began');
  return ref;
}

/** Follows the lab while it comes up. */
async function comeUp(name: string, world: ChildProcess, onProgress: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const died = new AbortController();
  world.once('exit', () => died.abort());
  const stop = AbortSignal.any([died.signal, ...(signal ? [signal] : [])]);
  try {
    while (!existsSync(socketOf(name))) await wait(20, undefined, { signal: stop });
    let pending = '';
    for await (const text of streamLab(name, '/progress', {}, stop)) {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as ProgressEvent;
        if (event.type === 'failed') throw new LabError('start-failed', `lab ${name} did not come up: ${event.message}${event.toldAll ? '' : `\n${logTail(name)}`}`);
        if (event.type === 'ready') return onProgress(`lab ${name} is ready after ${seconds(event.afterMs)}`);
        onProgress(`${seconds(event.afterMs).padStart(7)}  ${event.text}`);
      }
    }
    throw new LabError('start-failed', `lab ${name} stopped reporting while it came up\n${logTail(name)}`);
  } catch (error) {
    if (signal?.aborted) throw new LabError('interrupted', `interrupted; lab ${name} is taken down again, and nothing of it is left`);
    // A lab that dies is first noticed by its silence, then by the end of its process.
    if (error instanceof LabError && error.code === 'not-up') await Promise.race([once(world, 'exit'), wait(2_000)]);
    if (died.signal.aborted) throw new LabError('start-failed', `lab ${name} ended while it came up\n${logTail(name)}`);
    throw error;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function logTail(name: string): string {
  const path = join(logOf(name));
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '(it left no log)';
}

/** Ends a lab. Resolves when nothing of it runs any more. */
export async function endLab(entry: LabEntry): Promise<void> {
  const family = familyOf(entry.process.pid);
  try {
    await askLab(entry.name, '/shutdown', {}, 2_000);
  } catch (error) {
    // It may be on its way out already, or stuck: what follows ends it either way.
    if (!(error instanceof LabError)) throw error;
  }
  const deadline = performance.now() + 3_000;
  while (isAlive(entry.process)) {
    if (performance.now() > deadline) kill(entry.process.pid);
    await wait(20);
  }
  await allGone(family);
  forget(entry.name);
  removeEnvironmentFile(entry);
}

/** The kernel kills a world's processes with its first one, but not in the same instant. */
async function allGone(family: readonly ProcessRef[]): Promise<void> {
  while (family.some(isAlive)) await wait(20);
}
