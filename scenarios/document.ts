import type { z } from 'zod';
import { check, describe } from './issues.ts';
import { isMapping, type Report } from './parameters.ts';
import { refusalOf, ScenarioError } from './problem.ts';
import { FileRefused, readText } from './read-file.ts';
import { pathText, readYaml, sizeLimitBytes, type Finding } from './yaml-tree.ts';

/** A kind of file beside drills, such as `gameday.yaml`: a mapping, checked by one schema. */
export interface DocumentKind<T extends z.ZodType> {
  readonly schema: T;
  /** What the whole is, with its article: `the game day`. */
  readonly what: string;
  /** Says what the parts have against each other; told of the file as it was read, as what has not the right shape is the schema's. */
  readonly references?: (value: Record<string, unknown>, report: Report) => void;
}

/**
 * Takes the text of such a file.
 *
 * @param file what it is called in messages
 * @throws ScenarioError with all problems, each with line and column, the value found and what would be accepted
 */
export function loadDocument<T extends z.ZodType>(text: string, file: string, { schema, what, references }: DocumentKind<T>): z.output<T> {
  const tree = readYaml(text, { what });
  const findings: Finding[] = [...tree.findings];
  const report: Report = (path, of, message) => {
    // What follows from a value that could not be read says nothing new.
    if (!tree.unreadable.has(pathText(path))) findings.push({ offset: tree.offsetOf(path, of), text: message });
  };
  let checked: unknown;
  if (isMapping(tree.value)) {
    checked = check({ schema, value: tree.value, path: [], report, what });
    references?.(tree.value, report);
  } else if (findings.length === 0) report([], 'value', `${what} is ${describe(tree.value)}; give a mapping`);
  if (findings.length > 0) throw refusalOf(file, tree, findings);
  return checked as z.output<T>;
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
