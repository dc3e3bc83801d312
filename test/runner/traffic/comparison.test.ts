import assert from 'node:assert/strict';
import { createMask } from '../../../runner/mask.ts';
import { Comparison, type Compared } from '../../../runner/traffic/comparison.ts';
import { mostHeard, type HeardAnswer } from '../../../runner/traffic/outcome.ts';

const mask = createMask();
const secret = 'tok-4f1c-92aa-77b0';
mask.add(secret, { of: 'a test' });

type Pair = readonly [first: HeardAnswer | undefined, copy: HeardAnswer | undefined];

/** What comes of these pairs, the copy heard first in every second one. */
function compared(pairs: readonly Pair[], normalise: readonly string[] = []): Compared {
  const comparison = new Comparison({ normalise, mask });
  for (const [n, [first, copy]] of pairs.entries()) {
    if (n % 2 === 0) comparison.settled('first', n, first);
    comparison.settled('copy', n, copy);
    if (n % 2 === 1) comparison.settled('first', n, first);
  }
  return comparison.take();
}

const says = (body: string, status = 200): HeardAnswer => ({ status, body });

describe('answers compared with those to copies', () => {
  it('are the same when status and body are', () => {
    assert.deepEqual(compared([[says('a'), says('a')], [says('', 404), says('', 404)]]), { same: 2, different: 0, unanswered: 0, told: [] });
  });

  it('tell which status differs, or from where on the body does', () => {
    const { different, told } = compared([[says('x', 200), says('x', 503)], [says('{"id":7,"price":3}'), says('{"id":7,"price":4}')], [says('ab'), says('abc')]]);
    assert.equal(different, 3);
    assert.deepEqual(told, [
      { n: 0, what: 'status 200, and 503 from the shadow' },
      { n: 1, what: 'body from character 17 on: “…"price":3}”, and “…"price":4}” from the shadow' },
      { n: 2, what: 'body from character 3 on: “ab”, and “abc” from the shadow' },
    ]);
  });

  it('are not compared when one of the two is missing', () => {
    assert.deepEqual(compared([[says('a'), undefined], [undefined, says('a')], [undefined, undefined]]), { same: 0, different: 0, unanswered: 3, told: [] });
  });

  it('leave out what the drill says', () => {
    const pair: Pair = [says('{"at":"10:21:33","price":3}'), says('{"at":"10:21:34","price":3}')];
    assert.equal(compared([pair]).different, 1);
    assert.equal(compared([pair], ['\\d+:\\d+:\\d+']).same, 1);
  });

  it('tell the first five of a run, and count the rest', () => {
    const comparison = new Comparison({ normalise: [], mask });
    const differ = (n: number): void => {
      comparison.settled('first', n, says('a'));
      comparison.settled('copy', n, says('b'));
    };
    for (let n = 0; n < 3; n += 1) differ(n);
    assert.deepEqual(comparison.take().told.map(({ n }) => n), [0, 1, 2]);
    for (let n = 3; n < 9; n += 1) differ(n);
    const { different, told } = comparison.take();
    assert.deepEqual([different, told.map(({ n }) => n)], [6, [3, 4]]);
  });

  it('show little of a long body, and no secret, in whole or in part', () => {
    const long = 'x'.repeat(200);
    const [cut, hidden, other, half] = compared([
      [says(`${long}1${long}`), says(`${long}2${long}`)],
      [says(`token ${secret}`), says(`token ${secret}${secret}`)],
      [says(`1 ${secret} ${long}`), says(`2 ${secret} ${long}`)],
      [says(`${'y'.repeat(mostHeard - 5)}tok-4`), says(`${'y'.repeat(mostHeard - 5)}tok-5`)],
    ]).told.map(({ what }) => what);
    assert.equal(cut, `body from character 201 on: “…xxxxxxxx1${'x'.repeat(31)}…”, and “…xxxxxxxx2${'x'.repeat(31)}…” from the shadow`);
    assert.match(hidden!, /^body from character 10 on: “…oken \*\*\*”/);
    assert.ok(!`${hidden}${other}`.includes('4f1c'), other);
    assert.equal(half, `body from character ${mostHeard} on`);
    const { told } = compared([[says(`a ${secret}`), says('a ***')]]);
    assert.deepEqual(told, [{ n: 0, what: 'body, in what is hidden as a secret' }]);
    const normalised = compared([[says(`1 ${secret}`), says(`2 ${secret}`)]], ['4f1c']).told[0]!.what;
    assert.ok(!normalised.includes('92aa'), normalised);
  });
});
