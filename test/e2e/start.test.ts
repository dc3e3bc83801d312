import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { main } from './firedrill.ts';

/** Tells, at the end, each file that was loaded. */
const recorder = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  const files = [];
  registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
  process.on('exit', () => writeSync(2, JSON.stringify(files)));`)}`;

function loadedBy(...args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', recorder, main, ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  return JSON.parse(stderr) as string[];
}

describe('a command that reads one drill loads no more than it needs:', () => {
  let files: string[];
  before(() => {
    files = loadedBy('validate', 'pod-kill');
  });
  const loaded = (pattern: RegExp): string[] => files.filter((url) => pattern.test(url)).map((url) => pattern.exec(url)![1]!);

  it('the kinds that the drill names, and no others', () => {
    assert.deepEqual(loaded(/\/runner\/(faults\/.+)\.ts$/), ['faults/pod-kill']);
    assert.deepEqual(loaded(/\/runner\/(probes\/.+)\.ts$/).toSorted(), ['probes/endpoints', 'probes/pods-gone', 'probes/pods-ready', 'probes/workload-available']);
  });

  it('no client, no lab, nothing of Node that sends requests', () => {
    assert.deepEqual(loaded(/\/(lab\/.+)\.ts$/), []);
    assert.deepEqual(loaded(/(node:https?|undici|client-node|aws-sdk)/), []);
  });

  it("one language of zod's", () => {
    assert.deepEqual(loaded(/\/zod\/v4\/locales\/(.+)\.js$/), ['en']);
  });
});
