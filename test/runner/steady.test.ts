import assert from 'node:assert/strict';
import { StreamState } from '../../runner/steady.ts';

describe('a stream that must be good for a while', () => {
  const asked = (starts: readonly number[]): StreamState => {
    const state = new StreamState('writes', 'writes', 1_000);
    for (const start of starts) state.observe(start, start + 5, 'good', '');
    return state;
  };

  it('is so when every answer was good for that long', () => {
    assert.equal(asked([0, 500, 1_000, 1_500]).isSteady(1_000, 1_600), true);
    assert.equal(asked([0, 500, 1_000, 1_500]).isSteady(2_000, 1_600), false);
  });

  it('is not so across a stretch of which nothing is known: the judge would not count it either', () => {
    const state = asked([0, 500, 2_000, 2_500]);
    assert.equal(state.isSteady(1_000, 2_600), false);
    state.observe(3_000, 3_005, 'good', '');
    assert.equal(state.isSteady(1_000, 3_010), true);
  });

  it('is not so while nothing has been heard of it for too long', () => {
    assert.equal(asked([0, 500, 1_000]).isSteady(500, 2_500), false);
  });

  it('does not take an unknown answer for something that is known', () => {
    const state = asked([0, 500]);
    state.observe(1_200, 1_900, 'unknown', 'stood still');
    state.observe(1_900, 1_905, 'good', '');
    assert.equal(state.goodSince, 1_905);
  });
});
