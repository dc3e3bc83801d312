// Checks the import directions of the checkout it runs in, or of the folder given: `node scripts/check-imports.ts [folder]`.
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkImports } from './import-rules.ts';
import { readImports } from './read-imports.ts';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const madeByTools = ['node_modules', 'dist', 'runs', 'coverage'];
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !madeByTools.includes(entry.name))
  .map((entry) => entry.name);

const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies?: Record<string, string>;
};
const files = globSync(folders.map((folder) => `${folder}/**/*.{ts,js}`), { cwd: root })
  .sort()
  .map((path) => ({ path, imports: readImports(readFileSync(join(root, path), 'utf8')) }));

const violations = checkImports(files, Object.keys(dependencies));
for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`);
if (files.length === 0) console.error(`no source files in ${root}`);

const count = files.reduce((sum, file) => sum + file.imports.length, 0);
if (violations.length === 0 && files.length > 0) console.log(`${files.length} files, ${count} imports, all in the right direction`);
process.exitCode = violations.length === 0 && files.length > 0 ? 0 : 1;
