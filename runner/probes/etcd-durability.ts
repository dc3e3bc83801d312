import { z } from 'zod';
import type { EtcdMemberClient } from '../clients/etcd.ts';
import { messageOf } from '../errors.ts';
import { askAny, dialTimeoutMs, folderUndo, ownKeys } from '../etcd-keys.ts';
import { defineProbe, type Answer } from '../probe.ts';

const hedgeMs = 200;
/** The ledger is read whole at each question: beyond this many entries it grows no more, and is still checked. */
const mostEntries = 5000;
const digits = 8;

/** Is every write that was acknowledged still there? */
export default defineProbe({
  summary: 'writes a numbered ledger to etcd; good when every entry that was ever acknowledged can be read, unknown while none can',
  schema: z.strictObject({}),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 500, timeoutMs: 2000 },

  async open(_spec, context) {
    const { clock, timeoutMs, name, run, world } = context;
    const fleet = await world.etcd();
    await fleet.warm(dialTimeoutMs);
    const { members } = fleet;
    const own = await ownKeys(fleet, context);
    const keyOf = (entry: number): string => String(entry).padStart(digits, '0');
    const acknowledged = new Set<number>();
    let asked = 0;

    // Those that let a question go by are asked last: three in a row would use up the time.
    const silent = new Set<string>();
    const inTurn = (first: number): EtcdMemberClient[] => {
      const turned = members.map((_, index) => members[(first + index) % members.length]!);
      return [...turned.filter(({ name: one }) => !silent.has(one)), ...turned.filter(({ name: one }) => silent.has(one))];
    };
    const heard = async <T>(member: EtcdMemberClient, answer: Promise<T>): Promise<T> => {
      silent.add(member.name);
      const value = await answer;
      silent.delete(member.name);
      return value;
    };

    /** Less than half of the question's time: the rest is for reading. */
    const append = async (entry: number): Promise<string> => {
      if (entry > mostEntries) return '';
      try {
        await askAny({ members: inTurn(entry), first: 0, hedgeMs, timeoutMs: timeoutMs * 0.4, clock }, (member, leftMs) =>
          heard(member, own.put(member, keyOf(entry), run.id, leftMs)),
        );
        acknowledged.add(entry);
        return '';
      } catch (error) {
        return messageOf(error);
      }
    };
    const ask = async (): Promise<Answer> => {
      asked += 1;
      const first = asked;
      const startMs = clock.now();
      const notWritten = await append(asked);
      // Only what was acknowledged before the ledger is read has to be in it.
      const expected = [...acknowledged];
      const leftMs = timeoutMs - (clock.now() - startMs);
      let found: Set<string>;
      try {
        const keys = await askAny({ members: inTurn(first), first: 0, hedgeMs, timeoutMs: leftMs * 0.9, clock }, (member, ms) =>
          heard(member, member.keys(own.folder, ms)),
        );
        found = new Set(keys);
      } catch (error) {
        return { value: 'unknown', why: `the ledger can't be read: ${messageOf(error)}` };
      }
      const missing = expected.filter((entry) => !found.has(own.folder + keyOf(entry))).sort((a, b) => a - b);
      if (missing.length > 0) {
        const more = missing.length > 1 ? ' and later ones' : '';
        return { value: 'bad', why: `entry ${missing[0]}${more} acknowledged and missing`, detail: { missing: missing.length, entries: expected.length } };
      }
      // Its own writes failing is for a probe of writes to judge: nothing acknowledged is lost.
      return notWritten === '' ? { value: 'good' } : { value: 'good', detail: { write: notWritten } };
    };
    return { streams: [{ name, ask }], close: () => own.close() };
  },
  ...folderUndo,
});
