import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDay } from '../../../runner/gameday/day-file.ts';
import { brokenAs, ranAs, ScriptedDay } from './scripted-day.ts';

const two = 'drills: [{ drill: one }, { drill: two }]\n';
const go = ['kim: go', ''];

describe('a game day', () => {
  let day: ScriptedDay;
  beforeEach(() => {
    day = new ScriptedDay();
  });
  afterEach(() => day.remove());

  it('goes through all that is planned, and runs what people said go to', async () => {
    await day.begin(`${two}tell: [{ who: Payments on-call, where: '#payments' }]\nannouncement: Expect pages.\ntimeZone: Europe/London\n`);
    day.replies = [...go, ...go, ...go];
    const judged = await day.lead();
    assert.deepEqual(day.done, ['look one', 'run one as hash-of-one', 'look two', 'run two as hash-of-two']);
    assert.equal(judged.exitCode, 0);
    assert.deepEqual(judged.drills.map(({ state, run }) => [state, run?.id]), [['run', 'run-1'], ['run', 'run-2']]);
    assert.match(judged.announcement!, /^Game day: A day\nWhen: from 2026-01-02 03:04 UTC \(03:04 in Europe\/London\)\nWhere: environment staging\n\nExpect pages\.\n\nWhat will be done, in this order \(seed 7\):\n {2}1\. Lose one \(one\)\n[\s\S]*any terminal: firedrill stop\n\nTo: Payments on-call \(#payments\)$/);
    assert.ok(day.text().includes(judged.announcement!));
    assert.ok(day.text().indexOf('it would hit one') < day.text().indexOf('Go or no-go for “Lose one”?'));
  });

  it('writes down who said what and when, of all who answer', async () => {
    await day.begin(two);
    day.replies = ['', 'kim', 'well', 'go, all green', async ({ clock }) => {
      await clock.advance(60_000);
      return 'Sam: no-go: the dashboards are red';
    }, '', ...go];
    const { timeline, drills, exitCode } = await day.lead();
    const said = timeline.filter(({ kind }) => kind === 'answer' || kind === 'decision').map(({ at, who, text }) => [at.slice(11, 19), who, text]);
    assert.deepEqual(said.slice(0, 3), [
      ['03:04:05', 'kim', 'go: all green'],
      ['03:05:05', 'Sam', 'no-go: the dashboards are red'],
      ['03:05:05', null, 'no-go for “Lose one”'],
    ]);
    assert.deepEqual(drills.map(({ state, skippedFor }) => [state, skippedFor]), [['skipped', 'no-go'], ['run', null]]);
    assert.equal(exitCode, 4, 'what was not run is not a pass');
    assert.match(day.text(), /Somebody has to answer: type a name[\s\S]*Type go or no-go/);
  });

  it('is ended by a no-go where the file says so, and tells what was not run', async () => {
    await day.begin(`onNoGo: end\n${two}`);
    day.replies = ['kim: no', ''];
    const judged = await day.lead();
    assert.deepEqual(day.done, ['look one']);
    assert.deepEqual([judged.day.outcome, judged.day.outcomeReason], ['stopped', 'no-go for “Lose one”, which ends the day']);
    assert.deepEqual(judged.drills.map(({ state }) => state), ['skipped', 'not run']);
  });

  it('is ended by a no-go to a question that stands alone', async () => {
    await day.begin('drills: [{ ask: Is everybody back? }, { drill: one }]\n');
    day.replies = ['kim: no', ''];
    const judged = await day.lead();
    assert.equal(judged.day.outcomeReason, 'no-go: Is everybody back?');
    assert.deepEqual(day.done, []);
  });

  it('counts down before each drill', async () => {
    await day.begin('drills: [{ drill: one, countdown: 90s }]\n');
    day.replies = [...go];
    const began = day.clock.now();
    await day.lead();
    assert.equal(day.clock.now() - began, 90_000);
    const counted = day.said.filter((text) => text.startsWith('“Lose one” begins in '));
    assert.deepEqual(counted.map((text) => text.replace('“Lose one” begins in ', '')), ['90s; Ctrl-C ends the day', '1m', '30s', '10s', '5s', '4s', '3s', '2s', '1s']);
  });

  it('keeps what is typed during a drill, with its time and the t of the drill; during a pause with its time', async () => {
    await day.begin('countdown: 0s\ndrills: [{ drill: one }, { pause: 10m }]\n');
    day.replies = [...go];
    day.drills.set('one', {
      async during({ clock, note }, events) {
        await clock.advance(5_000);
        note('nothing broken yet');
        await clock.advance(5_000);
        events.onEntry(day.entry('fault.intent', { fault: 'f', says: 'kill peer-1', sum: '', targets: [] }));
        await clock.advance(2_500);
        note('  the graphs dip  ');
        note('');
      },
    });
    day.when(/^\nPause of 10m/, () => day.clock.schedule(day.clock.now() + 60_000, () => day.note('coffee')));
    const { timeline } = await day.lead();
    assert.deepEqual(timeline.filter(({ kind }) => kind === 'note' || kind === 'fault').map(({ at, text, tMs }) => [at.slice(11, 23), text, tMs]), [
      ['03:04:10.000', 'nothing broken yet', -5_000],
      ['03:04:15.000', 'the first fault of “Lose one”: kill peer-1', 0],
      ['03:04:17.500', 'the graphs dip', 2_500],
      ['03:05:17.500', 'coffee', null],
    ]);
    const note = (await readDay(day.folder)).find((entry) => entry.type === 'note');
    assert.equal(note?.type === 'note' && note.runMs, 5_000);
  });

  for (const [word, replies, runs, outcome] of [
    ['stop', [...go], 1, 'stopped'], ['go-on', [...go, ...go], 2, 'finished'], ['ask', [...go, ...go, ...go], 2, 'finished'], ['ask', [...go, 'kim: no', ''], 1, 'stopped'],
  ] as const) {
    it(`with onBroken: ${word} ${outcome === 'stopped' ? 'ends' : 'goes on'} after a broken SLO${word === 'ask' ? ', as people say' : ''}`, async () => {
      await day.begin(`onBroken: ${word}\n${two}`);
      day.replies = [...replies];
      day.drills.set('one', { end: { code: 1, run: brokenAs('run-1') } });
      const judged = await day.lead();
      assert.equal(day.done.filter((one) => one.startsWith('run')).length, runs);
      assert.deepEqual([judged.day.outcome, judged.exitCode], [outcome, 1]);
    });
  }

  it('asks after a drill that is inconclusive, whatever the file says', async () => {
    await day.begin(`onBroken: go-on\n${two}`);
    day.replies = [...go, 'sam: no', ''];
    day.drills.set('one', { end: { code: 4 } });
    assert.equal((await day.lead()).day.outcomeReason, 'no-go after “Lose one”');
    assert.match(day.text(), /“Lose one” ended with exit code 4: .*; go on with the day\?/);
  });

  it('stops when something could not be undone, whatever the file says, and names recover', async () => {
    await day.begin(`onBroken: go-on\n${two}`);
    day.replies = [...go];
    day.drills.set('one', { end: { code: 6, run: ranAs('run-1', { open: ['cut'], verdict: { value: 'inconclusive', exitCode: 6, headline: 'Not undone, a human is needed.' } }) } });
    const judged = await day.lead();
    assert.deepEqual([judged.day.outcome, judged.exitCode], ['stopped', 6]);
    assert.match(day.text(), /Something may still be broken\. Put it back, and check by hand: firedrill recover run-1/);
  });

  it('stops when a drill is killed by SIGKILL, and names recover', async () => {
    await day.begin(two);
    day.replies = [...go];
    day.drills.set('one', { end: { code: null, signal: 'SIGKILL', run: ranAs('run-1', { ended: false, verdict: { value: 'inconclusive', exitCode: 4, headline: 'Inconclusive.' } }) } });
    const judged = await day.lead();
    assert.deepEqual([judged.day.outcome, judged.exitCode, judged.drills[0]!.state, judged.drills[1]!.state], ['stopped', 4, 'died', 'not run']);
    assert.match(day.text(), /“Lose one” was killed[\s\S]*firedrill recover run-1/);
    assert.match(judged.drills[0]!.why, /its process was killed, by SIGKILL/);
  });

  it('does not ask go or no-go for a drill that the guard refuses, and asks whether to go on', async () => {
    await day.begin(two);
    day.replies = [...go, ...go];
    day.drills.set('one', { look: { code: 3, said: ['etcd would lose its quorum: 9 - 2 - 3 < 5'] } });
    const judged = await day.lead();
    assert.deepEqual(day.done, ['look one', 'look two', 'run two as hash-of-two']);
    assert.deepEqual([judged.drills[0]!.state, judged.drills[0]!.why, judged.exitCode], ['skipped', 'etcd would lose its quorum: 9 - 2 - 3 < 5', 3]);
  });

  it('asks whether to go on when the plan that people said go to is refused, as the platform has changed', async () => {
    await day.begin(two);
    day.replies = [...go, 'kim: no', ''];
    day.drills.set('one', { end: { code: 3, run: null, said: ['refused: plan 1-abc was approved, and it is 1-def now'] } });
    const judged = await day.lead();
    assert.deepEqual([judged.drills[0]!.state, judged.drills[0]!.skippedFor, judged.exitCode], ['skipped', 'refused', 4]);
    assert.match(judged.drills[0]!.why, /it is 1-def now/);
  });

  it('ends when a drill was ended from elsewhere, by firedrill stop', async () => {
    await day.begin(`onBroken: go-on\n${two}`);
    day.replies = [...go];
    day.drills.set('one', { end: { code: 130 } });
    const judged = await day.lead();
    assert.deepEqual([judged.day.outcome, judged.exitCode, judged.drills[1]!.state], ['stopped', 130, 'not run']);
  });

  describe('with windows', () => {
    const windows = `timeZone: Europe/London\nwindows: [{ from: '10:00', to: '16:00' }]\n${two}`;

    it('begins no drill that would not end within them', async () => {
      day.remove();
      day = new ScriptedDay(Date.UTC(2026, 0, 2, 15, 45));
      await day.begin(windows);
      day.drills.set('one', { look: { takesMs: 20 * 60_000 } });
      day.replies = [...go];
      const judged = await day.lead();
      assert.deepEqual(day.done, ['look one', 'look two', 'run two as hash-of-two']);
      assert.equal(judged.exitCode, 3);
      assert.match(judged.drills[0]!.why, /this may take until fri 2026-01-02 16:05 in Europe\/London, and the hours in which drills may run/);
    });

    it('begins none when the question was talked over for too long', async () => {
      day.remove();
      day = new ScriptedDay(Date.UTC(2026, 0, 2, 15, 45));
      await day.begin(windows.replace(', { drill: two }', ''));
      day.replies = [async ({ clock }) => {
        await clock.advance(10 * 60_000);
        return 'kim: go';
      }, ''];
      const judged = await day.lead();
      assert.deepEqual(day.done, ['look one']);
      assert.deepEqual([judged.drills[0]!.skippedFor, judged.exitCode], ['hours', 3]);
    });

    it('begins none during a blackout', async () => {
      await day.begin(`timeZone: UTC\nblackouts: [{ from: 2026-01-01, to: 2026-01-03, why: the holidays }]\n${two}`);
      const judged = await day.lead();
      assert.match(judged.drills[1]!.why, /within the blackout from 2026-01-01 to 2026-01-03 \(the holidays\)/);
    });
  });

  describe('that is interrupted by Ctrl-C', () => {
    const press = (): null => {
      day.interrupt.abort(new Error('interrupted by Ctrl-C'));
      return null;
    };
    const isOver = (judged: Awaited<ReturnType<ScriptedDay['lead']>>, states: string[]): void => {
      assert.deepEqual([judged.day.outcome, judged.day.outcomeReason, judged.exitCode], ['interrupted', 'interrupted by Ctrl-C', 130]);
      assert.deepEqual(judged.drills.map(({ state }) => state), states);
    };

    it('at a question: nothing more is run', async () => {
      await day.begin(two);
      day.replies = [press];
      isOver(await day.lead(), ['not run', 'not run']);
      assert.deepEqual(day.done, ['look one']);
    });

    it('at a countdown: the drill is not begun', async () => {
      await day.begin(`countdown: 60s\n${two}`);
      day.replies = [...go];
      day.when(/begins in 30s/, press);
      isOver(await day.lead(), ['not run', 'not run']);
      assert.deepEqual(day.done, ['look one']);
    });

    it('in a pause', async () => {
      await day.begin('drills: [{ pause: 1h }, { drill: one }]\n');
      day.when(/Pause of/, () => day.clock.schedule(day.clock.now() + 20_000, press));
      isOver(await day.lead(), ['not run']);
    });

    it('during a drill: that is waited for until it has undone, and the rest is not run', async () => {
      await day.begin(two);
      day.replies = [...go];
      day.drills.set('one', { async during() {
        press();
        await day.clock.advance(3_000);
      }, end: { code: 130 } });
      isOver(await day.lead(), ['run', 'not run']);
    });
  });

  it('ends when nobody is there to answer any more, and says so', async () => {
    await day.begin(two);
    day.replies = ['kim', null];
    const judged = await day.lead();
    assert.deepEqual([judged.day.outcome, judged.day.outcomeReason, judged.exitCode], ['stopped', 'nobody was there to answer: Go or no-go for “Lose one”?', 4]);
    assert.deepEqual(day.done, ['look one']);
  });

  it('with --yes asks nobody, and the record says so of each decision', async () => {
    day.unattended = true;
    await day.begin(`${two}tell: [{ who: Kim }]\n`);
    day.drills.set('one', { end: { code: 1, run: brokenAs('run-1') } });
    const judged = await day.lead();
    assert.deepEqual(day.asked, []);
    assert.equal(judged.day.unattended, true);
    assert.deepEqual(judged.timeline.filter(({ kind }) => kind === 'decision').map(({ text }) => text), [
      'go for the day: nobody was asked (--yes)', 'go for “Lose one”: nobody was asked (--yes)', 'go for going on after “Lose one”: nobody was asked (--yes)', 'go for “Lose two”: nobody was asked (--yes)',
    ]);
  });

  describe('that was killed', () => {
    it('is gone on with where it stopped: what was done is not done again', async () => {
      await day.begin('drills: [{ drill: one }, { ask: Back? }, { drill: two }]\n');
      day.replies = [...go, ...go, () => {
        throw new Error('killed');
      }];
      await assert.rejects(day.lead(), /killed/);
      const path = join(day.folder, 'day.ndjson');
      writeFileSync(path, readFileSync(path, 'utf8').split('\n').filter((line) => !line.includes('"day.ended"')).join('\n'));
      appendFileSync(path, '{"seq":99,"at":"2026');
      assert.equal((await readDay(day.folder)).at(-1)?.type, 'question');
      day.replies = [...go];
      const judged = await day.lead();
      assert.deepEqual(day.done, ['look one', 'run one as hash-of-one', 'look two', 'look two', 'run two as hash-of-two']);
      assert.deepEqual([judged.day.outcome, judged.exitCode], ['finished', 0]);
      assert.equal(day.text().match(/To copy, for those who have to be told/g)?.length, 1);
    });

    it('during a drill does not run that one again, tells what its journal says, and asks', async () => {
      await day.begin(two);
      day.replies = [...go];
      day.drills.set('one', { during: async () => Promise.reject(new Error('killed')) });
      await assert.rejects(day.lead(), /killed/);
      day.replies = [...go, ...go];
      const judged = await day.lead();
      assert.deepEqual(day.done.slice(-2), ['look two', 'run two as hash-of-two']);
      assert.deepEqual(judged.drills.map(({ state, runId }) => [state, runId]), [['died', 'run-1'], ['run', 'run-2']]);
      assert.match(day.text(), /firedrill recover run-1/);
      assert.equal(judged.exitCode, 4);
    });
  });
});
