import type { Finding, YamlTree } from './yaml-tree.ts';

/** One thing that is wrong with a drill, and where. */
export interface Problem {
  /** From 1; null when it is not about a place in the file, such as a file that doesn't exist. */
  readonly at: { readonly line: number; readonly column: number } | null;
  /** Where in the drill, what was found there, and what would be accepted. */
  readonly text: string;
}

/** A drill that can't be used. Its message has a line for each problem, `file:line:column …`, in the order of the file. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  /** That of bad input: nothing was touched. */
  readonly exitCode = 2;
  readonly file: string;
  readonly problems: readonly Problem[];

  /** @param problems in the order in which they are to be shown */
  constructor(file: string, problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => lineOf(file, problem)).join('\n'), options);
    this.file = file;
    this.problems = problems;
  }
}

function lineOf(file: string, { at, text }: Problem): string {
  return at ? `${file}:${at.line}:${at.column} ${text}` : text;
}

/** A file with more problems than this is not what it says it is. */
const problemLimit = 200;

/** All findings of a file as one error: in the order of the file, each with line and column, the first two hundred. */
export function refusalOf(file: string, tree: YamlTree, findings: readonly Finding[]): ScenarioError {
  const inOrder = findings.toSorted((a, b) => a.offset - b.offset);
  const shown = inOrder.slice(0, problemLimit);
  const problems: Problem[] = shown.map(({ offset, text }) => ({ at: tree.position(offset), text }));
  if (shown.length < inOrder.length) problems.push({ at: null, text: `${file} has ${inOrder.length - shown.length} problems more` });
  return new ScenarioError(file, problems);
}
