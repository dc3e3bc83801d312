import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type PoolTiming } from './pool.ts';
import { EtcdError, grpcCode } from './session.ts';
import {
  decodeRange,
  decodeTxn,
  decodeWatch,
  encodeCompact,
  encodeGuardedWrite,
  encodeLeaseGrant,
  encodeRange,
  encodeWatchCreate,
  endOfPrefix,
  type GuardedWrite,
  type RangeRequest,
  type RangeResponse,
  type TxnResponse,
  type WatchResponse,
} from './wire.ts';

/** How long the API server waits for etcd; the real one's figures in `defaultEtcdTiming`. */
export interface EtcdTiming extends PoolTiming {
  readonly readWithinMs: number;
  readonly writeWithinMs: number;
}

/** As measured: a write is given up after 34 s, a read after 60 s. */
export const defaultEtcdTiming: EtcdTiming = { checkEveryMs: 1000, answerWithinMs: 1000, readWithinMs: 60_000, writeWithinMs: 34_000 };

export interface Etcd {
  /** Tries one member after the other until the deadline. @throws EtcdError */
  range(request: RangeRequest, withinMs?: number): Promise<RangeResponse>;
  /** Sent once: whether a write without an answer has happened can't be told. @throws EtcdError */
  write(write: GuardedWrite): Promise<TxnResponse>;
  /** Grants a lease and resolves with its id. @throws EtcdError */
  lease(ttlSeconds: number): Promise<number>;
  compact(revision: number): Promise<void>;
  /**
   * Follows all keys with a prefix, from one member after the other.
   *
   * @param from the revision to go on from, asked for at each new start
   * @param onMessage may throw to end it; what it throws comes out of `done`
   */
  watch(prefix: string, from: () => number, onMessage: (message: WatchResponse) => void): { stop(): void; done: Promise<void> };
  /** Whether a member answered a moment ago. */
  readonly reachable: boolean;
  close(): void;
}

/** Members' words for being unable to say; another one may be able to. */
function mayBeAskedElsewhere(error: unknown): boolean {
  return error instanceof EtcdError && error.code === grpcCode.unavailable;
}

export function createEtcd(endpoints: readonly string[], timing: EtcdTiming): Etcd {
  const pool = createPool(endpoints, timing, timing.writeWithinMs);

  const read = async (method: string, message: Uint8Array, withinMs: number): Promise<Uint8Array> => {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const lease = await pool.acquire(deadline);
      const attempt = new AbortController();
      const abort = (): void => attempt.abort();
      const forget = lease.onLost(abort);
      deadline.addEventListener('abort', abort);
      try {
        return await lease.session.call(method, message, attempt.signal);
      } catch (error) {
        if (deadline.aborted) throw new EtcdError(grpcCode.deadlineExceeded, 'context deadline exceeded');
        if (!mayBeAskedElsewhere(error) && !attempt.signal.aborted) throw error;
        pool.demote(lease.session);
        await sleep(25);
      } finally {
        forget();
        deadline.removeEventListener('abort', abort);
      }
    }
  };

  const once = async (method: string, message: Uint8Array): Promise<Uint8Array> => {
    const deadline = AbortSignal.timeout(timing.writeWithinMs);
    const lease = await pool.acquire(deadline);
    try {
      return await lease.session.call(method, message, deadline);
    } catch (error) {
      if (deadline.aborted) throw new EtcdError(grpcCode.deadlineExceeded, 'context deadline exceeded');
      pool.demote(lease.session);
      throw error;
    }
  };

  return {
    range: async (request, withinMs = timing.readWithinMs) =>
      decodeRange(await read('/etcdserverpb.KV/Range', encodeRange(request), withinMs)),
    write: async (write) => decodeTxn(await once('/etcdserverpb.KV/Txn', encodeGuardedWrite(write))),
    async lease(ttlSeconds) {
      const id = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) + 1;
      await once('/etcdserverpb.Lease/LeaseGrant', encodeLeaseGrant(ttlSeconds, id));
      return id;
    },
    compact: async (revision) => {
      await once('/etcdserverpb.KV/Compact', encodeCompact(revision));
    },
    watch(prefix, from, onMessage) {
      const stopped = new AbortController();
      const follow = async (): Promise<void> => {
        while (!stopped.signal.aborted) {
          const lease = await pool.acquire(stopped.signal);
          await new Promise<void>((resolve, reject) => {
            const cancel = lease.session.stream(
              '/etcdserverpb.Watch/Watch',
              encodeWatchCreate(prefix, endOfPrefix(prefix), from()),
              (bytes) => {
                if (stopped.signal.aborted) return;
                try {
                  const message = decodeWatch(bytes);
                  onMessage(message);
                  if (message.canceled) stop();
                } catch (error) {
                  reject(error);
                  stop();
                }
              },
              () => stop(),
            );
            const stop = (): void => {
              forget();
              stopped.signal.removeEventListener('abort', stop);
              cancel();
              resolve();
            };
            const forget = lease.onLost(stop);
            stopped.signal.addEventListener('abort', stop);
          });
          if (!stopped.signal.aborted) {
            pool.demote(lease.session);
            await sleep(25);
          }
        }
      };
      const done = follow().catch((error: unknown) => {
        if (!stopped.signal.aborted) throw error;
      });
      return { stop: () => stopped.abort(), done };
    },
    get reachable() {
      return pool.reachable;
    },
    close: () => pool.close(),
  };
}
