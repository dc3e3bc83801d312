import { z } from 'zod';
import type { EtcdHash } from '../clients/etcd.ts';
import { messageOf } from '../errors.ts';
import { EtcdVoters, namesOf } from '../etcd-voters.ts';
import { defineProbe, type Answer } from '../probe.ts';

/** Do all members hold the same data? */
export default defineProbe({
  summary: "compares every etcd voter's HashKV at one revision; good when all are equal, unknown while one is missing",
  schema: z.strictObject({}),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 1000, timeoutMs: 2000 },

  async open(_spec, context) {
    const { timeoutMs, name } = context;
    const voters = await EtcdVoters.open(context);
    // Two rounds of questions in one: each gets a little less than half.
    const roundMs = timeoutMs * 0.45;

    const ask = async (): Promise<Answer> => {
      const answers = await Promise.all(voters.now().map((voter) => voters.ask(voter, roundMs)));
      const silent = answers.filter(({ status }) => !status).map(({ voter }) => voter.name);
      if (silent.length > 0) return { value: 'unknown', why: `can't be told without ${namesOf(silent)}` };
      // All have come as far as the one that is furthest behind.
      const revision = Math.min(...answers.map(({ status }) => status!.revision));
      const hashes = await Promise.all(
        answers.map(async ({ voter }) => {
          try {
            return { name: voter.name, hash: await voter.client!.hash(revision, roundMs), why: '' };
          } catch (error) {
            return { name: voter.name, hash: undefined, why: messageOf(error) };
          }
        }),
      );
      const failed = hashes.find(({ hash }) => !hash);
      if (failed) return { value: 'unknown', why: `${failed.name} gave no hash: ${failed.why}` };
      return compare(hashes.map(({ name: member, hash }) => ({ member, ...hash! })), revision);
    };
    return { streams: [{ name, ask }], close: async () => {} };
  },
});

function compare(hashes: readonly (EtcdHash & { member: string })[], revision: number): Answer {
  if (new Set(hashes.map(({ compactRevision }) => compactRevision)).size > 1) {
    return { value: 'unknown', why: 'a compaction is under way: hashes are not comparable' };
  }
  const members = new Map<string, string[]>();
  for (const { member, hash } of hashes) members.set(hash, [...(members.get(hash) ?? []), member]);
  if (members.size <= 1) return { value: 'good' };
  const few = [...members.values()].sort((a, b) => b.length - a.length).slice(1).flat();
  return { value: 'bad', why: `other data than most: ${namesOf(few)}`, detail: { revision } };
}
