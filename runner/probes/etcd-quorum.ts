import { z } from 'zod';
import { duration } from '../../scenarios/schema.ts';
import { messageOf } from '../errors.ts';
import { EtcdVoters, type Voter } from '../etcd-voters.ts';
import { agreedOn, LeaderHistory, mostVotes, type Vote } from '../leadership.ts';
import { scheduleOnceRead, slackMs } from '../patience.ts';
import { defineProbe, type Answer } from '../probe.ts';

/**
 * Members that have let a whole question go by are waited for this long once all others have answered, in milliseconds:
 * one that has just come back must be heard, and a lost majority must not be long in the telling.
 */
const patienceMs = 250;

/** Is there a majority of voters that agree on a leader and a term? */
export default defineProbe<{ election: number }>({
  summary: 'asks every etcd voter whom it follows; good when a majority, its leader included, agrees on leader and term',
  schema: z.strictObject({
    election: duration
      .default(0)
      .describe('how long a majority that answers may be without a common leader and still be good; not at all when left out'),
  }),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 100, timeoutMs: 1000 },

  async open({ election }, context) {
    const { clock, timeoutMs } = context;
    const voters = await EtcdVoters.open(context);
    const leaders = new LeaderHistory(context, voters);
    const silent = new Set<string>();

    const ask = (): Promise<Answer> => {
      const asked = voters.now();
      const majority = Math.floor(asked.length / 2) + 1;
      const startMs = clock.now();
      let arrivedMs = startMs;
      const votes: Vote[] = [];
      const whys: string[] = [];
      const pending = new Set(asked);
      const { promise, resolve } = Promise.withResolvers<Answer>();
      let concluded = false;
      let takeBack: (() => void) | undefined;

      const conclude = (): void => {
        if (concluded) return;
        concluded = true;
        takeBack?.();
        const agreed = agreedOn(votes, majority);
        leaders.saw(agreed, startMs, arrivedMs);
        if (agreed) {
          resolve({ value: 'good' });
          return;
        }
        if (votes.length >= majority && startMs - leaders.agreedMs < election) resolve({ value: 'good', why: 'election' });
        else if (votes.length >= majority) resolve({ value: 'bad', why: 'a majority answers, without a common leader' });
        else if (votes.length === 0 && whys.every(isCutOff)) resolve({ value: 'unknown', why: 'this machine has no network' });
        else resolve({ value: 'bad', why: `fewer than ${majority} of ${asked.length} voters answer` });
      };
      const look = (): void => {
        if (concluded) return;
        if (pending.size === 0 || agreedOn(votes, majority)) return conclude();
        const canAgree = mostVotes(votes) + pending.size >= majority;
        const canAnswer = votes.length + pending.size >= majority;
        if (!canAnswer || (!canAgree && votes.length >= majority)) return conclude();
        // What is left may never come. Not to know is as bad as a no, and it must not take longer than it has to.
        const onlySilent = [...pending].every(({ id }) => silent.has(id));
        if (onlySilent || votes.length >= majority) {
          takeBack?.();
          const giveUpMs = onlySilent ? Math.min(arrivedMs + patienceMs, startMs + timeoutMs / 2) : startMs + timeoutMs / 2;
          takeBack = scheduleOnceRead(clock, giveUpMs, conclude);
        }
      };
      const askOne = async (voter: Voter): Promise<void> => {
        const { status, why } = await voters.ask(voter, timeoutMs + slackMs);
        pending.delete(voter);
        if (status) {
          arrivedMs = clock.now();
          silent.delete(voter.id);
          votes.push({ id: voter.id, leader: status.leader, term: status.term });
        } else {
          silent.add(voter.id);
          whys.push(why);
        }
        look();
      };
      Promise.all(asked.map(askOne)).catch((error: unknown) => resolve({ value: 'unknown', why: messageOf(error) }));
      return promise;
    };
    return { streams: [{ name: context.name, ask }], close: async () => {} };
  },
});

/** When nobody could be asked because of the machine that asks, nothing is known of etcd. */
function isCutOff(why: string): boolean {
  return why === 'no route to the network';
}
