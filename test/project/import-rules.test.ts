import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkImports } from '../../scripts/import-rules.ts';
import { readImports } from '../../scripts/read-imports.ts';

describe('the import-direction check', () => {
  const check = (sources: Record<string, string>): string[] =>
    checkImports(
      Object.entries(sources).map(([path, source]) => ({ path, imports: readImports(source) })),
      ['@aws-sdk/client-ec2', 'zod'],
    ).map(({ file, line, message }) => `${file}:${line} ${message}`);

  const forbidden: [what: string, path: string, source: string, message: RegExp][] = [
    ['scenarios to runner', 'scenarios/a.ts', `import { b } from '../runner/b.ts';`, /scenarios\/ may import nothing of ours, not runner\/b\.ts: .*drill language/],
    ['runner to reports', 'runner/a.ts', `import { b } from '../reports/b.ts';`, /runner\/ may import scenarios\/, not reports\/b\.ts/],
    ['runner to lab, even for a type', 'runner/faults/a.ts', `import type { B } from '../../lab/index.ts';`, /not lab\/index\.ts: .*staging/],
    ['reports to runner code', 'reports/a.ts', `import { b } from '../runner/b.ts';`, /reports\/ may only "import type" from runner\/b\.ts/],
    ['reports to scenarios', 'reports/a.ts', `import type { B } from '../scenarios/b.ts';`, /reports\/ may import runner\/, not scenarios\/b\.ts/],
    ['lab to runner', 'lab/aws/a.ts', `import { b } from '../../runner/b.ts';`, /lab\/ may import nothing of ours/],
    ['cli to the inside of the lab', 'cli/a.ts', `import { b } from '../lab/net/b.ts';`, /cli\/ may import lab\/index\.ts, not lab\/net\/b\.ts/],
    ['cli to test', 'cli/a.ts', `import { b } from '../test/b.ts';`, /not test\/b\.ts/],
    ['an SDK outside runner/clients', 'runner/faults/a.ts', `import { EC2 } from '@aws-sdk/client-ec2';`, /only runner\/clients\/ may import "@aws-sdk\/client-ec2"/],
    ['an SDK loaded when needed', 'cli/a.ts', `export const load = () => import('@aws-sdk/client-ec2');`, /only runner\/clients\//],
    ['an SDK re-exported', 'reports/a.ts', `export * from '@aws-sdk/client-ec2';`, /only runner\/clients\//],
    ['a package nobody declared', 'runner/a.ts', `import pad from 'left-pad';`, /"left-pad" is not among the dependencies/],
    ['a Node module without its prefix', 'runner/a.ts', `import fs from 'fs';`, /Node's own modules begin with "node:"/],
    ['a folder nobody thought of', 'plugins/a.ts', `import { b } from './b.ts';`, /plugins\/ is a folder without a rule/],
  ];
  for (const [what, path, source, message] of forbidden) {
    it(`refuses ${what}`, () => {
      const [violation, ...more] = check({ [path]: `// a first line\n${source}\n` });
      assert.deepEqual(more, []);
      assert.match(violation ?? 'nothing', message);
      assert.ok(violation?.startsWith(`${path}:2 `), violation);
    });
  }

  const allowed: [what: string, path: string, source: string][] = [
    ['runner to scenarios', 'runner/a.ts', `import { b } from '../scenarios/b.ts';`],
    ['reports to the types of runner', 'reports/a.ts', `import type {\n  B, // the judged run\n  C,\n} from '../runner/b.ts';`],
    ['cli to the front of the lab', 'cli/a.ts', `const lab = await import('../lab/index.ts');`],
    ['an SDK in runner/clients', 'runner/clients/ec2.ts', `import { EC2 } from '@aws-sdk/client-ec2';`],
    ['anything to test', 'test/a.test.ts', `import { b } from '../lab/net/b.ts';`],
    ['a package and a module of Node', 'scenarios/a.ts', `import { z } from 'zod';\nimport { join } from 'node:path';`],
    ['an import told about in a comment', 'scenarios/a.ts', `/**\n * import { b } from '../runner/b.ts';\n */\nexport const a = 1;`],
  ];
  for (const [what, path, source] of allowed) {
    it(`allows ${what}`, () => assert.deepEqual(check({ [path]: source }), []));
  }

  it('tells a cycle with all its files, once', () => {
    const violations = check({
      'runner/a.ts': `import { b } from './b.ts';`,
      'runner/b.ts': `import { c } from './c.ts';`,
      'runner/c.ts': `import { a } from './a.ts';`,
    });
    assert.equal(violations.length, 1);
    assert.match(violations[0]!, /^runner\/c\.ts:1 import cycle runner\/a\.ts → runner\/b\.ts → runner\/c\.ts → runner\/a\.ts/);
  });

  it('allows two contracts that name each other', () => {
    assert.deepEqual(
      check({ 'runner/a.ts': `import type { B } from './b.ts';`, 'runner/b.ts': `import { a } from './a.ts';` }),
      [],
    );
  });

  it('tells a type import from a value import of the same module', () => {
    const imports = readImports(`import type { A } from './a.ts';\nimport { a } from './a.ts';\nexport type B = import('./b.ts').B;\n`);
    assert.deepEqual(imports, [
      { specifier: './a.ts', line: 1, typeOnly: true },
      { specifier: './a.ts', line: 2, typeOnly: false },
      { specifier: './b.ts', line: 3, typeOnly: true },
    ]);
  });

  it('ends with exit code 1 and the reason when run on a checkout that breaks a rule', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'firedrill-imports-'));
    try {
      const write = (path: string, text: string): void => {
        mkdirSync(dirname(join(checkout, path)), { recursive: true });
        writeFileSync(join(checkout, path), text);
      };
      write('package.json', '{}');
      write('reports/html.ts', `import { judge } from '../runner/judge.ts';\nexport const html = judge;\n`);
      const run = spawnSync(process.execPath, ['scripts/check-imports.ts', checkout], { encoding: 'utf8' });
      assert.match(run.stderr, /^reports\/html\.ts:1 reports\/ may only "import type"/m);
      assert.equal(run.status, 1);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});
