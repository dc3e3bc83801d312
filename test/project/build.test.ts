import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

describe('the built package', function () {
  this.timeout(120_000);

  let installed: string;
  before(() => {
    // As npm would lay it out, without `npm pack`, which would build into the checkout.
    installed = mkdtempSync(join(tmpdir(), 'firedrill-package-'));
    for (const part of ['package.json', 'scenarios/catalogue']) cpSync(join(root, part), join(installed, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'));
    const build = run(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(installed, 'dist')]);
    assert.equal(build.status, 0, build.stdout);
    const browser = run(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'reports/page/browser'), '--noEmit', 'false', '--outDir', join(installed, 'dist')]);
    assert.equal(browser.status, 0, browser.stdout);
  });
  after(() => rmSync(installed, { recursive: true }));

  const firedrill = (...args: string[]): ReturnType<typeof run> => run(process.execPath, [join(installed, 'dist/cli/main.js'), ...args]);

  it('is JavaScript all through', () => {
    assert.ok(globSync('dist/**/*.js', { cwd: installed }).length > 50);
    assert.deepEqual(globSync('dist/**/*.ts', { cwd: installed }).filter((path) => !path.endsWith('.d.ts')), []);
  });

  it('has the script of the HTML report', () => {
    assert.ok(globSync('dist/reports/page/browser/start.js', { cwd: installed }).length === 1);
  });

  it('knows its version', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.equal(firedrill('--version').stdout, `${version}\n`);
  });

  it('finds the catalogue, and all kinds of faults and probes', () => {
    const { status, stdout, stderr } = firedrill('validate');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /etcd-zone-plus-one/);
  });
});

function run(command: string, args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { error, ...result } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  return result;
}
