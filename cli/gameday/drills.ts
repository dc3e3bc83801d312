import { catalogue } from '../../scenarios/find.ts';
import { namedIn, type Gameday } from '../../scenarios/gameday.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { settingTexts } from '../../scenarios/settings.ts';
import type { Environment } from '../../runner/environment.ts';
import type { Candidate, Drills, PlannedDrill } from '../../runner/gameday/draw.ts';
import { needsOf, type Kinds } from '../../runner/kinds.ts';
import { chooseDrill } from '../drill.ts';

/**
 * Loads every drill that a game day names, and those that it may draw by their tag: of the catalogue, what this environment can
 * run, which is no drill for Kubernetes where it has none.
 *
 * @param file of the game day: paths begin in its folder
 * @throws ExpectedError, ScenarioError for a drill that can't be loaded as the game day sets it
 */
export async function drillsOf(gameday: Gameday, file: string, kinds: Kinds, environment: Environment): Promise<Drills> {
  const steps = gameday.drills ?? [];
  const byName = new Map<string, Candidate>();
  for (const { drill, draw, set } of steps) {
    const named = [...(drill === undefined ? [] : [drill]), ...(draw && 'drills' in draw.of ? draw.of.drills : [])];
    for (const name of named) {
      const path = namedIn(file, name);
      const { scenario } = await chooseDrill(path, kinds, { set: settingTexts(set) });
      byName.set(name, { drill: path, title: scenario.title, tags: scenario.tags });
    }
  }
  const drawsByTag = steps.some(({ draw }) => draw && 'tag' in draw.of);
  return { named: (name) => byName.get(name)!, catalogue: drawsByTag ? await candidates(kinds, environment) : [] };
}

/** The drills of the catalogue that this environment can run: no drill for Kubernetes where it has none. */
export async function candidates(kinds: Kinds, environment: Environment): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const name of await catalogue()) {
    const { scenario } = await chooseDrill(name, kinds, {});
    if (environment.kubernetes || !needsOf(scenario, kinds).kubernetes) found.push({ drill: name, title: scenario.title, tags: scenario.tags });
  }
  return found;
}

/** The drill as it was planned. @throws ExpectedError, ScenarioError when it has changed so that it can't be loaded any more */
export async function scenarioOf({ drill, set }: Pick<PlannedDrill, 'drill' | 'set'>, kinds: Kinds): Promise<Scenario> {
  return (await chooseDrill(drill, kinds, { set })).scenario;
}
