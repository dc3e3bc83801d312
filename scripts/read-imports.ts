import { stripTypeScriptTypes } from 'node:module';

/** One import, re-export or `import()` of a literal, as written. */
export interface Import {
  specifier: string;
  /** Vanishes when the types are stripped: `import type`, or `import('…').Name` in a type. */
  typeOnly: boolean;
  /** From 1. */
  line: number;
}

// Statements start a line; the class between keyword and `from` has no quote, bracket or `=`, so it can't run on.
const STATEMENT = /^[ \t]*(?:import|export)\b(?:(?:[\w\s{},*$]|\/\/[^\n]*\n|\/\*[^*]*\*\/)*?\bfrom)?\s*(['"])(?<specifier>[^'"\n]+)\1/gm;
const CALL = /\bimport\(\s*(['"`])(?<specifier>[^'"`\n]+)\1/g;

/**
 * Lists the imports of a TypeScript module, type imports included.
 *
 * @throws SyntaxError when the types can't be stripped from `source`
 */
export function readImports(source: string): Import[] {
  const values = new Map<string, number>();
  for (const { specifier } of scan(stripTypeScriptTypes(source))) values.set(specifier, (values.get(specifier) ?? 0) + 1);

  // What isn't there any more without the types was a type import. Type imports come first in the count, because
  // of two imports of one module the statement at the top is the one people write as a type.
  return scan(source)
    .reverse()
    .map(({ specifier, line }) => {
      const left = values.get(specifier) ?? 0;
      values.set(specifier, left - 1);
      return { specifier, line, typeOnly: left <= 0 };
    })
    .reverse();
}

function scan(source: string): { specifier: string; line: number }[] {
  const found: { specifier: string; index: number }[] = [];
  for (const pattern of [STATEMENT, CALL]) {
    for (const match of source.matchAll(pattern)) {
      const lineStart = source.lastIndexOf('\n', match.index) + 1;
      const inComment = /^\s*(\*|\/\/|\/\*)/.test(source.slice(lineStart, match.index + 1));
      if (!inComment) found.push({ specifier: match.groups!.specifier!, index: match.index });
    }
  }
  return found
    .sort((a, b) => a.index - b.index)
    .map(({ specifier, index }) => ({ specifier, line: source.slice(0, index).split('\n').length }));
}
