import assert from 'node:assert/strict';
import { drawText, loadGameday, namedIn } from '../../scenarios/gameday.ts';

const day = `name: spring
title: The spring game day
tell: [{ who: Payments on-call, where: '#payments' }, { who: Kim }]
environment: ../environments/staging.yaml
timeZone: Europe/London
windows: [{ days: [tue], from: '10:00', to: '16:00' }]
blackouts: [{ from: 2026-12-20, to: 2027-01-03, why: the holidays }]
drills:
  - { drill: etcd-leader-loss, ask: Is everybody there?, countdown: 5s }
  - { pause: 15m }
  - { ask: Is everybody back? }
  - { draw: pick 2 of tag:zone, onBroken: stop, onNoGo: end }
  - { drill: drills/own.yaml, set: { zone: eu-west-1a, members: 2 } }
schedule:
  - { name: weekly, cron: 30 10 * * tue, jitter: 15m, draw: 'pick 1 of etcd-leader-loss, drills/own.yaml' }
  - { name: nightly, cron: 0 3 * * *, timeZone: UTC, drills: [{ drill: etcd-leader-loss }] }
betweenKills: 24h
`;

describe('a game day', () => {
  it('is read: durations in milliseconds, draws taken apart, what is left out filled in', () => {
    const { drills, schedule, tell, countdown, onBroken, onNoGo, betweenKills } = loadGameday(day, 'gameday.yaml');
    assert.deepEqual(tell, [{ who: 'Payments on-call', where: '#payments' }, { who: 'Kim' }]);
    assert.deepEqual([countdown, onBroken, onNoGo, betweenKills], [10_000, 'ask', 'skip', 86_400_000]);
    assert.deepEqual(drills, [
      { drill: 'etcd-leader-loss', ask: 'Is everybody there?', countdown: 5_000 },
      { pause: 900_000 },
      { ask: 'Is everybody back?' },
      { draw: { pick: 2, of: { tag: 'zone' } }, onBroken: 'stop', onNoGo: 'end' },
      { drill: 'drills/own.yaml', set: { zone: 'eu-west-1a', members: 2 } },
    ]);
    assert.deepEqual(schedule?.[0]?.draw, { pick: 1, of: { drills: ['etcd-leader-loss', 'drills/own.yaml'] } });
    assert.deepEqual(schedule[0]?.jitter, 900_000);
  });

  it('tells a draw as it was written', () => {
    for (const text of ['pick 2 of tag:zone', 'pick 1 of a, b/c.yaml']) {
      const { drills } = loadGameday(`name: a\ntitle: b\ndrills: [{ draw: '${text}' }]\n`, 'f');
      assert.equal(drawText(drills![0]!.draw!), text);
    }
  });

  const refused: [what: string, from: string, to: string, says: RegExp][] = [
    ['an unknown key', 'title: The', 'titel: x\ntitle: The', /^ScenarioError: day\.yaml:2:1 titel is not known here; did you mean title/],
    ['a draw that is none', 'pick 2 of tag:zone', 'two of zone', /^ScenarioError: day\.yaml:12:13 drills\[3\]\.draw is "two of zone"; give a draw such as pick 2 of tag:zone/],
    ['a draw of more than there are', 'pick 1 of etcd-leader-loss, drills/own.yaml', 'pick 3 of a, b', /schedule\[0\]\.draw is .*; it picks more than it names/],
    ['a step of two kinds', '{ pause: 15m }', '{ pause: 15m, drill: a }', /^ScenarioError: day\.yaml:10:5 drills\[1\] is .*; give exactly one of drill, draw, pause, or ask alone/],
    ['a step of no kind', '{ pause: 15m }', '{ countdown: 15m }', /drills\[1\] is .*; give exactly one of drill, draw, pause, or ask alone/],
    ['a pause that asks', '{ pause: 15m }', '{ pause: 15m, ask: Well? }', /drills\[1\]\.ask is "Well\?"; a pause asks nothing/],
    ['a question that skips', '{ ask: Is everybody back? }', '{ ask: Is everybody back?, onNoGo: skip }', /drills\[2\] is .*; countdown, onBroken and onNoGo go only with drill and draw/],
    ['settings of a draw', 'onBroken: stop, onNoGo: end', 'set: { a: b }', /drills\[3\]\.set is .*; it goes only with drill/],
    ['an unknown word', 'onBroken: stop', 'onBroken: halt', /drills\[3\]\.onBroken is "halt"; /],
    ['a missing unit', 'pause: 15m', 'pause: 15', /its unit is missing/],
    ['windows without a time zone', 'timeZone: Europe/London\n', '', /timeZone is missing; windows and blackouts are told in it/],
    ['a slot with neither', ', draw: \'pick 1 of etcd-leader-loss, drills/own.yaml\'', '', /schedule\[0\] is .*; give drills or draw/],
    ['two slots of one name', 'name: nightly', 'name: weekly', /schedule is .*; give each slot a name of its own/],
    ['a cron expression of four fields', '30 10 * * tue', '30 10 * *', /schedule\[0\]\.cron is "30 10 \* \*"; give five fields/],
  ];
  for (const [what, from, to, says] of refused) {
    it(`refuses ${what}, and says where`, () => {
      assert.ok(day.includes(from));
      assert.throws(() => loadGameday(day.replace(from, to), 'day.yaml'), says);
    });
  }

  it('refuses what is no mapping, and what has neither a day nor a schedule', () => {
    assert.throws(() => loadGameday('- a\n', 'f'), /^ScenarioError: f:1:1 the game day is a list of 1; give a mapping/);
    assert.throws(() => loadGameday('name: a\ntitle: b\n', 'f'), /give drills for a day, a schedule, or both/);
  });

  it('names files from its own folder, and drills of the catalogue by their name', () => {
    assert.equal(namedIn('days/spring.yaml', 'etcd-leader-loss'), 'etcd-leader-loss');
    assert.equal(namedIn('days/spring.yaml', '../drills/own.yaml'), 'drills/own.yaml');
    assert.equal(namedIn('days/spring.yaml', './own'), 'days/own');
    assert.equal(namedIn('spring.yaml', './own'), './own');
    assert.equal(namedIn('/elsewhere/spring.yaml', 'own.yaml'), '/elsewhere/own.yaml');
    assert.equal(namedIn('days/spring.yaml', '/own.yaml'), '/own.yaml');
  });
});
