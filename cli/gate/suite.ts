import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ExpectedError } from '../../runner/errors.ts';
import { measureOf } from '../../runner/gate/measure.ts';
import type { GateDrill, Place } from '../../runner/gate/result.ts';
import type { Kinds } from '../../runner/kinds.ts';
import { findDrill } from '../../scenarios/find.ts';
import { isSuite, loadSuite, suiteOf } from '../../scenarios/load-suite.ts';
import { sloLines } from '../../scenarios/places.ts';
import { FileRefused, readText } from '../../scenarios/read-file.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { settingTexts } from '../../scenarios/settings.ts';
import type { Suite, SuiteDrill } from '../../scenarios/suite.ts';
import { sizeLimitBytes } from '../../scenarios/yaml-tree.ts';
import { chooseDrill } from '../drill.ts';
import { repositoryTop } from './git.ts';

/** What the user has asked a gate to run. */
export interface ChosenSuite {
  readonly suite: Suite;
  /** Its file, as messages name it; undefined for drills that were named one by one. */
  readonly file: string | undefined;
  /** Where its baseline is, when nobody says otherwise. */
  readonly baselinePath: string;
}

/**
 * A suite by its path, or drills by their names or paths.
 *
 * @throws ScenarioError, ExpectedError
 */
export async function chooseSuite(what: readonly string[]): Promise<ChosenSuite> {
  const suites = await Promise.all(what.map(suiteText));
  const index = suites.findIndex((text) => text !== undefined);
  if (index === -1) return { suite: suiteOf(what), file: undefined, baselinePath: 'firedrill.baseline.json' };
  if (what.length > 1) throw new ExpectedError(`${what[index]} is a suite; give one suite, or drills, not both`);
  const file = what[0]!;
  const suite = loadSuite(suites[0]!, file);
  const beside = `${basename(file).replace(/\.ya?ml$/, '')}.baseline.json`;
  return { suite, file, baselinePath: join(dirname(file), suite.baseline ?? beside) };
}

/** The text of a file that is a suite; undefined for a drill, or the name of one. */
async function suiteText(name: string): Promise<string | undefined> {
  if (!existsSync(name)) return undefined;
  try {
    const text = await readText(name, sizeLimitBytes);
    return isSuite(text) ? text : undefined;
  } catch (error) {
    // What is wrong with it is told by who looks for a drill.
    if (error instanceof FileRefused) return undefined;
    throw error;
  }
}

/** A drill of a gate, with what it takes to run it. */
export interface LoadedDrill {
  readonly drill: GateDrill;
  readonly scenario: Scenario;
  /** As `firedrill run` takes it. */
  readonly source: string;
  /** `name=value` texts. */
  readonly set: readonly string[];
}

/**
 * Loads every drill of a suite, before anything is run.
 *
 * @param repeat in place of what the suite says
 * @throws ScenarioError, ExpectedError
 */
export async function loadDrills({ suite, file }: ChosenSuite, kinds: Kinds, repeat: number | undefined): Promise<LoadedDrill[]> {
  const folder = file === undefined ? '.' : dirname(file);
  const top = (await repositoryTop(folder)) ?? resolve('.');
  return Promise.all(
    suite.drills.map(async (listed) => {
      const source = sourceOf(listed, folder);
      const set = settingTexts(listed.set);
      const { scenario } = await chooseDrill(source, kinds, { set });
      return { drill: await gateDrill({ suite, listed, scenario, source, suiteFile: file, top, repeat }), scenario, source, set };
    }),
  );
}

/** A path counts from the suite's folder; a name is one of the catalogue. */
function sourceOf({ drill }: SuiteDrill, folder: string): string {
  if (!/[/.]/.test(drill)) return drill;
  return resolve(drill) === drill ? drill : join(folder, drill);
}

interface DrillInput {
  readonly suite: Suite;
  readonly listed: SuiteDrill;
  readonly scenario: Scenario;
  readonly source: string;
  readonly suiteFile: string | undefined;
  readonly top: string;
  readonly repeat: number | undefined;
}

async function gateDrill({ suite, listed, scenario, source, suiteFile, top, repeat }: DrillInput): Promise<GateDrill> {
  const { file, text } = await findDrill(source);
  const place: Place = suiteFile === undefined || listed.line === null ? { file: fromTop(file, top), line: 1 } : { file: fromTop(suiteFile, top), line: listed.line };
  // A drill of an installed catalogue is in no change that anybody could look at.
  const isOurs = !fromTop(file, top).startsWith('..') && !file.split('/').includes('node_modules');
  return {
    id: listed.id,
    name: scenario.name,
    title: scenario.title,
    tags: [...new Set([...scenario.tags, ...listed.tags])],
    repeat: repeat ?? listed.repeat ?? suite.repeat,
    slower: listed.slower ?? suite.slower,
    after: listed.after,
    beside: listed.beside,
    environment: listed.in ?? null,
    measure: measureOf(scenario),
    place,
    slos: sloLines(text).map((line) => (isOurs ? { file: fromTop(file, top), line } : place)),
  };
}

function fromTop(file: string, top: string): string {
  return relative(top, resolve(file));
}
