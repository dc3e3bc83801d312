import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDay } from '../../runner/gameday/day-file.ts';
import { expectExit, firedrill, RunsFolder, startFiredrill } from './firedrill.ts';
import { onTerminal, type OnTerminal } from './terminal.ts';

describe('firedrill gameday', () => {
  let runs: RunsFolder;
  let terminal: OnTerminal | undefined;
  beforeEach(() => {
    runs = new RunsFolder();
  });
  afterEach(() => {
    terminal?.end();
    terminal = undefined;
    runs.remove();
  });

  /** A game day in an environment with nothing in it: every drill is refused at once. */
  const gameday = (text: string): string => {
    writeFileSync(join(runs.drills(), 'nowhere.yaml'), 'name: nowhere\n');
    const path = join(runs.drills(), 'gameday.yaml');
    writeFileSync(path, `name: spring\ntitle: The spring game day\nenvironment: nowhere.yaml\ncountdown: 0s\n${text}`);
    return path;
  };
  const report = (): string => readFileSync(join(runs.newest(), 'report.md'), 'utf8');

  it('leads through a day on a terminal: who said what, notes, a drill that is refused, a report', async () => {
    const file = gameday("tell: [{ who: Payments on-call, where: '#payments' }]\ndrills: [{ drill: etcd-member-loss }, { pause: 2s }, { ask: Is everybody back? }, { drill: etcd-leader-loss }]\n");
    terminal = onTerminal('gameday', 'run', file, '--seed', '3', '--out', runs.path);
    await terminal.sees(/The spring game day, in nowhere, with seed 3[\s\S]*To: Payments on-call \(#payments\)[\s\S]*Has everybody been told\?[\s\S]*Who answers\?/);
    terminal.types('Kim: go');
    await terminal.sees(/Who else\?/);
    terminal.types('Sam');
    await terminal.sees(/Sam, go or no-go\?/);
    terminal.types('yes, all are told');
    await terminal.sees(/Who else\?/);
    terminal.types('');
    await terminal.sees(/Drill 1 of 2[\s\S]*Not run: [\s\S]*names no etcd[\s\S]*go on with the day\?[\s\S]*Who answers\?/);
    terminal.types('Kim: go');
    await terminal.sees(/Who else\?/);
    terminal.types('');
    await terminal.sees(/Pause of 2s/);
    terminal.types('the coffee is good');
    await terminal.sees(/Is everybody back\?[\s\S]*Who answers\?/);
    terminal.types('Sam: no-go: lunch');
    await terminal.sees(/Who else\?/);
    terminal.types('');
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 4, stdout);
    assert.match(stdout, /· not run +2\. [^\n]*: the day ended before it/);

    const told = report();
    for (const line of [/Kim: go/, /Sam: go: all are told/, /note: the coffee is good/, /Sam: no-go: lunch/, /The day was ended early: no-go: Is everybody back\?/, /names no etcd/]) assert.match(told, line);
    const note = (await readDay(runs.newest())).find(({ type }) => type === 'note');
    assert.equal(note?.type === 'note' && note.step, 1);

    writeFileSync(join(runs.newest(), 'report.md'), told.replace('1.\n', '1. The alarm came late.\n'));
    const again = await expectExit(4, 'gameday', 'report', runs.newest());
    assert.match(again.stdout, /report\.html\n.*report\.md\n$/);
    assert.match(report(), /1\. The alarm came late\./);
  });

  it('is ended by Ctrl-C at a question, says what was not run, and can be gone on with', async () => {
    terminal = onTerminal('gameday', 'run', gameday('drills: [{ ask: Ready? }, { drill: etcd-member-loss }]\n'), '--out', runs.path);
    await terminal.sees(/Ready\?[\s\S]*Who answers\?/);
    terminal.pressesCtrlC();
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 130, stdout);
    assert.match(stdout, /The day was interrupted: interrupted by Ctrl-C[\s\S]*To go on with it: firedrill gameday run --resume \S+-gameday-/);
    assert.match(report(), /\| 1 \| not run \| /);

    const again = await firedrill('gameday', 'run', '--resume', runs.newest(), '--yes');
    assert.equal(again.code, 2, again.stdout + again.stderr);
    assert.match(again.stdout, /Go: nobody is asked \(--yes\)[\s\S]*names no etcd/);
    assert.match(report(), /Nobody was asked \(`--yes`\)[\s\S]*nobody was asked \\\(--yes\\\)/);
  });

  it('that is killed still gives a report', async () => {
    const day = startFiredrill(['gameday', 'run', gameday('drills: [{ pause: 1h }, { drill: etcd-member-loss }]\n'), '--out', runs.path, '--yes']);
    await day.says(/Pause of 1h/);
    day.child.kill('SIGKILL');
    await day.ended;
    const { stdout } = await expectExit(4, 'gameday', 'report', runs.newest());
    assert.match(stdout, /The day did not end: it was killed, or is still going on/);
    assert.match(report(), /a pause of 1h began/);
  });

  it('is ended by SIGTERM in a pause', async () => {
    const day = startFiredrill(['gameday', 'run', gameday('drills: [{ pause: 1h }, { drill: etcd-member-loss }]\n'), '--out', runs.path, '--yes']);
    await day.says(/Pause of 1h/);
    day.child.kill('SIGTERM');
    assert.equal((await day.ended).code, 130);
  });

  it('prints the JSON Schema of its file', async () => {
    assert.equal((JSON.parse((await expectExit(0, 'schema', 'gameday')).stdout) as { title: string }).title, 'A game day of firedrill');
    await expectExit(2, 'schema', 'nonsense');
  });

  const wrong: [what: string, args: () => string[], code: number, says: RegExp][] = [
    ['no terminal and no --yes', () => [gameday('drills: [{ drill: etcd-member-loss }]\n')], 2, /there is no terminal, so nobody can answer; run it on one, or say --yes/],
    ['a mistake in the file', () => [gameday('drills: [{ pause: 15 }]\n'), '--yes'], 2, /gameday\.yaml:5:\d+ drills\[0\]\.pause is 15; its unit is missing/],
    ['a draw that finds too few', () => [gameday('drills: [{ draw: pick 90 of tag:zone }]\n'), '--yes'], 2, /the draw "pick 90 of tag:zone" finds too few drills that this environment can run: there are only /],
    ['a day outside of its windows', () => [gameday("timeZone: UTC\nblackouts: [{ from: 2020-01-01, to: 2099-01-01, why: the end }]\ndrills: [{ pause: 1s }]\n"), '--yes'], 3, /^refused: it is .* within the blackout/],
  ];
  for (const [what, args, code, says] of wrong) {
    it(`answers ${what} with one clear message and exit code ${code}, and nothing is written`, async () => {
      const { stderr } = await expectExit(code, 'gameday', 'run', ...args(), '--out', runs.path);
      assert.match(stderr, says);
      assert.ok(runs.isEmpty());
    });
  }
});
