import assert from 'node:assert/strict';
import { randomSeed } from '../../runner/rng.ts';
import { fuzz } from '../fuzz/fuzz.ts';

const count = 1_000;

describe(`${count} mutated files`, function () {
  this.timeout(120_000);

  it('are each loaded or refused with line and column, and nothing else happens (FUZZ_SEED=… for those that were)', async () => {
    const { loaded, refused } = await fuzz({ seed: Number(process.env['FUZZ_SEED'] ?? randomSeed()), count });
    assert.equal(loaded + refused, count);
    assert.ok(loaded > 10 && refused > count / 2, `${loaded} were loaded and ${refused} refused: such mutations try nothing`);
  });
});
