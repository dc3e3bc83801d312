import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readDay } from '../../runner/gameday/day-file.ts';
import { judgeDay, type JudgedDay } from '../../runner/gameday/judge-day.ts';
import { expectAccount } from '../e2e/account.ts';
import { expectExit, type RunsFolder } from '../e2e/firedrill.ts';
import { eachInLab } from '../e2e/lab-under-test.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { writeSmallDrill } from '../e2e/small-drill.ts';
import { onTerminal, type OnTerminal } from '../e2e/terminal.ts';

const kill = 'id: kill, kind: etcd-member-kill, select: { names: [peer-9] }';
const isolate = 'id: alone, kind: instance-isolate, for: 5m, select: { names: [peer-9] }';

describe('a game day, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let before: unknown;
  let terminal: OnTerminal | undefined;
  eachInLab((test) => ({ lab, runs, before } = test), sharedKubernetesLab);
  afterEach(() => {
    terminal?.end();
    terminal = undefined;
  });

  const begun = (fault: string, more: string): OnTerminal => {
    const drill = writeSmallDrill(runs, { faults: [fault] });
    const file = join(runs.drills(), 'gameday.yaml');
    writeFileSync(file, `name: lab\ntitle: A day in the lab\ncountdown: 1s\ndrills:\n  - { drill: ${drill} }\n${more}`);
    return onTerminal('gameday', 'run', file, '--lab', lab, '--seed', '3', '--out', runs.path);
  };
  const goes = async (on: OnTerminal): Promise<void> => {
    await on.sees(/Who answers\?/);
    on.types('Kim: go');
    await on.sees(/Who else\?/);
    on.types('');
  };
  const day = async (): Promise<{ folder: string; judged: JudgedDay }> => {
    const name = readdirSync(runs.path).find((one) => one.includes('-gameday-'));
    assert.ok(name);
    const folder = join(runs.path, name);
    return { folder, judged: judgeDay(await readDay(folder)) };
  };

  it('runs two drills one after another, keeps what is typed meanwhile, and links to their reports', async () => {
    terminal = begun(kill, '  - { drill: etcd-leader-loss }\n');
    await terminal.sees(/blast radius/);
    await goes(terminal);
    await terminal.sees(/fault kill: injected/);
    terminal.types('the graphs dip');
    await terminal.sees(/Drill 2 of 2/);
    await goes(terminal);
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 0, stdout);

    const { folder, judged } = await day();
    assert.deepEqual(judged.drills.map(({ state, run }) => [state, run?.verdict.value]), [['run', 'held'], ['run', 'held']]);
    const note = judged.timeline.find(({ kind }) => kind === 'note');
    assert.ok(note?.tMs !== null && note!.tMs > 0, 'the note has the t of the drill');
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    const links = [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]!);
    assert.equal(new Set(links).size, 2);
    for (const link of links) assert.ok(existsSync(resolve(folder, link)), link);
  });

  it('is ended by Ctrl-C during a drill: that is undone, the report is written, and the rest is not run', async () => {
    terminal = begun(isolate, '  - { drill: etcd-leader-loss }\n');
    await goes(terminal);
    await terminal.sees(/fault alone: injected/);
    terminal.pressesCtrlC();
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 130, stdout);
    await expectAccount(lab, before);
    const { folder, judged } = await day();
    assert.deepEqual(judged.drills.map(({ state, exitCode }) => [state, exitCode]), [['run', 130], ['not run', null]]);
    assert.match(readFileSync(join(folder, 'report.md'), 'utf8'), /The day was interrupted: interrupted by Ctrl-C/);
  });

  it("ends when a drill's process is killed, names recover, and can be gone on with after it", async () => {
    terminal = begun(isolate, '  - { drill: etcd-leader-loss }\n');
    await goes(terminal);
    await terminal.sees(/fault alone: injected/);
    const { stdout: locks } = await expectExit(0, 'locks', '--lab', lab);
    process.kill(Number(/process (\d+) on /.exec(locks)![1]), 'SIGKILL');
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 6, stdout);
    const run = /Put it back, and check by hand: firedrill recover (\S+)/.exec(stdout)?.[1];
    assert.ok(run, stdout);
    await expectExit(0, 'recover', run, '--lab', lab, '--out', runs.path);
    await expectAccount(lab, before);

    const { folder } = await day();
    await expectExit(6, 'gameday', 'run', '--resume', folder, '--yes');
    const { judged } = await day();
    assert.deepEqual(judged.drills.map(({ state, run: one }) => [state, one?.verdict.value]), [['died', 'inconclusive'], ['run', 'held']]);
  });
});
