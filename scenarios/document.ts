import type { z } from 'zod';
import { check, describe } from './issues.ts';
import { isMapping, type Report } from './parameters.ts';
import { refusalOf, ScenarioError } from './problem.ts';
import { FileRefused, readText } from './read-file.ts';
import { pathText, readYaml, sizeLimitBytes, type Finding, type YamlTree } from './yaml-tree.ts';

/** A kind of file beside drills, such as `gameday.yaml`: a mapping, checked by one schema. */
export interface DocumentKind<T extends z.ZodType> {
  readonly schema: T;
  /** What the whole is, with its article: `the game day`. */
  readonly what: string;
  /** What its mapping has, for who writes something else: ` with name and drills`. */
  readonly having?: string;
}

/**
 * Takes the text of such a file.
 *
 * @param file what it is called in messages
 * @param finish makes of what has the right shape what it stands for, and says what its parts have against each other
 * @throws ScenarioError with all problems, each with line and column, the value found and what would be accepted
 */
export function loadDocument<T extends z.ZodType, R = z.output<T>>(
  text: string,
  file: string,
  { schema, what, having = '' }: DocumentKind<T>,
  finish: (checked: z.output<T>, report: Report, tree: YamlTree) => R = (checked) => checked as R,
): R {
  const tree = readYaml(text, { what });
  const findings: Finding[] = [...tree.findings];
  const report: Report = (path, of, message) => {
    // What follows from a value that could not be read says nothing new.
    if (!tree.unreadable.has(pathText(path))) findings.push({ offset: tree.offsetOf(path, of), text: message });
  };
  if (findings.length === 0 && !isMapping(tree.value)) report([], 'value', `${what} is ${describe(tree.value)}; give a mapping${having}`);
  const checked = isMapping(tree.value) ? check({ schema, value: tree.value, path: [], report, what }) : undefined;
  if (findings.length > 0) throw refusalOf(file, tree, findings);
  const finished = finish(checked as z.output<T>, report, tree);
  if (findings.length > 0) throw refusalOf(file, tree, findings);
  return finished;
}

/**
 * Reads such a file.
 *
 * @throws ScenarioError, also when it can't be read
 */
export async function readDocument<T extends z.ZodType>(file: string, kind: DocumentKind<T>): Promise<z.output<T>> {
  let text: string;
  try {
    text = await readText(file, sizeLimitBytes);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    throw new ScenarioError(file, [{ at: null, text: `${kind.what} ${file} ${error.message}` }], { cause: error });
  }
  return loadDocument(text, file, kind);
}
