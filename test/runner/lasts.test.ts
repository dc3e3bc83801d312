import assert from 'node:assert/strict';
import { lastsAtMost } from '../../runner/lasts.ts';
import { runDrill, Service } from './engine.ts';

describe('a fault that can be undone', () => {
  const recovery = { timeout: 60_000, stableFor: 1_000 };
  const table: { name: string; lasts?: number; maxFaultMinutes?: number; ms: number }[] = [
    { name: 'its own time', lasts: 5_000, ms: 5_000 },
    { name: "the drill's recovery timeout when it has none", ms: 60_000 },
    { name: "the environment's cap when that is shorter", maxFaultMinutes: 0.5, ms: 30_000 },
    { name: 'its own time when the cap is longer', lasts: 5_000, maxFaultMinutes: 1, ms: 5_000 },
  ];
  for (const { name, lasts, maxFaultMinutes, ms } of table) {
    it(`lasts at most ${name}`, () => {
      assert.equal(lastsAtMost(lasts === undefined ? {} : { for: lasts }, { recovery }, { maxFaultMinutes }), ms);
    });
  }

  for (const [name, environment, endsMs] of [['the recovery timeout', {}, 60_000], ["the environment's cap", { maxFaultMinutes: 0.5 }, 30_000]] as const) {
    it(`ends after ${name}, although the drill waits for another one, and the journal says why`, async () => {
      const service = new Service();
      const { of } = await runDrill(
        service,
        { faults: [{ id: 'f', kind: 'stop' }, { id: 'late', kind: 'kill', at: 100_000 }], recovery },
        { environment },
      );
      const [injected] = of('fault.injected');
      const [undone] = of('fault.undone');
      assert.equal(undone!.fault, 'f');
      assert.equal(Math.round((undone!.t - injected!.t) / 100), endsMs / 100);
      assert.deepEqual(service.log, ['inject f', 'undo f', 'kill', 'close']);
      assert.match(of('note').map(({ text }) => text).join('\n'), /fault f has lasted \S+, the longest that is allowed: it is undone/);
    });
  }

  it('that is undone before is not undone again', async () => {
    const service = new Service();
    await runDrill(service, { faults: [{ id: 'f', kind: 'stop' }], recovery: { timeout: 60_000, stableFor: 30_000 } });
    assert.deepEqual(service.log, ['inject f', 'undo f', 'close']);
  });
});
