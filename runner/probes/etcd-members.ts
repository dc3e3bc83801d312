import { z } from 'zod';
import { EtcdVoters, namesOf, type VoterAnswer } from '../etcd-voters.ts';
import { agreedOn } from '../leadership.ts';
import { MemberHistory } from '../member-history.ts';
import { scheduleOnceRead, slackMs } from '../patience.ts';
import { defineProbe, type Answer } from '../probe.ts';

/** Is every member there, following the same leader, and caught up? */
export default defineProbe<{ behind: number }>({
  summary: 'asks every etcd voter for its state; good when all answer, follow one leader and have caught up with it',
  schema: z.strictObject({
    behind: z
      .int()
      .min(0)
      .default(50)
      .describe('how many log entries a member may lack, of those that were committed before it was asked, and still be caught up'),
  }),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 200, timeoutMs: 500 },

  async open(spec, context) {
    const { clock, timeoutMs } = context;
    const voters = await EtcdVoters.open(context);
    // A little sooner than the question itself ends, so that the reason can say who was silent.
    const memberTimeoutMs = timeoutMs * 0.9;
    const history = new MemberHistory(context, spec.behind);

    const ask = async (): Promise<Answer> => {
      const asked = voters.now();
      const startMs = clock.now();
      const question = history.begin(startMs);
      const late = Promise.withResolvers<void>();
      const takeBack = scheduleOnceRead(clock, startMs + memberTimeoutMs, late.resolve);
      const answers = await Promise.all(
        asked.map(async (voter) => {
          const silence = late.promise.then((): VoterAnswer => ({ voter, status: undefined, why: 'no answer' }));
          const answer = await Promise.race([voters.ask(voter, timeoutMs + slackMs), silence]);
          return { ...answer, state: history.saw(question, answer) };
        }),
      );
      takeBack();
      const named = (state: string): string[] => answers.filter((answer) => answer.state === state).map(({ voter }) => voter.name);
      const down = named('down');
      if (down.length > 0) return { value: 'bad', why: `down: ${namesOf(down)}` };
      const behind = named('behind');
      if (behind.length > 0) return { value: 'bad', why: `behind: ${namesOf(behind)}` };
      if (!followOne(answers)) return { value: 'bad', why: 'not all follow the same leader' };
      return { value: 'good' };
    };
    return { streams: [{ name: context.name, ask }], close: async () => {} };
  },
});

function followOne(answers: readonly VoterAnswer[]): boolean {
  const votes = answers.flatMap(({ voter, status }) => (status ? [{ id: voter.id, leader: status.leader, term: status.term }] : []));
  return agreedOn(votes, answers.length) !== undefined;
}
