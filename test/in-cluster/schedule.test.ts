import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecords } from '../../runner/schedule/state-file.ts';
import { expectExit, RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';

describe('a schedule in the lab', function () {
  this.timeout('5m');
  let lab: string;
  let runs: RunsFolder;
  let gameday: string;
  let state: string;
  beforeEach(async () => {
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
    state = join(runs.drills(), 'state');
    gameday = join(runs.drills(), 'gameday.yaml');
    // Every minute has a slot; a group is left alone for a day.
    writeFileSync(gameday, "name: often\ntitle: Often\ntimeZone: Europe/London\nbetweenKills: 1d\nschedule: [ { name: leader, cron: '* * * * *', drills: [ { drill: etcd-leader-loss } ] } ]\n".replace('1d', '24h'));
  });
  afterEach(() => runs.remove());
  const schedule = (...more: string[]): string[] => ['gameday', 'schedule', gameday, '--state', state, '--out', runs.path, '--lab', lab, ...more];

  it('runs what is due once, and status tells of it', async () => {
    const { stdout } = await expectExit(0, ...schedule('--once'));
    assert.match(stdout, /drill etcd-leader-loss of slot leader@\S+ has ended with exit code 0; /);
    const status = await expectExit(0, 'status', '--state', state, '--out', runs.path, '--lab', lab, '--json');
    const { last, broken, schedule: told } = JSON.parse(status.stdout) as { last: { drill: string; verdict: string }[]; broken: unknown[]; schedule: { next: { of: string }[] } };
    assert.deepEqual(last.map(({ drill, verdict }) => `${drill} ${verdict}`), ['etcd-leader-loss held']);
    assert.deepEqual(broken, []);
    assert.deepEqual(told.next.map(({ of }) => of), ['leader']);
  });

  it('ends its drill when it is ended, and has put back what that broke', async () => {
    const one = startFiredrill(schedule());
    await one.says(/drill etcd-leader-loss of slot \S+ begins/);
    one.child.kill('SIGTERM');
    const { code } = await one.ended;
    assert.ok(code === 130 || code === 0, `exit code ${code}`);
    assert.deepEqual((await readRecords(state)).slice(-1).map(({ type }) => type), ['stopped']);
    await expectExit(0, 'status', '--out', runs.path, '--lab', lab);
  });
});
