import { z } from 'zod';
import { rate } from '../../scenarios/values.ts';
import { HistoryWriter } from '../consistency-workload/history-writer.ts';
import { Workload } from '../consistency-workload/workload.ts';
import { historyFileName, type OperationRecord } from '../consistency/records.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { dialTimeoutMs, folderUndo, ownFolder } from '../etcd-keys.ts';
import { defineProbe, type Answer } from '../probe.ts';
import { seeded, seedFor } from '../rng.ts';

/** Does etcd ever lie? What it records is judged when the run is over. */
export default defineProbe<{ clients: number; keys: number; rate: number }>({
  summary: 'uses etcd as clients do and records every answer, for an SLO `consistent`; good while operations are answered',
  schema: z.strictObject({
    clients: z.int().min(1).max(64).default(8).describe('How many clients; each asks one member, one question at a time'),
    keys: z.int().min(1).max(64).default(5).describe('How many keys they share; fewer keys meet more often'),
    rate: rate.default(50).describe('Operations of all clients together; the environment allows 200/s, or its etcd.maxRate'),
  }),
  selects: [],
  permissions: { iam: [] },
  etcdRate: ({ rate: perSecond }) => perSecond,
  records: true,
  defaults: { everyMs: 1000, timeoutMs: 2000 },

  async open({ clients, keys, rate: perSecond }, context) {
    const { world, clock, run, name, timeoutMs, folder, note } = context;
    const fleet = await world.etcd();
    await fleet.warm(dialTimeoutMs);
    const own = await ownFolder(fleet, context);
    const said = tally();
    let writer: HistoryWriter | undefined;
    const closeFile = async (): Promise<void> => {
      const lines = await writer?.close();
      if (lines !== undefined) context.recorded(historyFileName, lines);
      else if (writer) note(`${historyFileName} is not whole, and will not be judged: ${writer.failure}`);
    };
    let workload: Workload;
    try {
      workload = await Workload.start({
        fleet, prefix: own.prefix, clients, keys, perSecond, timeoutMs, clock,
        rng: seeded(seedFor(0, run.id)),
        async begin(head) {
          const file = (writer = await HistoryWriter.create(folder, head, world.mask));
          return (record) => file.record(record);
        },
        onOperation: said.count,
      });
    } catch (error) {
      await writer?.close();
      own.unused();
      throw new ExpectedError(`probe ${name}: ${messageOf(error)}`, undefined, { cause: error });
    }
    return {
      streams: [{ name, ask: async () => said.answer() }],
      async close() {
        await workload.finish();
        await closeFile();
        await own.clean();
      },
    };
  },

  ...folderUndo,
});

/** What the operations since the last question came to. Whether the answers are right is told at the end of the run. */
function tally(): { count(record: OperationRecord): void; answer(): Answer } {
  let counts = { ok: 0, failed: 0, ambiguous: 0 };
  let why: string | undefined;
  return {
    count(record) {
      counts[record.is ?? 'ok'] += 1;
      if (record.is !== undefined) why = record.why;
    },
    answer() {
      const { ok, failed, ambiguous } = counts;
      const reason = why ?? 'no operation has ended';
      counts = { ok: 0, failed: 0, ambiguous: 0 };
      why = undefined;
      if (ok === 0) return { value: 'bad', why: reason };
      return failed + ambiguous === 0 ? { value: 'good' } : { value: 'good', detail: { ok, failed, ambiguous } };
    },
  };
}
