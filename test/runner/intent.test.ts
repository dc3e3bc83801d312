import assert from 'node:assert/strict';
import { parseJournal } from '../../runner/journal-file.ts';
import { judge } from '../../runner/judge.ts';
import { runDrill, Service } from './engine.ts';

describe('an injection that is called off while its undo record is on its way to the disk', () => {
  it('breaks nothing, and leaves nothing that somebody would have to undo', async () => {
    const service = new Service();
    const written: string[] = [];
    let disk = Promise.resolve();
    const { outcome } = await runDrill(service, {}, {
      during: (clock, interrupt) => {
        // The disk hangs from the first sync on, and the user gives up meanwhile.
        const hung = Promise.withResolvers<void>();
        disk = hung.promise;
        clock.schedule(clock.now() + 10_000, () => {
          interrupt.abort(new Error('interrupted by SIGINT'));
          hung.resolve();
        });
      },
      openSink: async () => ({ write: async (text) => void written.push(text), sync: () => disk, close: async () => {} }),
    });
    assert.equal(outcome, 'interrupted');
    assert.deepEqual(service.log, ['close']);
    const run = judge(parseJournal(written.join(''), 'journal'));
    assert.deepEqual(run.faults.map(({ open, undone }) => [open, undone?.said]), [[false, 'nothing to undo: it was not injected']]);
    assert.equal(run.verdict.exitCode, 130);
  });
});
