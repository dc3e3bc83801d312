import assert from 'node:assert/strict';
import type { Calendar } from '../../../runner/calendar.ts';
import type { NewRecord, StateFile } from '../../../runner/schedule/state-file.ts';
import { recordSchema, type ScheduleRecord } from '../../../runner/schedule/record.ts';
import { runSchedule, type SlotEnd } from '../../../runner/schedule/scheduler.ts';
import type { Recurring, Slot } from '../../../runner/schedule/slots.ts';
import { simulatedClock, type SimulatedClock } from '../simulated-clock.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A state in memory: what a process leaves on its disk when it dies. */
class Disk {
  readonly records: ScheduleRecord[] = [];
  /** Dies before the line with this number is written. */
  diesBefore = Infinity;

  file(clock: SimulatedClock): StateFile {
    const { records } = this;
    return {
      records,
      append: async (record: NewRecord) => {
        if (records.length >= this.diesBefore) throw new Error('killed');
        const whole = recordSchema.parse({ ...record, at: new Date(clock.wall()).toISOString() });
        records.push(whole);
        return whole;
      },
      close: async () => {},
    };
  }

  of<T extends ScheduleRecord['type']>(type: T): Extract<ScheduleRecord, { type: T }>[] {
    return this.records.filter((record) => record.type === type) as Extract<ScheduleRecord, { type: T }>[];
  }
}

interface World {
  readonly clock: SimulatedClock;
  readonly disk: Disk;
  readonly ran: string[];
  readonly said: string[];
  readonly stop: AbortController;
  takesMs: number;
  end: SlotEnd;
}

function world(wall: string): World {
  return { clock: simulatedClock(1_000, Date.parse(wall)), disk: new Disk(), ran: [], said: [], stop: new AbortController(), takesMs: 5 * minute, end: { exit: 0 } };
}

function every(cron: string, rest: Partial<Recurring> = {}): Recurring {
  return { name: 'drill', cron, timeZone: 'UTC', jitterMs: 0, lateMs: 15 * minute, ...rest };
}

/** Starts a scheduler as a process of its own would. */
function begin(one: World, recurring: readonly Recurring[], options: { once?: boolean; calendar?: Calendar } = {}): Promise<number[]> {
  return runSchedule({
    recurring,
    state: one.disk.file(one.clock),
    clock: one.clock,
    stop: one.stop.signal,
    async run(slot: Slot, stop: AbortSignal) {
      one.ran.push(`${slot.key} at ${new Date(one.clock.wall()).toISOString().slice(0, 16)}`);
      try {
        await one.clock.sleep(one.takesMs, stop);
      } catch (error) {
        if (!stop.aborted) throw error;
        return { exit: 130 };
      }
      return one.end;
    },
    look: async () => ({ run: 'runs/x', todo: 'put back: firedrill recover x --out runs' }),
    note: (text) => void one.said.push(text),
    ...options,
  });
}

async function stopped(one: World, scheduler: Promise<number[]>): Promise<number[]> {
  one.stop.abort(new Error('SIGTERM'));
  return one.clock.until(scheduler);
}

const missed = ({ disk }: World): string[] => disk.of('missed').map(({ slot, count, why }) => `${count} until ${slot.replace(/.*@|\[.*/g, '')}: ${why}`);

describe('a schedule', () => {
  it('runs each slot once, at its time', async () => {
    const one = world('2026-07-01T08:00:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(3 * hour + minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran, ['drill@2026-07-01T09:00[UTC] at 2026-07-01T09:00', 'drill@2026-07-01T10:00[UTC] at 2026-07-01T10:00', 'drill@2026-07-01T11:00[UTC] at 2026-07-01T11:00']);
    assert.deepEqual(missed(one), []);
  });

  it('ends the slot under way when it is told to, and says so', async () => {
    const one = world('2026-07-01T08:59:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(2 * minute);
    assert.deepEqual(await stopped(one, scheduler), [130]);
    assert.deepEqual(one.disk.records.map(({ type }) => type), ['started', 'claimed', 'ended', 'stopped']);
  });

  it('begins within the jitter, at the same moment when it is started anew in between', async () => {
    const jittered = every('0 10 * * *', { jitterMs: 30 * minute });
    const one = world('2026-07-01T09:00:00Z');
    const scheduler = begin(one, [jittered]);
    await one.clock.advance(2 * hour);
    await stopped(one, scheduler);
    const two = world('2026-07-01T09:00:00Z');
    const first = begin(two, [jittered]);
    await two.clock.advance(hour + minute / 2);
    await stopped(two, first);
    const again = { ...two, stop: new AbortController() };
    const second = begin(again, [jittered]);
    await two.clock.advance(2 * hour);
    await stopped(again, second);
    assert.equal(two.ran.length, 1);
    assert.deepEqual(two.ran, one.ran);
    assert.doesNotMatch(one.ran[0]!, /at 2026-07-01T10:00$/);
  });

  it('runs one after another, and what could not begin in time is missed', async () => {
    const one = world('2026-07-01T08:59:00Z');
    one.takesMs = 40 * minute;
    const scheduler = begin(one, [every('0 * * * *', { name: 'long' }), every('10 * * * *', { name: 'near', lateMs: 5 * minute }), every('30 * * * *', { name: 'soon' })]);
    await one.clock.advance(100 * minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.slice(0, 2), ['long@2026-07-01T09:00[UTC] at 2026-07-01T09:00', 'soon@2026-07-01T09:30[UTC] at 2026-07-01T09:40']);
    assert.equal(missed(one)[0], '1 until 2026-07-01T09:10: slot long@2026-07-01T09:00[UTC] was under way');
  });

  it('reports what was missed while no scheduler was at work, and runs none of it but what is still in time', async () => {
    const one = world('2026-07-01T08:30:00Z');
    await stopped(one, begin(one, [every('0 * * * *')]));
    await one.clock.advance(5 * hour + 35 * minute);
    const again = { ...one, stop: new AbortController() };
    const scheduler = begin(again, [every('0 * * * *')]);
    await one.clock.advance(20 * minute);
    await stopped(again, scheduler);
    assert.deepEqual(missed(one), ['5 until 2026-07-01T13:00: no scheduler was at work']);
    assert.deepEqual(one.ran, ['drill@2026-07-01T14:00[UTC] at 2026-07-01T14:05']);
  });

  it('never runs a slot that was due before it was first started, or before its expression was changed', async () => {
    const one = world('2026-07-01T09:05:00Z');
    await stopped(one, begin(one, [every('0 * * * *')]));
    const again = { ...one, stop: new AbortController() };
    await one.clock.advance(hour);
    const scheduler = begin(again, [every('5 * * * *')]);
    await one.clock.advance(minute);
    await stopped(again, scheduler);
    assert.deepEqual([one.ran, missed(one)], [[], []]);
  });

  it('runs nothing on a blackout date, and says why', async () => {
    const one = world('2026-12-24T08:00:00Z');
    const calendar = { timeZone: 'Europe/London', blackouts: [{ from: '2026-12-24', to: '2026-12-26', why: 'Christmas' }] };
    const scheduler = begin(one, [every('0 10 * * *', { timeZone: 'Europe/London' })], { calendar });
    await one.clock.advance(76 * hour);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran, ['drill@2026-12-27T10:00[Europe/London] at 2026-12-27T10:00']);
    assert.deepEqual(one.disk.of('skipped').map(({ slot }) => slot.slice(6, 22)), ['2026-12-24T10:00', '2026-12-25T10:00', '2026-12-26T10:00']);
    assert.match(one.disk.of('skipped')[0]!.why, /Christmas/);
  });

  describe('whose process is killed', () => {
    // started, claimed, ended, …: it dies before each of the lines that a slot leaves, and is started anew.
    for (const diesBefore of [1, 2, 3]) {
      it(`before line ${diesBefore + 1} of its state, runs no slot twice, and reports what it can't know the end of`, async () => {
        const one = world('2026-07-01T08:59:00Z');
        one.disk.diesBefore = diesBefore;
        const dead = begin(one, [every('0 * * * *')]);
        dead.catch(() => {});
        await one.clock.advance(10 * minute);
        if (diesBefore < 3) await assert.rejects(dead, /killed/);
        else one.stop.abort();
        const ranBefore = one.ran.length;
        one.disk.diesBefore = Infinity;
        const again = { ...one, stop: new AbortController() };
        const scheduler = begin(again, [every('0 * * * *')]);
        await one.clock.advance(minute);
        await stopped(again, scheduler);
        assert.equal(one.ran.length, 1, 'the slot was run once, before or after');
        const interrupted = one.disk.of('interrupted');
        assert.equal(interrupted.length, diesBefore === 2 ? 1 : 0);
        if (diesBefore === 2) {
          assert.equal(ranBefore, 1);
          assert.match(interrupted[0]!.todo, /firedrill recover/);
          assert.match(one.said.join('\n'), /^interrupted: drill@2026-07-01T09:00\[UTC\]: .*it is not run again; put back: firedrill recover x/m);
        }
      });
    }
  });

  it('started for one slot, as by a timer, runs what is due, waits out its jitter, and ends', async () => {
    const one = world('2026-07-01T10:00:02Z');
    const jittered = every('0 10 * * *', { jitterMs: 10 * minute });
    assert.deepEqual(await one.clock.until(begin(one, [jittered], { once: true })), [0]);
    assert.equal(one.ran.length, 1);
    const again = await one.clock.until(begin(one, [jittered], { once: true }));
    assert.deepEqual([again, one.ran.length], [[], 1]);
  });

  it('started by a timer at a time that is no slot in its zone, runs nothing', async () => {
    const one = world('2026-07-01T10:00:02Z');
    assert.deepEqual(await one.clock.until(begin(one, [every('0 10 * * *', { timeZone: 'Europe/London', lateMs: 50 * minute })], { once: true })), []);
    assert.deepEqual(one.ran, []);
  });
});

describe('a schedule and clocks', () => {
  const changes: { zone: string; from: string; to: string; cron: string; runs: string[] }[] = [
    { zone: 'Europe/London', from: '2026-03-28T23:30:00Z', to: '2026-03-30T01:00:00Z', cron: '30 1 * * *', runs: ['2026-03-29T01:00', '2026-03-30T00:30'] },
    { zone: 'Europe/London', from: '2026-10-24T23:30:00Z', to: '2026-10-26T02:00:00Z', cron: '30 1 * * *', runs: ['2026-10-25T00:30', '2026-10-26T01:30'] },
    { zone: 'America/New_York', from: '2026-03-08T06:00:00Z', to: '2026-03-09T07:00:00Z', cron: '30 2 * * *', runs: ['2026-03-08T07:00', '2026-03-09T06:30'] },
    { zone: 'America/New_York', from: '2026-11-01T05:00:00Z', to: '2026-11-02T07:00:00Z', cron: '30 1 * * *', runs: ['2026-11-01T05:30', '2026-11-02T06:30'] },
  ];
  for (const { zone, from, to, cron, runs } of changes) {
    it(`each day has one run while ${zone} changes its clocks in ${from.slice(0, 7)}`, async () => {
      const one = world(from);
      const scheduler = begin(one, [every(cron, { timeZone: zone })]);
      await one.clock.advance(Date.parse(to) - Date.parse(from));
      await stopped(one, scheduler);
      assert.deepEqual(one.ran.map((text) => text.slice(-16)), runs);
      assert.deepEqual(missed(one), []);
    });
  }

  it('says so when a time that was asked for never comes', async () => {
    const one = world('2026-03-29T00:30:00Z');
    const scheduler = begin(one, [every('30 1 * * *', { timeZone: 'Europe/London' })]);
    await one.clock.advance(hour);
    await stopped(one, scheduler);
    assert.equal(one.disk.of('claimed')[0]!.asked, '2026-03-29T01:30');
    assert.match(one.said.join('\n'), /slot drill@2026-03-29T02:00\[Europe\/London\], asked for 2026-03-29T01:30, which the clocks skip on this day/);
  });

  it('a clock that is put back does not run a slot again', async () => {
    const one = world('2026-07-01T09:59:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(20 * minute);
    one.clock.setWall(-hour / 2);
    await one.clock.advance(hour + 15 * minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T10:00', '2026-07-01T11:00']);
    assert.equal(one.disk.of('clock')[0]!.byMs, -hour / 2);
    assert.match(one.said.join('\n'), /the clock was put back by 30m/);
  });

  it('a clock that is put forward misses what it passes, but for what is still in time', async () => {
    const one = world('2026-07-01T09:30:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(minute);
    one.clock.setWall(3 * hour + 34 * minute);
    await one.clock.advance(10 * minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T13:00']);
    assert.deepEqual(missed(one), ['3 until 2026-07-01T12:00: this machine slept, or its clock was put forward, for 214m']);
  });

  it('a clock that was years ahead, and is mended, loses no slot that is still to come', async () => {
    const one = world('2026-07-01T09:30:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(minute);
    one.clock.setWall(4 * 365 * 24 * hour);
    await one.clock.advance(minute);
    one.clock.setWall(-4 * 365 * 24 * hour);
    await one.clock.advance(hour);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T10:00']);
  });

  it('a clock that was put back while no scheduler was at work is noticed by the records', async () => {
    const one = world('2026-07-01T09:59:00Z');
    const first = begin(one, [every('0 * * * *')]);
    await one.clock.advance(10 * minute);
    await stopped(one, first);
    one.clock.setWall(-hour);
    const again = { ...one, stop: new AbortController() };
    const second = begin(again, [every('0 * * * *')]);
    await one.clock.advance(2 * hour);
    await stopped(again, second);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T10:00', '2026-07-01T11:00']);
    assert.match(one.disk.of('clock')[0]!.says, /behind the last record/);
  });

  it('a laptop that slept runs one slot when it wakes, not all of them, and reports the rest', async () => {
    const one = world('2026-07-01T09:30:00Z');
    const scheduler = begin(one, [every('*/10 * * * *')]);
    await one.clock.advance(minute);
    one.clock.suspend(8 * hour);
    await one.clock.advance(minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T17:30']);
    assert.deepEqual(missed(one).map((text) => text.split(':').slice(0, 2).join(':')), ['46 until 2026-07-01T17:10', '1 until 2026-07-01T17:20']);
  });

  it('a laptop that slept through a drill goes on with it, and runs it once', async () => {
    const one = world('2026-07-01T09:59:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(2 * minute);
    one.clock.suspend(30 * minute);
    await one.clock.advance(10 * minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T10:00']);
    assert.equal(one.disk.of('ended').length, 1);
  });

  it('a process that stood still is late, and no more than that', async () => {
    const one = world('2026-07-01T09:59:00Z');
    const scheduler = begin(one, [every('0 * * * *')]);
    await one.clock.advance(minute / 2);
    one.clock.standStill(10 * minute);
    await one.clock.advance(minute);
    await stopped(one, scheduler);
    assert.deepEqual(one.ran.map((text) => text.slice(6, 22)), ['2026-07-01T10:00']);
    assert.deepEqual(one.disk.of('clock'), []);
  });
});
