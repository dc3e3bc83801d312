import assert from 'node:assert/strict';
import { runDrill, Service } from './engine.ts';

describe('a run', () => {
  let service: Service;
  beforeEach(() => {
    service = new Service();
  });

  it('waits for a baseline, breaks, undoes, waits for recovery, and says how it ended', async () => {
    const { outcome, entries, of } = await runDrill(service, { faults: [{ id: 'f', kind: 'stop', at: 500, for: 3_000 }] });
    assert.equal(outcome, 'finished');
    const story = entries.filter((entry) => entry.type !== 'observations').map((entry) => (entry.type === 'phase' ? entry.phase : entry.type));
    assert.deepEqual(story, [
      'run.started', 'plan', 'baseline', 'inject', 'fault.intent', 'fault.injected', 'fault.undone', 'recover', 'done', 'run.ended',
    ]);
    const [injected] = of('fault.injected');
    const [undone] = of('fault.undone');
    assert.ok(Math.abs(undone!.t - injected!.t - 3_000) < 200, `undone after ${undone!.t - injected!.t} ms`);
    assert.ok(injected!.t >= 1_500, 'the fault waits for the baseline of one second, then half a second');
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
  });

  it('breaks nothing when there is no steady baseline', async () => {
    service.answer = () => ({ value: 'bad', why: 'it was broken before' });
    const { outcome, of } = await runDrill(service, {});
    assert.equal(outcome, 'no-baseline');
    assert.match(of('run.ended')[0]!.reason, /no steady state of 1s within 5s: p is bad: it was broken before/);
    assert.deepEqual(service.log, ['close']);
  });

  it('does not take an unknown for a good baseline', async () => {
    service.answer = () => ({ value: 'unknown', why: 'can not tell' });
    assert.equal((await runDrill(service, {})).outcome, 'no-baseline');
    assert.deepEqual(service.log, ['close']);
  });

  it('undoes at the beginning of the recovery what has no end of its own', async () => {
    const { entries } = await runDrill(service, {});
    const story = entries.flatMap((entry) => (entry.type === 'phase' ? [entry.phase] : entry.type.startsWith('fault.') ? [entry.type] : []));
    assert.deepEqual(story, ['baseline', 'inject', 'fault.intent', 'fault.injected', 'fault.undone', 'recover', 'done']);
  });

  it('undoes the last fault first', async () => {
    const faults = ['a', 'b', 'c'].map((id, index) => ({ id, kind: 'stop', at: index * 200 }));
    await runDrill(service, { faults });
    assert.deepEqual(service.log, ['inject a', 'inject b', 'inject c', 'undo c', 'undo b', 'undo a', 'close']);
  });

  it('starts a fault when the one that it comes after was injected, however long that took', async () => {
    service.injectTakesMs = 2_000;
    const faults = [{ id: 'second', kind: 'stop', after: 'first', at: 1_000 }, { id: 'first', kind: 'stop', at: 0 }];
    const { of } = await runDrill(service, { faults });
    const [first] = of('fault.injected');
    const second = of('fault.intent')[1]!;
    assert.equal(first!.fault, 'first');
    assert.ok(second.t - first!.t >= 1_000, `second started ${second.t - first!.t} ms after the first was injected`);
  });

  it('waits for recovery no longer than its timeout, and says what was still wrong', async () => {
    const { outcome, of } = await runDrill(
      service,
      { faults: [{ id: 'f', kind: 'kill' }], recovery: { timeout: 10_000, stableFor: 1_000 } },
      { during: (clock) => void clock.schedule(clock.now() + 1_200, () => service.broken.add('for good')) },
    );
    assert.equal(outcome, 'finished');
    assert.match(of('run.ended')[0]!.reason, /recovery timeout of 10s was over: p is bad: broken/);
  });

  it('ends at once and undoes when a stop condition holds', async () => {
    const { outcome, of } = await runDrill(service, {
      faults: [{ id: 'f', kind: 'stop', for: 60_000 }],
      abort: [{ probe: 'p', badFor: 4_000 }],
    });
    assert.equal(outcome, 'aborted');
    assert.match(of('abort')[0]!.reason, /p was bad for 4s: broken/);
    assert.ok(of('fault.undone')[0]!.t - of('fault.injected')[0]!.t < 5_000);
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
  });

  it('undoes when the user interrupts it', async () => {
    const { outcome, of } = await runDrill(
      service,
      { faults: [{ id: 'f', kind: 'stop', for: 60_000 }, { id: 'late', kind: 'stop', at: 30_000 }] },
      { during: (clock, interrupt) => void clock.schedule(clock.now() + 5_000, () => interrupt.abort(new Error('interrupted by SIGINT'))) },
    );
    assert.equal(outcome, 'interrupted');
    assert.equal(of('run.ended')[0]!.reason, 'interrupted by SIGINT');
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
  });

  it('lets an injection that is under way end before it undoes it', async () => {
    service.injectTakesMs = 3_000;
    const { outcome } = await runDrill(
      service,
      { faults: [{ id: 'f', kind: 'stop', for: 60_000 }] },
      { during: (clock, interrupt) => void clock.schedule(clock.now() + 2_500, () => interrupt.abort(new Error('interrupted by SIGINT'))) },
    );
    assert.equal(outcome, 'interrupted');
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
    assert.equal(service.broken.size, 0);
  });

  it('undoes an injection that failed halfway, and injects nothing more', async () => {
    service.injectErrors.push(new Error('the API went away'));
    const faults = [{ id: 'f', kind: 'stop' }, { id: 'later', kind: 'stop', at: 5_000 }];
    const { outcome, of } = await runDrill(service, { faults });
    assert.equal(outcome, 'failed');
    assert.match(of('fault.failed')[0]!.error, /the API went away/);
    assert.match(of('run.ended')[0]!.reason, /fault f could not be injected: the API went away/);
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
    assert.equal(service.broken.size, 0);
  });

  it('asks the guard again before each injection', async () => {
    const { outcome, of } = await runDrill(service, { faults: [{ id: 'f', kind: 'stop' }] });
    assert.equal(outcome, 'finished');
    assert.equal(of('fault.intent').length, 1);
    const refused = await runDrill(service, { faults: [{ id: 'bad', kind: 'kill' }] });
    assert.match(refused.of('run.ended')[0]!.reason, /refused: fault bad: fault bad: it must not be/);
    assert.equal(refused.of('fault.intent').length, 0);
    assert.ok(!service.log.includes('kill'));
  });

  it('breaks what is protected when its name was typed, and writes that down', async () => {
    const { outcome, of } = await runDrill(service, {}, { environment: { protected: true }, allowProtected: 'staging' });
    assert.equal(outcome, 'finished');
    assert.equal(of('run.started')[0]!.allowProtected, 'staging');
    assert.match(of('note')[0]!.text, /^environment staging may be broken because --allow-protected was typed; .*typed each time$/);
    assert.equal((await runDrill(service, {})).of('run.started')[0]!.allowProtected, undefined);
  });

  it('breaks nothing more when the time is over meanwhile, and undoes what it broke before', async () => {
    const { outcome, of } = await runDrill(
      service,
      { faults: [{ id: 'f', kind: 'stop' }, { id: 'later', kind: 'kill', at: 60_000 }] },
      {
        environment: { timeZone: 'UTC', windows: [{ from: '03:00', to: '03:08' }] },
        // A laptop that is shut for three minutes.
        during: (clock) => void clock.schedule(clock.now() + 20_000, () => clock.standStill(180_000)),
      },
    );
    assert.equal(outcome, 'failed');
    assert.match(of('run.ended')[0]!.reason, /^refused: fault later: this may take until fri 2026-01-02 03:08 in UTC, and the hours .* end fri 2026-01-02 03:08/);
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
    assert.ok(of('fault.undone').every(({ fault, verified }) => fault === 'f' && verified));
    assert.equal(service.broken.size, 0);
  });

  it('tries an undo again, and tells a human what to do when it never works', async () => {
    service.undoErrors.push(new Error('throttled'), new Error('throttled'));
    assert.equal((await runDrill(service, {})).outcome, 'finished');
    assert.equal(service.broken.size, 0);

    const hopeless = new Service();
    for (let n = 0; n < 500; n += 1) hopeless.undoErrors.push(new Error('forbidden: run aws ec2 start-it by hand'));
    const { outcome, of } = await runDrill(hopeless, {});
    assert.equal(outcome, 'not-undone');
    assert.match(of('run.ended')[0]!.reason, /could not be undone: fault f: forbidden: run aws ec2 start-it by hand/);
    assert.equal(of('fault.undone')[0]!.verified, false);
  });

  it('tries an undo for a minute, or for as long as the drill says', async () => {
    const triedForMs = async (undoTimeout?: number): Promise<number> => {
      const hopeless = new Service();
      for (let n = 0; n < 500; n += 1) hopeless.undoErrors.push(new Error('forbidden'));
      const recovery = { timeout: 10_000, stableFor: 1_000, ...(undoTimeout !== undefined && { undoTimeout }) };
      const { outcome, of } = await runDrill(hopeless, { recovery });
      assert.equal(outcome, 'not-undone');
      return of('fault.undone')[0]!.t - of('note')[0]!.t;
    };
    assert.ok(Math.abs((await triedForMs()) - 60_000) < 1_000);
    assert.ok(Math.abs((await triedForMs(6_000)) - 6_000) < 1_000);
  });

  it('tells how an undo failed, and not that the time was over in the middle of the last try', async () => {
    service.undoErrors.push(new Error('still suspended: peer-1'));
    service.undoTakesMs = 45_000;
    const { outcome, of } = await runDrill(service, {});
    assert.equal(outcome, 'not-undone');
    assert.equal(of('fault.undone')[0]!.said, 'still suspended: peer-1');
  });

  it('tells what an undo was waiting for when its time was over', async () => {
    service.undoAwaits = 'still suspended: peer-1';
    service.undoTakesMs = 90_000;
    const { outcome, of } = await runDrill(service, {});
    assert.equal(outcome, 'not-undone');
    assert.equal(of('fault.undone')[0]!.said, 'still suspended: peer-1');
  });

  it('writes down how to undo it before it breaks anything', async () => {
    let intentOnDisk = false;
    const written: string[] = [];
    service.answer = () => ({ value: 'good' });
    const log = service.log;
    log.push = (...items) => {
      if (items[0] === 'inject f') intentOnDisk = written.join('').includes('"undo":{"service":"f"}') && written.at(-1) === 'SYNC';
      return Array.prototype.push.apply(log, items);
    };
    await runDrill(service, {}, {
      openSink: async () => ({
        write: async (text) => void written.push(text),
        sync: async () => void written.push('SYNC'),
        close: async () => {},
      }),
    });
    assert.ok(intentOnDisk, 'the undo record was on the disk before the injection');
  });

  it('stops breaking things and undoes when the disk is full', async () => {
    let full = false;
    const { outcome, of } = await runDrill(
      service,
      { faults: [{ id: 'f', kind: 'stop', for: 60_000 }, { id: 'late', kind: 'stop', at: 10_000 }] },
      {
        during: (clock) => void clock.schedule(clock.now() + 5_000, () => (full = true)),
        openSink: async (path) => ({
          write: async () => {
            if (full) throw Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), { code: 'ENOSPC' });
          },
          sync: async () => {},
          close: async () => {},
        }),
      },
    );
    assert.equal(outcome, 'failed');
    assert.match(of('run.ended')[0]!.reason, /journal.ndjson can't be written: ENOSPC/);
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
  });
});
