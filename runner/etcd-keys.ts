import type { EtcdFleet, EtcdMemberClient } from './clients/etcd.ts';
import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { ProbeContext } from './probe.ts';

const cleanTimeoutMs = 2000;
/** Members that are asked to clean up before that is given up. */
const cleanTries = 4;

/** A probe's own keys: all below one folder, which is taken away at its end. */
export interface OwnKeys {
  readonly folder: string;
  /** As {@link EtcdMemberClient.put}; `key` is the part below the folder. */
  put(member: EtcdMemberClient, key: string, value: string, timeoutMs: number): Promise<void>;
  /** Takes them away again, as well as it can, once no write is under way that could bring one back. */
  close(): Promise<void>;
}

export function ownKeys(fleet: EtcdFleet, context: Pick<ProbeContext, 'world' | 'run' | 'name' | 'note'>): OwnKeys {
  const folder = `${context.world.environment.etcd?.prefix ?? ''}${context.run.id}/${context.name}/`;
  const underWay = new Set<Promise<unknown>>();
  return {
    folder,
    put(member, key, value, timeoutMs) {
      const writing = member.put(folder + key, value, timeoutMs);
      const settled: Promise<unknown> = Promise.allSettled([writing]).then(() => underWay.delete(settled));
      underWay.add(settled);
      return writing;
    },
    async close() {
      await Promise.all(underWay);
      await deleteKeys(fleet, folder, context);
    },
  };
}

async function deleteKeys(fleet: EtcdFleet, folder: string, { note }: Pick<ProbeContext, 'note'>): Promise<void> {
  try {
    await deleteBelow(fleet, folder);
  } catch (error) {
    note(`${messageOf(error)}; delete them with: etcdctl del --prefix ${folder}`);
  }
}

/**
 * Deletes all keys that begin so; a few members are asked, one after another.
 *
 * @throws Error with what each of them said
 */
export async function deleteBelow({ members }: EtcdFleet, prefix: string): Promise<void> {
  const whys: string[] = [];
  for (const member of members.slice(0, cleanTries)) {
    try {
      return await member.deletePrefix(prefix, cleanTimeoutMs);
    } catch (error) {
      whys.push(`${member.name}: ${messageOf(error)}`);
    }
  }
  throw new Error(`the keys below ${prefix} could not be deleted (${whys.join('; ')})`);
}

export interface Failover {
  readonly members: readonly EtcdMemberClient[];
  /** Who is asked first; then the others in turn. */
  readonly first: number;
  /** How long a member may be silent before the next is asked as well. */
  readonly hedgeMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Asks as a client with failover does: one member, then the next when that fails or is silent, until one answers.
 *
 * @throws Error with the reason of the last that failed, when all have or the time is over
 */
export function askAny<T>({ members, first, hedgeMs, timeoutMs, clock }: Failover, ask: (member: EtcdMemberClient, leftMs: number) => Promise<T>): Promise<T> {
  const deadlineMs = clock.now() + timeoutMs;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let asked = 0;
  let failed = 0;
  let takeBack = (): void => {};
  const askNext = (): void => {
    takeBack();
    const leftMs = deadlineMs - clock.now();
    if (leftMs <= 0) return reject(new Error('no answer'));
    if (asked === members.length) {
      takeBack = clock.schedule(deadlineMs, () => reject(new Error('no answer')));
      return;
    }
    const member = members[(first + asked) % members.length]!;
    asked += 1;
    const turn = asked;
    takeBack = clock.schedule(clock.now() + Math.min(hedgeMs, leftMs), askNext);
    ask(member, leftMs).then(
      (answer) => {
        takeBack();
        resolve(answer);
      },
      (error: unknown) => {
        failed += 1;
        if (failed === members.length) {
          takeBack();
          reject(new Error(messageOf(error)));
        } else if (turn === asked) askNext();
      },
    );
  };
  askNext();
  return promise;
}
