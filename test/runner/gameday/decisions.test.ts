import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isGo, readName, readSaying } from '../../../runner/gameday/answers.ts';
import { drawDrills, planDay, type Candidate, type Drills, type PlannedDrill } from '../../../runner/gameday/draw.ts';
import { afterDrill } from '../../../runner/gameday/next.ts';
import { worstOf } from '../../../runner/worst.ts';
import { seeded } from '../../../runner/rng.ts';
import { loadGameday } from '../../../scenarios/gameday.ts';

const catalogue: Candidate[] = ['a', 'b', 'c', 'd', 'e'].map((drill) => ({ drill, title: `Lose ${drill}`, tags: drill === 'e' ? [] : ['zone'] }));
const drills: Drills = { named: (drill) => ({ drill: `at/${drill}`, title: `The drill ${drill}`, tags: [] }), catalogue };
const planned = (text: string, seed: number) => planDay(loadGameday(`name: day\ntitle: A day\n${text}`, 'f'), drills, seed);

describe('what comes after a drill', () => {
  it('is the next one when it held, and what the file says when it broke an SLO or was aborted', () => {
    assert.equal(afterDrill(0, 'stop'), 'go-on');
    for (const code of [1, 5]) for (const word of ['stop', 'ask', 'go-on'] as const) assert.equal(afterDrill(code, word), word);
  });

  it('is a question when nobody can tell: inconclusive, refused, bad input', () => {
    for (const code of [2, 3, 4]) assert.equal(afterDrill(code, 'go-on'), 'ask');
  });

  it('is nothing, whatever the file says, after what could not be undone, an interruption and a process that was killed', () => {
    for (const code of [6, 130, null, 137]) assert.equal(afterDrill(code, 'go-on'), 'stop');
  });

  it('leaves the worst exit code: a human is needed, then interrupted, broken, aborted, inconclusive, refused', () => {
    assert.equal(worstOf([]), 0);
    assert.equal(worstOf([0, 4, 1, 3]), 1);
    assert.equal(worstOf([0, 3, 2]), 3);
    assert.equal(worstOf([130, 1]), 130);
    assert.equal(worstOf([130, 6, 1]), 6);
    assert.equal(worstOf([0, 99]), 4);
  });
});

describe('a draw', () => {
  const draw = { pick: 2, of: { tag: 'zone' } } as const;

  it('takes different drills that have the tag, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const drawn = drawDrills(draw, catalogue, seeded(seed));
        assert.equal(new Set(drawn).size, 2);
        assert.ok(drawn.every(({ tags }) => tags.includes('zone')));
        assert.deepEqual(drawDrills(draw, catalogue, seeded(seed)), drawn);
      }),
    );
  });

  it('takes every one of them for some seed, about as often as the others', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 2_000; seed++) for (const { drill } of drawDrills(draw, catalogue, seeded(seed))) counts.set(drill, (counts.get(drill) ?? 0) + 1);
    assert.deepEqual([...counts.keys()].sort(), ['a', 'b', 'c', 'd']);
    for (const count of counts.values()) assert.ok(count > 850 && count < 1_150, String(count));
  });

  it('of more than there are is refused, and says which there are', () => {
    assert.throws(() => drawDrills({ pick: 5, of: { tag: 'zone' } }, catalogue, seeded(1)), /the draw "pick 5 of tag:zone" finds too few drills that this environment can run: there are only a, b, c, d/);
    assert.throws(() => drawDrills({ pick: 1, of: { tag: 'none' } }, catalogue, seeded(1)), /there is none/);
  });
});

describe('the plan of a day', () => {
  const text = `countdown: 3s
onBroken: stop
drills:
  - { drill: own.yaml, set: { zone: x, members: 2 }, ask: Ready?, onNoGo: end }
  - { pause: 5m }
  - { ask: Back? }
  - { draw: pick 2 of tag:zone, countdown: 0s, onBroken: go-on }
  - { draw: 'pick 1 of x.yaml, y.yaml' }
`;

  it('has all of the file in its order, with what is drawn in place of each draw', () => {
    const steps = planned(text, 7);
    assert.deepEqual(steps.map(({ kind }) => kind), ['drill', 'pause', 'question', 'drill', 'drill', 'drill']);
    const { seed: _seed, ...first } = steps[0] as PlannedDrill;
    assert.deepEqual(first, { kind: 'drill', drill: 'at/own.yaml', title: 'The drill own.yaml', set: ['zone=x', 'members=2'], drawnBy: null, ask: 'Ready?', countdownMs: 3_000, onBroken: 'stop', onNoGo: 'end' });
    const drawn = steps[3] as PlannedDrill;
    assert.deepEqual([drawn.drawnBy, drawn.countdownMs, drawn.onBroken, drawn.onNoGo], ['pick 2 of tag:zone', 0, 'go-on', 'skip']);
    assert.match((steps[5] as PlannedDrill).drill, /^at\/[xy]\.yaml$/);
  });

  it('is the same for the same seed, seeds of the drills included, and another for another', () => {
    assert.deepEqual(planned(text, 7), planned(text, 7));
    const seeds = planned(text, 7).flatMap((step) => (step.kind === 'drill' ? [step.seed] : []));
    assert.equal(new Set(seeds).size, 4);
    assert.notDeepEqual(planned(text, 7), planned(text, 8));
  });

  it('draws the same when a pause or a question is put in between', () => {
    const drillsOf = (of: string) => planned(of, 7).filter(({ kind }) => kind === 'drill');
    assert.deepEqual(drillsOf(text.replace('  - { pause: 5m }\n', '')), drillsOf(text));
  });

  it('is none for a file that has only a schedule', () => {
    assert.throws(() => planned("schedule: [{ name: a, cron: '0 3 * * *', timeZone: UTC, draw: pick 1 of tag:zone }]\n", 1), /game day day has no drills, only a schedule/);
  });
});

describe('an answer', () => {
  const sayings: [text: string, go: boolean | undefined, why?: string][] = [
    ['go', true], [' GO ', true], ['yes', true], ['y', true], ['go, all green', true, 'all green'],
    ['no-go', false], ['no go', false], ['NOGO', false], ['no', false], ['n', false], ['no-go: the dashboards are red', false, 'the dashboards are red'], ['no, lunch', false, 'lunch'],
    ['', undefined], ['gone', undefined], ['nobody', undefined], ['maybe', undefined], ['going', undefined],
  ];
  for (const [text, go, why = ''] of sayings) {
    it(`${JSON.stringify(text)} is ${go === undefined ? 'none' : go ? 'a go' : 'a no-go'}`, () => {
      assert.deepEqual(readSaying(text), go === undefined ? undefined : { go, why });
    });
  }

  it('may come with the name', () => {
    assert.deepEqual(readName('Kim'), { who: 'Kim' });
    assert.deepEqual(readName(' Kim Smith : no-go: lunch'), { who: 'Kim Smith', said: { go: false, why: 'lunch' } });
    assert.deepEqual(readName('Kim: well'), { who: 'Kim' });
    assert.equal(readName('  '), undefined);
    assert.equal(readName(': go'), undefined);
  });

  it('of one who says no makes it a no-go, until they change their mind', () => {
    const say = (who: string, go: boolean) => ({ who, go, why: '' });
    assert.equal(isGo([]), false);
    assert.equal(isGo([say('kim', true)]), true);
    assert.equal(isGo([say('kim', true), say('sam', false)]), false);
    assert.equal(isGo([say('kim', true), say('Sam', false), say('sam', true)]), true);
  });
});
