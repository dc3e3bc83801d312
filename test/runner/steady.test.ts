import assert from 'node:assert/strict';
import { StreamState } from '../../runner/steady.ts';

describe('a streak of good answers', () => {
  const stream = (...goodAnswersMs: readonly number[]): StreamState => {
    const state = new StreamState('data', 'data');
    for (const atMs of goodAnswersMs) state.observe(atMs - 10, atMs, 'good', '');
    return state;
  };

  it('is as long as its answers tell, however long ago the last came', () => {
    assert.equal(stream(1_000, 2_000, 3_000).isSteady(3_000, 9_000), false);
    assert.equal(stream(1_000, 2_000, 3_000, 4_000).isSteady(3_000, 4_000), true);
  });

  it('counts from a given moment at the earliest', () => {
    const state = stream(1_000, 2_000, 3_000, 4_000);
    assert.equal(state.isSteady(3_000, 4_000, 1_500), false);
    state.observe(4_490, 4_500, 'good', '');
    assert.equal(state.isSteady(3_000, 4_500, 1_500), true);
  });

  it('begins anew with the first good answer after one that was not', () => {
    for (const value of ['bad', 'unknown'] as const) {
      const state = stream(1_000, 2_000);
      state.observe(2_500, 2_600, value, 'away');
      for (const atMs of [3_000, 4_000]) state.observe(atMs - 10, atMs, 'good', '');
      assert.equal(state.isSteady(1_500, 4_000), false, value);
      state.observe(4_490, 4_500, 'good', '');
      assert.equal(state.isSteady(1_500, 4_500), true, value);
    }
  });
});
