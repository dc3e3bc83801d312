/**
 * `npm run bench [-- name…]`: runs the benchmarks, all of them by default. Each prints its figures beside the limits that
 * they are held against, and fails when one is missed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const folder = import.meta.dirname;
const helpers = new Set(['main', 'figures']);
const names = (await readdir(folder))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => !helpers.has(name))
  .sort();

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}\n`);
  process.exit(2);
}

const missed: string[] = [];
for (const name of asked.length > 0 ? asked : names) {
  process.stdout.write(`\n== ${name}\n`);
  const child = spawn(process.execPath, [join(folder, `${name}.ts`)], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) missed.push(name);
}
process.stdout.write(missed.length === 0 ? '\nall limits are met\n' : `\nlimits missed: ${missed.join(', ')}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
