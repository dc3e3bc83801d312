import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordLine } from '../../runner/consistency/records.ts';

const main = join(import.meta.dirname, '../../cli/main.js');

describe('firedrill check', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-check-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const check = (text: string, ...options: string[]): { status: number | null; stdout: string; stderr: string } => {
    const path = join(folder, 'history');
    writeFileSync(path, text);
    return spawnSync(process.execPath, [main, 'check', path, ...options], { encoding: 'utf8' });
  };
  const head = recordLine({ firedrill: 'etcd-history', version: 1 });
  const stale = [
    recordLine({ c: 0, t: [0, 1], op: 'put', k: 'a', v: '<script>&', r: 2 }),
    recordLine({ c: 0, t: [2, 3], op: 'put', k: 'a', v: 'y', r: 3 }),
    recordLine({ c: 1, t: [4, 5], op: 'get', k: 'a', kv: ['<script>&', 2, 2, 1], r: 2 }),
  ];

  it('ends with 0 when a history is linearizable', () => {
    const { status, stdout } = check(head + stale[0]! + stale[1]!);
    assert.equal(status, 0);
    assert.match(stdout, /^held +linearizability: linearizable: 2 of 2 operations/m);
    assert.match(stdout, /^linearizable$/m);
  });

  it('ends with 1 when it is not, says why, and draws it', () => {
    const svg = join(folder, 'out.svg');
    const { status, stdout } = check(head + stale.join(''), '--svg', svg);
    assert.equal(status, 1);
    assert.match(stdout, /had returned before get a → .* was called, whose revision is lower/);
    assert.match(stdout, /^not linearizable$/m);
    const drawn = readFileSync(svg, 'utf8');
    assert.match(drawn, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(drawn, /class="cx-stuck-text"/);
    assert.match(drawn, /prefers-color-scheme: dark/);
    assert.ok(drawn.includes('&lt;script&gt;&amp;') && !drawn.includes('<script>'));
  });

  it('prints its findings as JSON', () => {
    const { status, stdout } = check(head + stale.join(''), '--json');
    assert.equal(status, 1);
    const { verdict, findings } = JSON.parse(stdout) as { verdict: string; findings: { check: string; counterexample?: { operations: { line: number }[] } }[] };
    assert.equal(verdict, 'broken');
    assert.deepEqual(findings[0]!.counterexample!.operations.map(({ line }) => line), [3, 4]);
  });

  it('ends with 4 when the time is over', () => {
    const { status, stdout } = check('INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n'.repeat(3_000), '--within', '0s');
    assert.equal(status, 4);
    assert.match(stdout, /unknown/);
  });

  it('ends with 2 for a bad file, a bad option and a model that does not fit', () => {
    for (const [text, options, message] of [
      ['what is this\n', [], /give --format/],
      [`${head}{"op":"put"}\n{}\n`, [], /history:2 "c" is/],
      [head, ['--within', 'soon'], /--within is "soon"/],
      [head, ['--memory', 'lots'], /--memory is "lots"/],
      [head, ['--model', 'register'], /history of etcd/],
      [head, ['--model', 'tree'], /Allowed choices/],
    ] as const) {
      const { status, stderr } = check(text, ...options);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    }
  });
});
