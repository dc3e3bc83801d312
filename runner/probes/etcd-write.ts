import { z } from 'zod';
import { duration } from '../../scenarios/schema.ts';
import type { EtcdFleet, EtcdMemberClient } from '../clients/etcd.ts';
import { messageOf } from '../errors.ts';
import { dialTimeoutMs, folderUndo, ownKeys, type OwnKeys } from '../etcd-keys.ts';
import { slackMs } from '../patience.ts';
import { defineProbe, type Answer, type ProbeContext, type ProbeStream } from '../probe.ts';

/** Keys that are written to in turn, so that no single one is a bottleneck. */
const keyCount = 16;

/** Can a client write? */
export default defineProbe<{ hedge: number; via: 'any' | 'each' }>({
  summary: 'writes a small key to etcd; good when a quorum has acknowledged it',
  schema: z.strictObject({
    via: z
      .enum(['any', 'each'])
      .default('any')
      .describe('any: as a client with failover, starting from the next member in turn; each: a stream for every member'),
    hedge: duration.default(200).describe('via any: how long a member may be silent before the next is asked as well'),
  }),
  selects: [],
  permissions: { iam: [] },
  defaults: { everyMs: 100, timeoutMs: 1000 },

  async open(spec, context) {
    const fleet = await context.world.etcd();
    await fleet.warm(dialTimeoutMs);
    const keys = await ownKeys(fleet, context);
    const streams = spec.via === 'each' ? eachMember(fleet, keys, context) : [anyMember(fleet, keys, spec.hedge, context)];
    return { streams, close: () => keys.close() };
  },
  ...folderUndo,
});

function eachMember(fleet: EtcdFleet, keys: OwnKeys, { name, run, timeoutMs }: ProbeContext): ProbeStream[] {
  return fleet.members.map((member) => {
    return {
      name: `${name}/${member.name}`,
      async ask() {
        await keys.put(member, member.name, run.id, timeoutMs + slackMs);
        return { value: 'good' };
      },
    };
  });
}

function anyMember(fleet: EtcdFleet, keys: OwnKeys, hedgeMs: number, { name, run, timeoutMs, clock }: ProbeContext): ProbeStream {
  const { members } = fleet;
  let tick = 0;

  const ask = (): Promise<Answer> => {
    const first = tick;
    const key = String(tick % keyCount);
    tick += 1;
    const deadlineMs = clock.now() + timeoutMs;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const whys: string[] = [];
    let tries = 0;
    let done = false;
    let takeBack: (() => void) | undefined;

    const finish = (answer: Answer): void => {
      done = true;
      takeBack?.();
      resolve(answer);
    };
    const acknowledged = (member: EtcdMemberClient): void => {
      if (done) return;
      finish({ value: 'good', detail: { by: member.name, tries } });
    };
    const failed = (attempt: number, error: unknown): void => {
      if (done) return;
      whys.push(messageOf(error));
      if (whys.length === members.length) finish({ value: 'bad', why: mostFrequent(whys), detail: { tries } });
      // Where the next has been asked already, its own patience goes on.
      else if (attempt === tries) tryNext();
    };
    const tryNext = (): void => {
      takeBack?.();
      const leftMs = deadlineMs - clock.now();
      if (done || tries === members.length || leftMs <= 0) return;
      const member = members[(first + tries) % members.length]!;
      tries += 1;
      const attempt = tries;
      if (tries < members.length) takeBack = clock.schedule(clock.now() + hedgeMs, tryNext);
      keys.put(member, key, run.id, leftMs + slackMs).then(
        () => acknowledged(member),
        (error: unknown) => failed(attempt, error),
      );
    };
    tryNext();
    return promise;
  };
  return { name, ask };
}

function mostFrequent(whys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const why of whys) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
