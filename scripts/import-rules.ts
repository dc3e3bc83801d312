import { posix } from 'node:path';
import type { Import } from './read-imports.ts';

/** A source file as the check sees it: its path from the root of the checkout, and its imports. */
export interface SourceFile {
  path: string;
  imports: Import[];
}

export interface Violation {
  file: string;
  line: number;
  message: string;
}

/** The product's folders: which of our other folders each may import, and why no others. */
const FOLDERS: Record<string, { mayImport: string[]; why: string }> = {
  scenarios: {
    mayImport: [],
    why: 'scenarios/ is the drill language and knows nothing of how a drill is run, so that a drill can be checked anywhere',
  },
  runner: {
    mayImport: ['scenarios'],
    why: 'data flows scenarios → runner → reports; runner/ must not know the lab, the terminal or a report format, so that a drill runs in staging as it does in the lab',
  },
  reports: {
    mayImport: ['runner'],
    why: 'a report is a pure function of a judged run: it knows the types of runner/ and nothing else of ours',
  },
  lab: {
    mayImport: [],
    why: 'the lab speaks the wire protocols of the real platform and shares no code with the instrument that tests it',
  },
  cli: {
    mayImport: ['scenarios', 'runner', 'reports', 'lab'],
    why: 'cli/ ties the product together; tests, benchmarks and scripts are not part of it',
  },
};

/** Folders that are not part of the product and may import all of it. */
const FREE = ['test', 'bench', 'scripts'];

const SDK = /^(@aws-sdk\/|@smithy\/|@kubernetes\/|@opentelemetry\/|etcd3$)/;

/**
 * Judges the imports of all files against the table in the design: who may import whom, SDKs only in
 * `runner/clients/`, published code on published dependencies, no cycles.
 *
 * @param dependencies names in package.json's `dependencies`, what a user of the published package gets
 */
export function checkImports(files: SourceFile[], dependencies: string[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    for (const found of file.imports) {
      const message = judge(file.path, found, dependencies);
      if (message !== undefined) violations.push({ file: file.path, line: found.line, message });
    }
  }
  return [...violations, ...findCycles(files)];
}

function judge(path: string, { specifier, typeOnly }: Import, dependencies: string[]): string | undefined {
  const from = topFolder(path);
  if (FREE.includes(from)) return undefined;
  const rule = FOLDERS[from];
  if (!rule) return `${from}/ is a folder without a rule; add it to the table in scripts/import-rules.ts`;

  if (!specifier.startsWith('.')) return judgePackage(path, specifier, dependencies);

  const target = resolve(path, specifier);
  const to = topFolder(target);
  if (to === from) return undefined;
  if (!rule.mayImport.includes(to)) {
    const allowed = rule.mayImport.length === 0 ? 'nothing of ours' : rule.mayImport.map((name) => `${name}/`).join(', ');
    return `${from}/ may import ${allowed}, not ${target}: ${rule.why}`;
  }
  if (from === 'reports' && !typeOnly) return `reports/ may only "import type" from ${target}: ${rule.why}`;
  if (from === 'cli' && to === 'lab' && target !== 'lab/index.ts') {
    return `cli/ may import lab/index.ts, not ${target}: the inside of the lab may change without the command line noticing`;
  }
  return undefined;
}

function judgePackage(path: string, specifier: string, dependencies: string[]): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  if (!dependencies.includes(name)) {
    return `"${name}" is not among the dependencies in package.json: the published package would miss it (Node's own modules begin with "node:")`;
  }
  if (SDK.test(specifier) && !path.startsWith('runner/clients/')) {
    return `only runner/clients/ may import "${name}": a client there hides the SDK's retries, errors and weight from the rest`;
  }
  return undefined;
}

/** Every cycle is told once, at the file whose import closes it. Type imports don't count: two contracts may name each other. */
function findCycles(files: SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const violations: Violation[] = [];

  const visit = (file: SourceFile): void => {
    trail.push(file.path);
    for (const found of file.imports) {
      if (found.typeOnly || !found.specifier.startsWith('.')) continue;
      const target = resolve(file.path, found.specifier);
      const start = trail.indexOf(target);
      const next = byPath.get(target);
      if (start >= 0) {
        const cycle = [...trail.slice(start), target].join(' → ');
        violations.push({
          file: file.path,
          line: found.line,
          message: `import cycle ${cycle}: these files can't be understood or tested apart; move what they share into a file of its own`,
        });
      } else if (next && !done.has(target)) {
        visit(next);
      }
    }
    trail.pop();
    done.add(file.path);
  };

  for (const file of files) if (!done.has(file.path)) visit(file);
  return violations;
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function topFolder(path: string): string {
  return path.split('/')[0]!;
}
