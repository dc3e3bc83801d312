import { matchesGlob } from '../../scenarios/glob.ts';
import { ExpectedError } from '../errors.ts';
import type { GateDrill } from './result.ts';

/** The drills that have at least one of these tags. @throws ExpectedError for a tag that no drill has */
export function taggedWith(drills: readonly GateDrill[], tags: readonly string[]): GateDrill[] {
  const known = [...new Set(drills.flatMap((drill) => drill.tags))].sort();
  const unknown = tags.find((tag) => !known.includes(tag));
  if (unknown !== undefined) throw new ExpectedError(`--only is "${unknown}", a tag that no drill of this gate has; give one of ${known.join(', ') || '(there are none)'}`);
  return drills.filter((drill) => drill.tags.some((tag) => tags.includes(tag)));
}

/** Globs of changed paths, each with the drills or tags that they call for. */
export type Paths = Readonly<Record<string, readonly string[]>>;

/** @throws ExpectedError where a path calls for what is neither a drill nor a tag */
export function checkPaths(paths: Paths, drills: readonly GateDrill[], file: string): void {
  const known = new Set(drills.flatMap(({ id, tags }) => [id, ...tags]));
  for (const [glob, words] of Object.entries(paths)) {
    const unknown = words.find((word) => !known.has(word));
    if (unknown !== undefined) throw new ExpectedError(`${file} gate.paths.${glob} calls for "${unknown}", which is no drill of this suite and no tag of one; give one of ${[...known].sort().join(', ')}`);
  }
}

/**
 * The drills that changes call for: by a path of the suite, or because a drill's own file has changed.
 *
 * @param changed paths from the top of the repository
 */
export function calledForBy(changed: readonly string[], paths: Paths, drills: readonly GateDrill[]): GateDrill[] {
  const words = new Set(Object.entries(paths).flatMap(([glob, called]) => (changed.some((path) => matchesGlob(path, glob)) ? called : [])));
  return drills.filter(({ id, tags, slos }) => words.has(id) || tags.some((tag) => words.has(tag)) || changed.includes(slos[0]?.file ?? ''));
}
