import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createWall } from '../../../cli/watch/wall.ts';
import { parseJournal } from '../../../runner/journal-file.ts';
import { JournalBuilder, answers, drill, instance } from '../../runner/journal-builder.ts';
import { simulatedClock } from '../../runner/simulated-clock.ts';

type Now = Record<'title' | 'place' | 'phase' | 'silent' | 'ended' | 'now' | 'stopSaid', string> & { clock: { runMs: number | null; zeroMs: number | null; ended: boolean } };
type Picture = Record<'verdict' | 'slos' | 'charts', string>;

const builder = (): JournalBuilder =>
  new JournalBuilder(drill({ slos: [{ name: 'writes are back <soon>', probe: 'writes', longestOutage: '5s' }] }))
    .observe('writes', answers(-5_000, 0))
    .fault(0, 'zone', [instance(3)])
    .observe('writes', answers(20, 3_000, 'b', { why: '<b>no leader</b>' }));

function wallOf(entries: JournalBuilder['entries']) {
  const clock = simulatedClock();
  const wall = createWall(clock);
  wall.take({ entries, again: false });
  return { clock, wall, now: () => JSON.parse(wall.now()) as Now, picture: () => JSON.parse(wall.picture()!) as Picture };
}

describe('what the live page shows', () => {
  it('is the phase, what is broken, what is not back, and which probes are bad, escaped', () => {
    const { now } = wallOf(builder().entries);
    const seen = now();
    assert.equal(seen.phase, 'breaking');
    assert.equal(seen.place, 'etcd-zone-plus-one · in lab · 20261123T102133Z-etcd-zone-plus-one-7f3a');
    assert.match(seen.now, /<b><bdi>zone<\/bdi><\/b> <em>injected<\/em>/);
    assert.match(seen.now, /<bdi>peer-3<\/bdi><\/b> <span><bdi>hit<\/bdi>/);
    assert.match(seen.now, /0 of 1 good/);
    assert.match(seen.now, /bad: <bdi>&lt;b&gt;no leader&lt;\/b&gt;/);
  });

  it('takes a kill for over when all that it hit is back', () => {
    const back = { facet: 'member', subject: 'peer-3', state: 'up', notYet: 3_900, seen: 4_000, source: 'etcd' } as const;
    const { now } = wallOf(builder().milestone(back).entries);
    assert.match(now().now, /<li class="is-over"><b><bdi>zone<\/bdi>/);
    assert.match(now().now, /nothing: all are back/);
  });

  it('tells the verdict at the end, and none before', () => {
    assert.equal(wallOf(builder().entries).picture().verdict, '');
    assert.match(wallOf(builder().end(4_000, 5_000).entries).picture().verdict, /^(Held|Broken|Inconclusive): /);
  });

  it('counts from the first fault, and goes on counting between entries', async () => {
    const { clock, now } = wallOf(builder().entries);
    const first = now().clock;
    await clock.advance(2_000);
    assert.deepEqual([now().clock.zeroMs, now().clock.runMs! - first.runMs!], [first.zeroMs, 2_000]);
  });

  it('says which objectives are at risk and which are broken', () => {
    assert.match(wallOf(builder().entries).picture().slos, /at risk<\/span>\s*<b><bdi>writes are back &lt;soon&gt;/);
    const longer = builder().observe('writes', answers(3_000, 6_000, 'b'));
    assert.match(wallOf(longer.entries).picture().slos, /broken<\/span>\s*<b><bdi>writes are back/);
    const before = new JournalBuilder().observe('writes', answers(-5_000, -100));
    assert.match(wallOf(before.entries).picture().slos, /(not known yet|fine so far)<\/span>/);
  });

  it('draws the picture of the report, as far as the run has come', () => {
    const { charts } = wallOf(builder().entries).picture();
    assert.match(charts, /aria-label="writes: \d+ good, \d+ bad, 0 unknown; /);
    assert.match(charts, /aria-label="phases: baseline from /);
  });

  it('says that nothing comes any more, until the run has ended', async () => {
    const { clock, now } = wallOf(builder().entries);
    assert.equal(now().silent, '');
    await clock.advance(11_000);
    assert.match(now().silent, /^Nothing new in the journal for 11 s/);
    const ended = wallOf(builder().end(4_000, 5_000).entries);
    await ended.clock.advance(60_000);
    assert.deepEqual([ended.now().silent, ended.now().phase, ended.now().ended, ended.now().clock.ended], ['', 'ended', 'every probe was good again', true]);
  });

  it('forgets what was when the journal begins again', () => {
    const { wall, now } = wallOf(builder().entries);
    wall.take({ entries: [], again: true });
    assert.deepEqual([now().phase, now().clock.runMs, wall.picture()], ['starting', null, undefined]);
  });

  it('can be drawn for every beginning of a real journal', function () {
    this.timeout(60_000);
    const entries = parseJournal(readFileSync(new URL('../../journals/node-loss.ndjson', import.meta.url), 'utf8'), 'x');
    for (let count = 1; count < entries.length; count += 40) {
      const { now, picture } = wallOf(entries.slice(0, count));
      assert.ok(now().title.length > 0 && picture().charts.includes('lanes'));
    }
  });
});
