import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cronProblem } from '../../../scenarios/cron.ts';
import { slotsAfter, type Recurring, type Slot } from '../../../runner/schedule/slots.ts';
import { momentOf, wallTimeAt } from '../../../runner/wall-time.ts';

const recurring = (cron: string, timeZone: string, rest: Partial<Recurring> = {}): Recurring => ({ name: 'drill', cron, timeZone, jitterMs: 0, lateMs: 60_000, ...rest });
const at = (text: string): number => Date.parse(text);
function first(count: number, of: Recurring, after: string): Slot[] {
  const slots = slotsAfter(of, at(after));
  return Array.from({ length: count }, () => slots.next().value as Slot);
}
const times = (slots: readonly Slot[]): string[] => slots.map(({ atMs }) => new Date(atMs).toISOString().replace(':00.000Z', 'Z'));

describe('slots of a schedule', () => {
  it('are told in their time zone, summer and winter', () => {
    assert.deepEqual(times(first(1, recurring('0 10 * * tue', 'Europe/London'), '2026-07-01T00:00Z')), ['2026-07-07T09:00Z']);
    assert.deepEqual(times(first(1, recurring('0 10 * * tue', 'Europe/London'), '2026-12-01T12:00Z')), ['2026-12-08T10:00Z']);
  });

  it('come after the moment asked for, never at it', () => {
    assert.deepEqual(times(first(2, recurring('0 10 * * *', 'UTC'), '2026-07-01T10:00Z')), ['2026-07-02T10:00Z', '2026-07-03T10:00Z']);
  });

  const changes: { name: string; zone: string; cron: string; after: string; are: string[]; asked?: string }[] = [
    { name: 'London goes forward: a time that is skipped is due as the clocks go forward', zone: 'Europe/London', cron: '30 1 * * *', after: '2026-03-28T12:00Z', are: ['2026-03-29T01:00Z', '2026-03-30T00:30Z'], asked: '2026-03-29T01:30' },
    { name: 'New York goes forward: a time that is skipped is due as the clocks go forward', zone: 'America/New_York', cron: '30 2 * * *', after: '2026-03-07T12:00Z', are: ['2026-03-08T07:00Z', '2026-03-09T06:30Z'], asked: '2026-03-08T02:30' },
    { name: 'London goes back: a time that comes twice is one slot, the first', zone: 'Europe/London', cron: '30 1 * * *', after: '2026-10-24T12:00Z', are: ['2026-10-25T00:30Z', '2026-10-26T01:30Z'] },
    { name: 'New York goes back: a time that comes twice is one slot, the first', zone: 'America/New_York', cron: '30 1 * * *', after: '2026-10-31T12:00Z', are: ['2026-11-01T05:30Z', '2026-11-02T06:30Z'] },
    { name: 'London goes back: asked between the two, it is past', zone: 'Europe/London', cron: '30 1 * * *', after: '2026-10-25T01:00Z', are: ['2026-10-26T01:30Z'] },
    { name: 'New York goes forward: several that are skipped are one', zone: 'America/New_York', cron: '*/15 2 * * *', after: '2026-03-07T12:00Z', are: ['2026-03-08T07:00Z', '2026-03-09T06:00Z'], asked: '2026-03-08T02:00' },
    { name: 'London goes forward: one that is skipped falls onto the next', zone: 'Europe/London', cron: '30 1,2 * * *', after: '2026-03-28T12:00Z', are: ['2026-03-29T01:00Z', '2026-03-29T01:30Z'], asked: '2026-03-29T01:30' },
    { name: 'London goes back: each time of the hour that comes twice is a slot once', zone: 'Europe/London', cron: '*/30 * * * *', after: '2026-10-24T23:59Z', are: ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T02:00Z'] },
    { name: 'Lord Howe Island goes forward by half an hour', zone: 'Australia/Lord_Howe', cron: '15 2 * * *', after: '2026-10-03T00:00Z', are: ['2026-10-03T15:30Z', '2026-10-04T15:15Z'], asked: '2026-10-04T02:15' },
  ];
  for (const { name, zone, cron, after, are, asked } of changes) {
    it(`${name}`, () => {
      const slots = first(are.length, recurring(cron, zone), after);
      assert.deepEqual(times(slots), are);
      assert.equal(slots[0]!.asked, asked);
    });
  }

  it('are named by what the clocks show, so that a slot has one name however often it is worked out', () => {
    const [slot] = first(1, recurring('30 1 * * *', 'Europe/London'), '2026-10-24T12:00Z');
    assert.equal(slot!.key, 'drill@2026-10-25T01:30[Europe/London]');
  });

  it('begin within the jitter, by what their name draws: the same after a restart, another for another slot', () => {
    const jittered = recurring('0 * * * *', 'UTC', { jitterMs: 600_000 });
    const slots = first(50, jittered, '2026-07-01T00:00Z');
    const again = first(50, jittered, '2026-07-01T00:00Z');
    assert.deepEqual(again, slots);
    const delays = slots.map(({ startMs, atMs }) => startMs - atMs);
    assert.ok(delays.every((delay) => delay >= 0 && delay < 600_000));
    assert.ok(new Set(delays).size > 45, 'they are spread');
  });

  it('come in order, each once, whatever the expression, the zone and the day', () => {
    const minute = fc.constantFrom('0', '30', '*/15', '7,37', '*');
    const hour = fc.constantFrom('*', '1', '2', '0-3', '*/2', '1,2,3');
    const zone = fc.constantFrom('Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca', 'Pacific/Apia', 'UTC');
    const after = fc.integer({ min: at('2026-01-01T00:00Z') / 60_000, max: at('2027-01-01T00:00Z') / 60_000 });
    fc.assert(
      fc.property(minute, hour, zone, after, (minutes, hours, timeZone, afterMinutes) => {
        const of = recurring(`${minutes} ${hours} * * *`, timeZone);
        const slots = first(6, of, new Date(afterMinutes * 60_000).toISOString());
        for (const [index, slot] of slots.entries()) {
          assert.ok(slot.atMs > (slots[index - 1]?.atMs ?? afterMinutes * 60_000));
          assert.equal(wallTimeAt(timeZone, slot.atMs), slot.wall);
          // Whoever asks from the slot before on is told the same one.
          if (index > 0) assert.deepEqual(slotsAfter(of, slots[index - 1]!.atMs).next().value, slot);
        }
        assert.equal(new Set(slots.map(({ key }) => key)).size, slots.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('when clocks show a time', () => {
  it('is found back from what they show, at any minute of a year in any zone', () => {
    const zone = fc.constantFrom('Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca');
    fc.assert(
      fc.property(zone, fc.integer({ min: at('2026-01-01T00:00Z') / 60_000, max: at('2027-01-01T00:00Z') / 60_000 }), (timeZone, minutes) => {
        const atMs = minutes * 60_000;
        const { atMs: found, comes } = momentOf(timeZone, wallTimeAt(timeZone, atMs));
        assert.notEqual(comes, 'never');
        assert.ok(found === atMs || (comes === 'twice' && found < atMs));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a cron expression', () => {
  for (const good of ['30 10 * * tue', '*/15 9-17 * * 1-5', '0 0 29 2 *', '0 22 * jan,jul SAT', '5 4 1-7 * 0']) {
    it(`${good} is taken`, () => assert.equal(cronProblem(good), undefined));
  }
  const bad: [string, RegExp][] = [
    ['0 10 * *', /five fields/],
    ['0 0 10 * * *', /five fields/],
    ['61 * * * *', /Invalid value for minute: 61; give five fields/],
    ['0 10 * * tues', /"tues" is not understood everywhere/],
    ['0 10 L * *', /"L" is not understood everywhere/],
    ['0 10 * * tue#2', /"tue#2" is not understood everywhere/],
    ['0 10 ? * *', /"\?" is not understood everywhere/],
    ['@daily', /five fields/],
    ['0 0 31 2 *', /there is no such day/],
  ];
  for (const [expression, says] of bad) {
    it(`${expression} is refused`, () => assert.match(cronProblem(expression) ?? '', says));
  }
});
