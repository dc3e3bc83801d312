import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError, exitCodes, messageOf } from '../../runner/errors.ts';
import { loadKinds, type Kinds } from '../../runner/kinds.ts';
import { rightsOf, rolesFor } from '../../runner/rights.ts';
import { drillsOf } from '../../runner/schedule/slot-drills.ts';
import { namedIn, readGameday, type GamedaySlot } from '../../scenarios/gameday.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { chooseEnvironment } from '../environment-file.ts';
import { candidates, scenarioOf } from '../gameday/drills.ts';
import { platformOptions } from '../gameday/platform.ts';
import { recurringOf, scheduleOf } from '../schedule/command.ts';
import { version } from '../version.ts';
import { environmentInCluster } from './environment.ts';
import { emitGithub } from './github.ts';
import { accountName } from './in-cluster.ts';
import { emitKubernetes } from './kubernetes.ts';
import type { Roles } from './rbac.ts';
import type { EmitInput, EmittedFile } from './schedule.ts';
import { emitSystemd } from './systemd.ts';

export interface EmitOptions {
  readonly emit: 'kubernetes' | 'systemd' | 'github';
  readonly to?: string;
  readonly image?: string;
  readonly namespace: string;
  readonly env?: string;
  readonly lab?: string;
}

/**
 * `firedrill gameday schedule --emit`: writes the schedule for what runs schedules already. Touches no platform.
 *
 * @returns the exit code
 * @throws ExpectedError when the target can't say it, or the files can't be written
 */
export async function emitCommand(file: string, options: EmitOptions): Promise<number> {
  const gameday = await readGameday(file);
  const schedule = scheduleOf(gameday);
  const chosen = await chooseEnvironment(platformOptions(gameday, file, options));
  if (!chosen) throw new ExpectedError('say for which platform it is written, with --env or --lab, or with environment in the file');
  const kinds = await loadKinds();
  const drills = await drillsOfAll(schedule, file, kinds, chosen.environment);
  const input: EmitInput = {
    name: gameday.name,
    title: gameday.title,
    recurring: schedule.map((slot) => recurringOf(slot, gameday)),
    files: await Promise.all(filesOf(schedule, file).map(async (path) => ({ path, text: await readFile(join(dirname(file), path), 'utf8') }))),
    gamedayFile: basename(file),
    environment: await readFile(chosen.file, 'utf8'),
    version: version(),
  };
  const folder = options.to ?? `${gameday.name}-${options.emit}`;
  await write(folder, emit(input, drills, options, file, chosen.file, kinds));
  process.stdout.write(nextStep[options.emit](folder));
  return exitCodes.held;
}

function emit(input: EmitInput, drills: readonly Scenario[], { emit: target, namespace, image = `firedrill/firedrill:${version()}` }: EmitOptions, file: string, environmentFile: string, kinds: Kinds): EmittedFile[] {
  switch (target) {
    case 'systemd':
      return emitSystemd(input);
    case 'github':
      return emitGithub({ ...input, fromMs: realClock.wall(), folder: inRepository(dirname(file)), environmentFile: relative(dirname(file), environmentFile) });
    case 'kubernetes':
      return emitKubernetes({
        ...input,
        namespace,
        image,
        environment: environmentInCluster(input.environment, { namespace, image, account: accountName }),
        roles: rolesFor(rightsOf(drills, kinds)) as unknown as Roles,
        zonesHit: zonesOf(drills),
      });
  }
}

/** Every drill that a slot names or may draw, loaded as it will be run. */
async function drillsOfAll(schedule: readonly GamedaySlot[], file: string, kinds: Kinds, environment: Parameters<typeof candidates>[1]): Promise<Scenario[]> {
  const named = (drill: string): string => namedIn(file, drill);
  const catalogue = schedule.some(({ draw }) => draw && 'tag' in draw.of) ? await candidates(kinds, environment) : [];
  const all = schedule.flatMap((slot) => {
    const { draw } = slot;
    if (!draw) return drillsOf({ key: '' }, slot, [], named);
    const names = 'tag' in draw.of ? catalogue.filter(({ tags }) => 'tag' in draw.of && tags.includes(draw.of.tag)).map(({ drill }) => drill) : draw.of.drills;
    return names.map((drill) => ({ drill: named(drill), set: [] as string[], seed: 0 }));
  });
  return Promise.all(all.map((drill) => scenarioOf(drill, kinds)));
}

/** The game day's file, and those of its drills that are no drills of the catalogue, by their paths from its folder. */
function filesOf(schedule: readonly GamedaySlot[], file: string): string[] {
  const named = schedule.flatMap(({ drills = [], draw }) => [...drills.map(({ drill }) => drill), ...(draw && 'drills' in draw.of ? draw.of.drills : [])]);
  const paths = named.filter((drill) => !/^[a-z][a-z0-9-]*$/.test(drill)).map((drill) => relative(dirname(resolve(file)), resolve(dirname(file), drill)));
  const outside = paths.find((path) => path.startsWith('..'));
  if (outside !== undefined) throw new ExpectedError(`drill ${outside} lies outside of the folder of ${file}, and would not be found where it is run; put it beside it`);
  return [...new Set([basename(file), ...paths])];
}

/** Zones that faults name; those that are drawn are known at the run only. */
function zonesOf(drills: readonly Scenario[]): string[] {
  return [...new Set(drills.flatMap(({ faults }) => faults.flatMap(({ select }) => (typeof select?.zone === 'string' ? [select.zone] : []))))].sort();
}

function inRepository(folder: string): string {
  const path = relative('.', folder);
  if (path.startsWith('..')) throw new ExpectedError(`the game day lies outside of the working folder; start this at the root of its repository`);
  return path;
}

async function write(folder: string, files: readonly EmittedFile[]): Promise<void> {
  for (const { path, text } of files) {
    const target = join(folder, path);
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    } catch (error) {
      throw new ExpectedError(`${target} can't be written: ${messageOf(error)}`, undefined, { cause: error });
    }
  }
}

const nextStep: Readonly<Record<EmitOptions['emit'], (folder: string) => string>> = {
  kubernetes: (folder) => `written to ${folder}; look through it, then: kubectl apply -k ${folder}\n`,
  systemd: (folder) => `written to ${folder}; look through it, then, as root, in that folder: sh install.sh\n`,
  github: (folder) => `written to ${folder}; look through it, then put ${folder}/.github/workflows into your repository\n`,
};
