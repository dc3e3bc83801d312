import type { EtcdFleet, EtcdMemberClient } from './clients/etcd.ts';
import type { Clock } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** How long the members are waited for before the first question, in milliseconds. */
export const dialTimeoutMs = 3000;
const cleanTimeoutMs = 2000;
/** Members that are asked to clean up before that is given up. */
const cleanTries = 4;

/** A place in etcd for what a probe writes: all below one folder, which is taken away at its end, or by whoever recovers the run. */
export interface OwnFolder {
  /** What its keys begin with. */
  readonly prefix: string;
  /** Takes them away, as well as it can, and writes down whether it could. */
  clean(): Promise<void>;
  /** In the place of that where nothing was written. */
  unused(): void;
}

/** Resolves when it is written down what will be left there. */
export async function ownFolder(fleet: EtcdFleet, { world, run, name, note, leaves }: Pick<ProbeContext, 'world' | 'run' | 'name' | 'note' | 'leaves'>): Promise<OwnFolder> {
  const prefix = `${world.environment.etcd?.prefix ?? ''}${run.id}/${name}/`;
  const cleaned = await leaves(`keys below ${prefix} in etcd`, { prefix });
  return {
    prefix,
    async clean() {
      try {
        await deleteBelow(fleet, prefix);
        cleaned(true, `deleted the keys below ${prefix}`);
      } catch (error) {
        cleaned(false, messageOf(error));
        note(`${messageOf(error)}; delete them with: firedrill recover ${run.id}, or etcdctl del --prefix ${prefix}`);
      }
    },
    unused: () => cleaned(true, 'nothing was written'),
  };
}

/** How a probe that has a folder of its own says what to do about it when the process has died. */
export const folderUndo: Required<Pick<Probe, 'undo' | 'byHand'>> = {
  async undo({ prefix }, { world }) {
    const fleet = await world.etcd();
    await fleet.warm(dialTimeoutMs);
    await deleteBelow(fleet, String(prefix));
    return `deleted the keys below ${String(prefix)}`;
  },
  byHand: ({ prefix }) => [`etcdctl del --prefix ${String(prefix)}`],
};

/** A probe's own keys, one by one. */
export interface OwnKeys {
  readonly folder: string;
  /** As {@link EtcdMemberClient.put}; `key` is the part below the folder. */
  put(member: EtcdMemberClient, key: string, value: string, timeoutMs: number): Promise<void>;
  /** Takes them away again, as well as it can, once no write is under way that could bring one back. */
  close(): Promise<void>;
}

export async function ownKeys(fleet: EtcdFleet, context: Parameters<typeof ownFolder>[1]): Promise<OwnKeys> {
  const own = await ownFolder(fleet, context);
  const underWay = new Set<Promise<unknown>>();
  return {
    folder: own.prefix,
    put(member, key, value, timeoutMs) {
      const writing = member.put(own.prefix + key, value, timeoutMs);
      const settled: Promise<unknown> = Promise.allSettled([writing]).then(() => underWay.delete(settled));
      underWay.add(settled);
      return writing;
    },
    async close() {
      await Promise.all(underWay);
      await own.clean();
    },
  };
}

/**
 * Deletes all keys that begin so; a few members are asked, one after another.
 *
 * @throws Error with what each of them said
 */
async function deleteBelow({ members }: EtcdFleet, prefix: string): Promise<void> {
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
