import assert from 'node:assert/strict';
import { parseEnvironment } from '../../runner/environment-file.ts';
import { createMask } from '../../runner/mask.ts';
import { outsideHours, type Calendar } from '../../runner/calendar.ts';
import { sampleEnvironment } from './sample-platform.ts';

const minuteMs = 60_000;
const office = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' };
const night = { days: ['fri'], from: '22:00', to: '04:00' };
const wholeDay = { from: '00:00', to: '24:00' };

const calendar = (overrides: object): Calendar => sampleEnvironment({ timeZone: 'Europe/Berlin', ...overrides });
/** @param at in UTC */
const asked = (overrides: object, at: string, takesMinutes = 10): string[] => outsideHours(calendar(overrides), { wallMs: Date.parse(at), takesMs: takesMinutes * minuteMs });

describe('the hours in which drills may run', () => {
  // Berlin is one hour before UTC in winter and two in summer; 2026-11-27 is a Friday.
  const open: [what: string, overrides: object, at: string, takesMinutes?: number][] = [
    ['always, where nothing is said', {}, '2026-11-27T03:00Z', 1_000_000],
    ['in the middle of the day', { windows: [office] }, '2026-11-27T11:00Z'],
    ['from the very minute on', { windows: [office] }, '2026-11-27T08:00Z'],
    ['up to the very minute', { windows: [office] }, '2026-11-27T15:50Z'],
    ['in summer, by summer time', { windows: [office] }, '2026-07-01T07:00Z'],
    ['over midnight', { windows: [night] }, '2026-11-27T22:30Z', 180],
    ['in the morning of a night that began the day before', { windows: [night] }, '2026-11-28T02:00Z'],
    ['from one window into the next', { windows: [{ from: '08:00', to: '12:00' }, { from: '12:00', to: '16:00' }] }, '2026-11-27T10:55Z'],
    ['from one whole day into the next', { windows: [wholeDay] }, '2026-11-27T22:30Z', 3_000],
    ['in the hour that comes twice, both times', { windows: [{ from: '02:00', to: '03:00' }] }, '2026-10-25T00:00Z', 120],
    ['around the hour that is left out', { windows: [{ from: '01:00', to: '04:00' }] }, '2026-03-29T00:00Z', 120],
    ['on days without blackout', { blackouts: [{ from: '2026-11-28', to: '2026-11-29', why: 'sale' }] }, '2026-11-27T22:50Z'],
    ['after a blackout', { blackouts: [{ from: '2026-11-26', to: '2026-11-26', why: 'sale' }] }, '2026-11-26T23:00Z'],
    ['at the minute at which a blackout ends', { blackouts: [{ from: '2026-11-27T08:00', to: '2026-11-27T12:00', why: 'sale' }] }, '2026-11-27T11:00Z'],
  ];
  for (const [what, overrides, at, takesMinutes] of open) {
    it(`are open ${what}`, () => assert.deepEqual(asked(overrides, at, takesMinutes), []));
  }

  const closed: [what: string, overrides: object, at: string, says: RegExp, takesMinutes?: number][] = [
    ['before', { windows: [office] }, '2026-11-27T07:59Z', /^it is fri 2026-11-27 08:59 in Europe\/Berlin, and drills may run mon tue wed thu fri 09:00-17:00; run it then$/],
    ['after', { windows: [office] }, '2026-11-27T16:00Z', /^it is fri 2026-11-27 17:00/],
    ['on another day', { windows: [office] }, '2026-11-28T11:00Z', /^it is sat 2026-11-28 12:00/],
    ['in summer, when it would be open in winter', { windows: [office] }, '2026-07-01T15:30Z', /^it is wed 2026-07-01 17:30/],
    ['when the recovery would end after them', { windows: [office] }, '2026-11-27T15:51Z', /^this may take until fri 2026-11-27 17:01 in Europe\/Berlin, and the hours in which drills may run \(.* 09:00-17:00\) end fri 2026-11-27 17:00; start it earlier, or shorten recovery\.timeout$/],
    ['when they would close in between', { windows: [{ from: '08:00', to: '12:00' }, { from: '12:05', to: '16:00' }] }, '2026-11-27T10:55Z', /end fri 2026-11-27 12:00/, 60],
    ['in the night before the night', { windows: [night] }, '2026-11-27T02:00Z', /drills may run fri 22:00-04:00/],
    ['at the end of the night', { windows: [night] }, '2026-11-28T03:00Z', /^it is sat 2026-11-28 04:00/],
    ['in an hour that is left out', { windows: [{ from: '02:00', to: '03:00' }] }, '2026-03-29T01:00Z', /^it is sun 2026-03-29 03:00/],
    ['after the hour that came twice', { windows: [{ from: '02:00', to: '03:00' }] }, '2026-10-25T00:00Z', /end sun 2026-10-25 03:00/, 121],
    ['on a day of a blackout', { windows: [wholeDay], blackouts: [{ from: '2026-11-27', to: '2026-11-27', why: 'sale' }] }, '2026-11-27T22:59Z', /^it is fri 2026-11-27 23:59 in Europe\/Berlin, within the blackout from 2026-11-27 to 2026-11-27 \(sale\); run it when that is over$/, 1],
    ['when the recovery would reach a blackout', { blackouts: [{ from: '2026-11-28', to: '2026-11-29', why: 'sale' }] }, '2026-11-27T22:51Z', /^this may take until sat 2026-11-28 00:01 in Europe\/Berlin, into the blackout from 2026-11-28/],
    ['when a short blackout would come and go meanwhile', { blackouts: [{ from: '2026-11-27T12:00', to: '2026-11-27T12:01', why: 'cut-off' }] }, '2026-11-27T10:00Z', /into the blackout from 2026-11-27T12:00 to 2026-11-27T12:01 \(cut-off\)/, 600],
    ['when the drill may take more than a week', { windows: [wholeDay] }, '2026-11-27T11:00Z', /^this may take 8d, and windows and blackouts are held for at most 7d; shorten/, 8 * 24 * 60],
    ['when nobody knows what time it is', { windows: [wholeDay] }, 'soon', /could not be worked out/],
    ['when nobody knows how long it takes', { windows: [wholeDay] }, '2026-11-27T11:00Z', /could not be worked out/, Number.NaN],
  ];
  for (const [what, overrides, at, says, takesMinutes] of closed) {
    it(`are closed ${what}`, () => {
      const reasons = asked(overrides, at, takesMinutes);
      assert.equal(reasons.length, 1);
      assert.match(reasons[0]!, says);
    });
  }

  it('are closed when nobody says what time it is', () => {
    assert.match(outsideHours(calendar({ windows: [wholeDay] }), undefined).join(), /could not be worked out/);
    assert.match(outsideHours({ ...calendar({ windows: [wholeDay] }), timeZone: undefined }, { wallMs: 0, takesMs: 0 }).join(), /could not be worked out/);
  });

  it('and every blackout that is in the way are told', () => {
    const blackouts = ['sale', 'audit'].map((why) => ({ from: '2026-11-27', to: '2026-11-27', why }));
    assert.equal(asked({ windows: [{ days: ['mon'], ...wholeDay }], blackouts }, '2026-11-27T11:00Z').length, 3);
  });

  const wrong: [lines: string, says: RegExp][] = [
    ['windows: [{ from: "09:00", to: "17:00" }]', /x\.yaml:.* timeZone is missing; windows and blackouts are told in it: .*Europe\/Berlin/],
    ['blackouts: [{ from: 2026-12-24, to: 2026-12-26, why: holidays }]', /timeZone is missing/],
    ['timeZone: Europe/Atlantis', /timeZone is "Europe\/Atlantis"; give the name of a time zone/],
    ['timeZone: "+01:00"', /timeZone is "\+01:00"; give the name/],
    ['{ timeZone: UTC, windows: [] }', /windows is an empty list; give at least 1/],
    ['{ timeZone: UTC, windows: [{ from: "9:00", to: "17:00" }] }', /windows\[0\]\.from is "9:00"; give a time of day with two digits each, such as 09:00/],
    ['{ timeZone: UTC, windows: [{ from: 0, to: "17:00" }] }', /windows\[0\]\.from is 0; give a time of day/],
    ['{ timeZone: UTC, windows: [{ from: "09:00", to: "24:30" }] }', /windows\[0\]\.to is "24:30"/],
    ['{ timeZone: UTC, windows: [{ from: "09:00", to: "09:00" }] }', /windows\[0\] is a mapping of from, to; give a from and a to that differ; a whole day is/],
    ['{ timeZone: UTC, windows: [{ days: [monday], from: "09:00", to: "17:00" }] }', /windows\[0\]\.days\[0\] is "monday"; .*mon/],
    ['{ timeZone: UTC, blackouts: [{ from: 2026-02-30, to: 2026-03-01, why: x }] }', /blackouts\[0\]\.from is "2026-02-30"; it is not on the calendar/],
    ['{ timeZone: UTC, blackouts: [{ from: 24.12.2026, to: 2026-12-26, why: x }] }', /blackouts\[0\]\.from is "24\.12\.2026"; give a date such as 2026-12-24/],
    ['{ timeZone: UTC, blackouts: [{ from: 2026-12-26, to: 2026-12-24, why: x }] }', /give a to that is not before from/],
    ['{ timeZone: UTC, blackouts: [{ from: 2026-12-24, to: 2026-12-24 }] }', /blackouts\[0\]\.why is missing/],
  ];
  for (const [lines, says] of wrong) {
    it(`can not be told as ${lines}`, async () => {
      const text = lines.startsWith('{') ? lines.replace('{', '{ name: x,') : `name: x\n${lines}`;
      await assert.rejects(parseEnvironment(text, 'x.yaml', { variables: {}, mask: createMask() }), { message: says });
    });
  }
});
