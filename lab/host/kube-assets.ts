import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LabError, systemCode } from '../errors.ts';
import { kubePrograms, minorOf, oldestMinor, type KubeAssets, type KubeProgram } from '../kubernetes/assets/programs.ts';

const answerWithinMs = 20_000;

/**
 * Makes sure, before anything is started, that a folder has the programs of a Kubernetes release, and that they run here.
 *
 * @param folder relative to the working folder, or absolute
 * @throws LabError that names what is wrong with each
 */
export function checkKubeAssets(folder: string): KubeAssets {
  const path = folderAt(folder);
  const obstacles = kubePrograms.flatMap((program) => named(program, obstacle(join(path, program))));
  if (obstacles.length > 0) throw refusal(folder, obstacles);
  const versions = kubePrograms.map((program) => ({ program, ...askVersion(join(path, program)) }));
  const [apiServer] = versions;
  const wrong = versions.flatMap(({ program, version, minor, problem }) => {
    if (problem !== undefined) return named(program, problem);
    if (minor < oldestMinor) return named(program, `is ${version}, and 1.${oldestMinor} is the oldest that works`);
    return minor > apiServer!.minor ? named(program, `is ${version}, newer than kube-apiserver (${apiServer!.version})`) : [];
  });
  if (wrong.length > 0) throw refusal(folder, wrong);
  return { folder: path, version: apiServer!.version };
}

function folderAt(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) throw refusal(folder, ['there is no such folder']);
  if (!found.isDirectory()) throw refusal(folder, ['it is no folder']);
  return realpathSync(folder);
}

/** Why a program can't be started, as far as its file tells. */
function obstacle(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'is missing';
  if (!found.isFile()) return 'is not a file';
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    if (systemCode(error) !== 'EACCES') throw error;
    return 'is not executable';
  }
}

interface Answer {
  readonly version: string;
  readonly minor: number;
  readonly problem?: string;
}

/** Asks a program for its version: all of Kubernetes' answer with one line, such as `Kubernetes v1.33.1`. */
function askVersion(path: string): Answer {
  const { error, status, stdout, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: answerWithinMs, stdio: ['ignore', 'pipe', 'pipe'] });
  const unknown = { version: '', minor: NaN };
  if (error) return { ...unknown, problem: `can't be run here: ${error.message}` };
  const [, version = ''] = /^Kubernetes (v\S+)$/m.exec(stdout) ?? [];
  const minor = minorOf(version);
  if (!Number.isNaN(minor)) return { version, minor };
  const said = (stdout.trim() || stderr.trim() || `nothing, and ended with ${status}`).split('\n')[0]!.slice(0, 100);
  return { ...unknown, problem: `is not of Kubernetes 1: asked for its --version it said "${said}"` };
}

const named = (program: KubeProgram, problem: string | undefined): string[] => (problem === undefined ? [] : [`${program} ${problem}`]);

function refusal(folder: string, problems: readonly string[]): LabError {
  return new LabError(
    'bad-assets',
    `the lab can't run Kubernetes from ${folder}: ${problems.join('; ')}\n` +
      `it needs ${kubePrograms.join(', ')} of one release from 1.${oldestMinor} on, and --kube-assets or KUBEBUILDER_ASSETS to name their folder; ` +
      'without either, the lab runs parts of its own',
  );
}
