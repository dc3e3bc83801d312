import { basename } from 'node:path';
import { loadDocument } from './document.ts';
import { isGlob } from './glob.ts';
import { describe } from './issues.ts';
import { suggest } from './nearest.ts';
import { isMapping, type Report } from './parameters.ts';
import { suiteSchema, type Suite, type SuiteDrill } from './suite.ts';
import { pathText, readYaml, type Path, type YamlTree } from './yaml-tree.ts';

const what = 'the suite';

/** Whether a text is meant to be a suite: it has drills and no faults. Never throws. */
export function isSuite(text: string): boolean {
  const { value } = readYaml(text, { what });
  return isMapping(value) && 'drills' in value && !('faults' in value);
}

/**
 * Reads a suite: durations in milliseconds, percentages as ratios, defaults filled in, an id for each drill.
 *
 * @param text YAML
 * @param file what the file is called in messages
 * @throws ScenarioError with all problems of the suite, in the order of the file; nothing else
 */
export function loadSuite(text: string, file: string): Suite {
  return loadDocument(text, file, { schema: suiteSchema, what, having: ' with name and drills' }, (suite, report, tree) => {
    const drills = suite.drills.map((drill, index) => ({ ...drill, id: drill.id ?? nameOf(drill.drill), line: lineOf(tree, ['drills', index]) }));
    checkDrills({ ...suite, drills }, report);
    return { ...suite, drills };
  });
}

/** A suite of drills that were named one by one, with all defaults. */
export function suiteOf(drills: readonly string[]): Suite {
  const suite = suiteSchema.parse({ name: 'drills', drills: drills.map((drill) => ({ drill })) });
  return { ...suite, drills: suite.drills.map((drill) => ({ ...drill, id: nameOf(drill.drill), line: null })) };
}

/** A drill's file has its name. */
function nameOf(drill: string): string {
  return basename(drill).replace(/\.ya?ml$/, '');
}

function lineOf(tree: YamlTree, path: Path): number {
  return tree.position(tree.offsetOf(path, 'value')).line;
}

/** Checks what the drills say about each other. */
function checkDrills({ drills, environments, gate }: Suite, report: Report): void {
  const ids = drills.map(({ id }) => id);
  for (const [index, drill] of drills.entries()) {
    const own = ['drills', index];
    const first = ids.indexOf(drill.id);
    if (first < index) report(own, 'value', `${pathText(own)} is ${describe(drill.id)}, as drills[${first}] is; give one of them an id of its own`);
    if (drill.in !== undefined && !Object.hasOwn(environments, drill.in)) {
      const path = [...own, 'in'];
      report(path, 'value', `${pathText(path)} is ${describe(drill.in)}; ${suggest(drill.in, Object.keys(environments), 'environments')}`);
    }
    for (const key of ['after', 'beside'] as const) {
      for (const [place, name] of drill[key].entries()) {
        const path = [...own, key, place];
        const problem = name === drill.id ? 'give another drill: this is itself' : ids.includes(name) ? undefined : suggest(name, ids, 'drills of this suite');
        if (problem !== undefined) report(path, 'value', `${pathText(path)} is ${describe(name)}; ${problem}`);
        else if (key === 'beside') checkBeside(drill, drills.find(({ id }) => id === name)!, path, report);
      }
    }
  }
  checkCircles(drills, report);
  checkPaths(gate.paths, report);
}

/** An environment is locked for one drill at a time. */
function checkBeside(drill: SuiteDrill, other: SuiteDrill, path: Path, report: Report): void {
  if (drill.in !== other.in) return;
  const where = drill.in === undefined ? 'the environment of the command line' : `environment ${drill.in}`;
  report(path, 'value', `${pathText(path)} is ${describe(other.id)}, and both run in ${where}, which is locked for one drill at a time: what one breaks the other would measure; give one of them another environment with "in", or leave it out`);
}

/** Each circle of drills that wait for one another is told once, at the first of them. */
function checkCircles(drills: readonly SuiteDrill[], report: Report): void {
  const afters = new Map(drills.map(({ id, after }) => [id, after]));
  const told = new Set<string>();
  const find = (id: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(id)) return trail[0] === id ? trail : undefined;
    for (const next of afters.get(id) ?? []) {
      const circle = find(next, [...trail, id]);
      if (circle) return circle;
    }
    return undefined;
  };
  for (const [index, { id }] of drills.entries()) {
    const circle = told.has(id) ? undefined : find(id, []);
    if (!circle || circle.length < 2) continue;
    for (const one of circle) told.add(one);
    const path = ['drills', index, 'after'];
    report(path, 'value', `${pathText(path)} makes a circle, ${[...circle, id].join(' after ')}; leave one of them out`);
  }
}

function checkPaths(paths: Suite['gate']['paths'], report: Report): void {
  for (const glob of Object.keys(paths)) {
    if (isGlob(glob)) continue;
    const path = ['gate', 'paths', glob];
    report(path, 'key', `${pathText(path)} is no glob that is understood; write it from the top of the repository, with *, **, ? and {a,b}`);
  }
}
