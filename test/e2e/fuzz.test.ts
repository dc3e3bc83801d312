import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { randomSeed } from '../../runner/rng.ts';
import type { FuzzResult } from '../fuzz/fuzz.ts';

const count = 100_000;
const threads = 2;

describe('a hundred thousand mutated drills and environments', function () {
  this.timeout(1_800_000);

  it('are each loaded or refused with line and column, within a second, and nothing else happens', async () => {
    // A failure names its seed: FUZZ_SEED=<that> has the same files made again.
    const seed = Number(process.env['FUZZ_SEED'] ?? randomSeed());
    const results = await Promise.all(
      Array.from({ length: threads }, async (_, thread) => {
        const worker = new Worker(new URL('../fuzz/worker.ts', import.meta.url), { workerData: { seed: seed + thread, count: count / threads } });
        const [result] = (await once(worker, 'message')) as [FuzzResult];
        return result;
      }),
    );
    const loaded = results.reduce((sum, result) => sum + result.loaded, 0);
    assert.equal(loaded + results.reduce((sum, { refused }) => sum + refused, 0), count);
    assert.ok(loaded > count / 100, `seeds from ${seed}: only ${loaded} were loaded: such mutations try nothing`);
  });
});
