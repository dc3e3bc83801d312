import assert from 'node:assert/strict';
import { StreamState } from '../../runner/steady.ts';

describe('a streak of good answers', () => {
  const stream = (...goodAnswersMs: readonly number[]): StreamState => {
    const state = new StreamState('data', 'data', { everyMs: 1_000, timeoutMs: 2_000 });
    for (const atMs of goodAnswersMs) state.observe(atMs - 10, atMs, 'good', '');
    return state;
  };

  it('is as long as its answers tell, however long ago the last came', () => {
    assert.equal(stream(1_000, 2_000, 3_000).isSteady(3_000, 9_000), false);
    assert.equal(stream(1_000, 2_000, 3_000, 4_000).isSteady(3_000, 4_000), true);
  });

  it('counts from the first answer after a restart, as the judge counts from the first after a fault', () => {
    const state = stream(1_000, 2_000);
    state.restart();
    for (const atMs of [2_600, 3_600, 4_600, 5_500]) state.observe(atMs - 10, atMs, 'good', '');
    assert.equal(state.isSteady(3_000, 5_500), false);
    state.observe(5_590, 5_600, 'good', '');
    assert.equal(state.isSteady(3_000, 5_600), true);
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

  it('begins anew with an answer that was waited for for longer than just late', () => {
    const pace = { everyMs: 100, timeoutMs: 1_000 };
    const after = (silentMs: number): StreamState => {
      const state = new StreamState('writes', 'writes', pace);
      for (const atMs of [1_000, 1_100, 1_200, 1_200 + silentMs, 1_300 + silentMs]) state.observe(Math.min(atMs - 5, 1_295), atMs, 'good', '');
      return state;
    };
    assert.equal(after(300).isSteady(600, 1_600), true);
    assert.equal(after(600).isSteady(600, 1_900), false);
  });
});
