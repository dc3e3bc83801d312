import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStateFile, readRecords } from '../../runner/schedule/state-file.ts';
import { realClock } from '../../runner/clock.ts';
import { sampleEnvironment } from '../runner/sample-platform.ts';
import { sampleScenario } from '../runner/sample-scenario.ts';
import { makeRun } from '../runner/schedule/written-run.ts';
import { expectExit, startFiredrill } from './firedrill.ts';

describe('firedrill status and gameday schedule, by the command line', function () {
  this.timeout('2m');
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-status-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const run = '20260702T080000Z-drill-aaaa';
  const written = { seed: 7, environment: sampleEnvironment(), scenario: sampleScenario({}), targets: [], at: '2026-07-02T08:00:00.000Z' };

  it('says what is broken right now and what puts it back, and ends with 6', async () => {
    await makeRun(at('runs'), run, { ...written, undo: { group: 'g' } });
    const { stdout } = await expectExit(6, 'status', '--out', at('runs'));
    assert.match(stdout, /^broken now {5}run 20260702T080000Z-drill-aaaa has left fault f \(suspend Launch\) not undone; put back: firedrill recover 20260702T080000Z-drill-aaaa --out \S+runs$/m);
  });

  it('says the next slots and the last verdicts, and ends with 0 when nothing is broken', async () => {
    await makeRun(at('runs'), run, written);
    const state = await openStateFile(at('state'), realClock);
    await state.append({ type: 'started', pid: 1, host: 'h', entries: [{ name: 'weekly', cron: '30 10 * * tue', timeZone: 'Asia/Tokyo', jitterMs: 0, lateMs: 60_000, since: new Date().toISOString() }] });
    await state.close();
    const { stdout } = await expectExit(0, 'status', '--out', at('runs'), '--state', at('state'));
    assert.match(stdout, /^scheduler {6}none is at work$/m);
    assert.match(stdout, /^next slots {5}weekly: \d{4}-\d\d-\d\d 10:30 Asia\/Tokyo \(\d{4}-\d\d-\d\dT01:30:00\.000Z\)$/m);
    assert.match(stdout, /^last verdicts {2}\? drill: inconclusive, exit code 4, .*, run 20260702T080000Z-drill-aaaa$/m);
    assert.match(stdout, /^broken now {5}nothing that is known$/m);
    const json = JSON.parse((await expectExit(0, 'status', '--out', at('runs'), '--state', at('state'), '--json')).stdout) as { schedule: { next: object[] }; broken: object[]; last: { exitCode: number }[] };
    assert.deepEqual([json.schedule.next.length, json.broken, json.last[0]!.exitCode], [1, [], 4]);
  });

  function files(cron: string): string {
    writeFileSync(at('environment.yaml'), 'name: nowhere\n');
    writeFileSync(at('gameday.yaml'), `name: weekly\ntitle: Weekly\nenvironment: environment.yaml\ntimeZone: Europe/London\nschedule: [ { name: leader, cron: '${cron}', drills: [ { drill: etcd-leader-loss } ] } ]\n`);
    return at('gameday.yaml');
  }

  it('a slot whose drill can not run there is skipped, with why, and is not run again', async () => {
    const words = ['gameday', 'schedule', files('* * * * *'), '--once', '--state', at('state'), '--out', at('runs')];
    const { stdout } = await expectExit(2, ...words);
    assert.match(stdout, /skipped: leader@\S+: drill etcd-leader-loss: .*the environment file names no etcd/);
    const [, ...records] = await readRecords(at('state'));
    assert.deepEqual(records.filter(({ type }) => type !== 'missed').map(({ type }) => type), ['claimed', 'skipped', 'stopped']);
  });

  it('waits for its next slot until it is told to end, and then ends with 0', async () => {
    const one = startFiredrill(['gameday', 'schedule', files('0 0 29 2 *'), '--state', at('state'), '--out', at('runs')]);
    for (;;) {
      const status = await expectExit(0, 'status', '--state', at('state'), '--out', at('runs'));
      if (/^scheduler {6}at work: process \d+ on \S+, since /m.test(status.stdout) && /02-29 00:00 Europe\/London/.test(status.stdout)) break;
    }
    one.child.kill('SIGTERM');
    assert.equal((await one.ended).code, 0);
    assert.deepEqual((await readRecords(at('state'))).map(({ type }) => type), ['started', 'stopped']);
  });

  const wrong: [string, string[], RegExp][] = [
    ['without a state', [], /say where the state of the schedule is kept, with --state/],
    ['with an expression that is none', ['--state', 'x'], /gameday\.yaml:5:\d+ schedule\[0\]\.cron is "61 \* \* \* \*"; .*Invalid value for minute: 61/],
  ];
  for (const [name, more, says] of wrong) {
    it(`is refused ${name}`, async () => {
      const { stderr } = await expectExit(2, 'gameday', 'schedule', files(name.startsWith('with an') ? '61 * * * *' : '0 0 * * *'), ...more);
      assert.match(stderr, says);
    });
  }

  for (const target of ['kubernetes', 'systemd', 'github'] as const) {
    it(`writes the schedule for ${target}, and touches nothing else`, async () => {
      files('30 10 * * tue');
      const { stdout } = await startFiredrill(['gameday', 'schedule', 'gameday.yaml', '--emit', target], { cwd: folder }).ended;
      assert.match(stdout, new RegExp(`^written to weekly-${target}; look through it, then`));
    });
  }
});
