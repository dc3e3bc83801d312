import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, root } from './firedrill.ts';

const journals = { '20261127T071000Z-node-loss-9cc6': 'node-loss', '20261126T071000Z-node-loss-1111': 'node-loss', '20261125T071000Z-etcd-leader-loss-2222': 'etcd-leader-loss-not-replaced' };

describe('past runs on the command line', () => {
  let runs: string;
  before(() => {
    runs = mkdtempSync(join(tmpdir(), 'firedrill-past-'));
    for (const [run, journal] of Object.entries(journals)) {
      mkdirSync(join(runs, run));
      cpSync(join(root, `test/journals/${journal}.ndjson`), join(runs, run, 'journal.ndjson'));
    }
    mkdirSync(join(runs, 'photos'));
    mkdirSync(join(runs, '20261124T071000Z-node-loss-3333'));
    writeFileSync(join(runs, '20261124T071000Z-node-loss-3333', 'journal.ndjson'), '');
  });
  after(() => rmSync(runs, { recursive: true }));

  it('are listed, and what is no run is named; also as a page', async () => {
    const { stdout } = await expectExit(0, 'history', '--out', runs);
    assert.equal(stdout.match(/^2026-11-27 07:10 +node-loss +lab +✓ held /gm)?.length, 2);
    assert.match(stdout, /Not listed\n(?:.*\n)*? {2}photos: it has no journal/);
    assert.match(stdout, /3333: .*has no entry: this run never started/);
    await expectExit(0, 'history', '--out', runs, '--html', '--drill', 'node-loss');
    assert.match(readFileSync(join(runs, 'index.html'), 'utf8'), /<h1>2 runs<\/h1>/);
  });

  it('are compared and drawn', async () => {
    const [one, other, third] = Object.keys(journals) as [string, string, string];
    const { stdout } = await expectExit(0, 'compare', one, other, '--out', runs, '--format', 'markdown');
    assert.match(stdout, /too few repeats/);
    const { stderr } = await expectExit(2, 'compare', one, third, '--out', runs);
    assert.match(stderr, /these are runs of different drills, node-loss and etcd-leader-loss: compare those of one/);
    const trend = await expectExit(0, 'trend', 'node-loss', '--out', runs);
    assert.match(trend.stdout, /^2026-11-27 07:10 +✓ +█/m);
  });

  it('are reported in one format, printed or into a file, with the exit code of the verdict', async () => {
    const [run] = Object.keys(journals) as [string];
    const series = join(runs, 'series.csv');
    await expectExit(0, 'report', join(runs, run), '--format', 'csv', '--out', series);
    assert.match(readFileSync(series, 'utf8'), /^time,t_s,.*\r\n2026-11-27T07:/);
    const { stdout } = await expectExit(0, 'report', join(runs, run), '--format', 'openmetrics');
    assert.match(stdout, /firedrill_run_verdict\{drill="node-loss",.*verdict="held"\} 1\n[^]*# EOF\n$/);
    // Prometheus' own reader takes it.
    const { status, stderr: complaints } = spawnSync('promtool', ['check', 'metrics'], { input: stdout, encoding: 'utf8' });
    assert.deepEqual({ status, complaints }, { status: 0, complaints: '' });
    const { stderr } = await expectExit(2, 'report', join(runs, run), '--format', 'pdf');
    assert.match(stderr, /--format is "pdf"; give one of csv, html, json, junit, markdown, openmetrics, text/);
  });
});
