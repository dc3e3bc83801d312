import { setTimeout as sleep } from 'node:timers/promises';
import { EtcdError, grpcCode, openSession, type Session } from './session.ts';
import { decodeHasLeader } from './wire.ts';

export interface PoolTiming {
  /** How often each connection is asked whether it still answers. */
  readonly checkEveryMs: number;
  /** How long it may take to answer that, or to connect. */
  readonly answerWithinMs: number;
}

/** A connection that answers. What holds on to it is told when it no longer does. */
export interface Lease {
  readonly session: Session;
  /** Calls the listener once, as soon as the session is closed or silent. Returns what takes the listener away. */
  onLost(listener: () => void): () => void;
}

interface Slot {
  session: Session;
  hasLeader: boolean;
  lost: Set<() => void>;
}

/**
 * Keeps connections to two members at a time, so that there is always one to fall back on. A member that is silent is not
 * waited for: a machine that lost its power sends no goodbye. What was already sent to it stays pending, as it may answer yet.
 */
export function createPool(endpoints: readonly string[], timing: PoolTiming, keepSilentMs: number) {
  const wanted = Math.min(2, endpoints.length);
  const slots: Slot[] = [];
  const waiting = new Set<() => void>();
  const stopped = new AbortController();
  let turn = Math.floor(Math.random() * endpoints.length);
  let dialing = 0;

  const drop = (slot: Slot): void => {
    const at = slots.indexOf(slot);
    if (at < 0) return;
    slots.splice(at, 1);
    for (const listener of slot.lost) listener();
    slot.lost.clear();
    const { session } = slot;
    if (session.pending === 0) session.close();
    // An answer may still come: a member that was only stopped goes on where it was.
    else setTimeout(() => session.close(), keepSilentMs).unref();
    fill();
  };

  const check = async (slot: Slot): Promise<void> => {
    while (slots.includes(slot) && !stopped.signal.aborted) {
      await sleep(timing.checkEveryMs);
      const hasLeader = (await askStatus(slot)) ?? (await askStatus(slot));
      if (hasLeader === undefined) return drop(slot);
      slot.hasLeader = hasLeader;
    }
  };

  /** Undefined without an answer. It is asked twice, as it may be this process that was too busy to hear the first. */
  const askStatus = async ({ session }: Slot): Promise<boolean | undefined> => {
    if (session.closed) return undefined;
    try {
      return await statusOf(session, timing.answerWithinMs);
    } catch (error) {
      if (error instanceof EtcdError) return undefined;
      throw error;
    }
  };

  const dial = async (endpoint: string): Promise<void> => {
    let slot: Slot | undefined;
    const session = await openSession(endpoint, timing.answerWithinMs, () => slot && drop(slot));
    try {
      const hasLeader = await statusOf(session, timing.answerWithinMs);
      if (stopped.signal.aborted) return session.close();
      slot = { session, hasLeader, lost: new Set() };
      slots.push(slot);
      check(slot).catch((error: unknown) => process.emitWarning(`etcd at ${endpoint}: ${String(error)}`));
      for (const wake of waiting) wake();
      waiting.clear();
    } catch (error) {
      session.close();
      throw error;
    }
  };

  const dialOn = async (): Promise<void> => {
    let backoffMs = 20;
    while (slots.length < wanted && !stopped.signal.aborted) {
      const endpoint = nextEndpoint();
      try {
        await dial(endpoint);
      } catch {
        // The reason is of no use here: the next member is tried, and those who wait have deadlines.
        await sleep(backoffMs);
        backoffMs = Math.min(backoffMs * 2, 500);
      }
    }
  };

  const nextEndpoint = (): string => {
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const endpoint = endpoints[turn++ % endpoints.length]!;
      if (!slots.some(({ session }) => session.endpoint === endpoint)) return endpoint;
    }
    return endpoints[turn++ % endpoints.length]!;
  };

  const fill = (): void => {
    // Two at a time, as one of them may have got a member that doesn't answer.
    while (dialing < 2 && slots.length < wanted && !stopped.signal.aborted) {
      dialing += 1;
      dialOn()
        .catch((error: unknown) => process.emitWarning(`etcd could not be connected: ${String(error)}`))
        .finally(() => (dialing -= 1));
    }
  };
  fill();

  return {
    /** Resolves with a connection that answers, one whose member has a leader if there is one. @throws EtcdError when aborted */
    async acquire(signal: AbortSignal): Promise<Lease> {
      for (;;) {
        const slot = slots.find(({ hasLeader, session }) => hasLeader && !session.closed) ?? slots.find(({ session }) => !session.closed);
        if (slot) return leaseOf(slot);
        if (signal.aborted) throw new EtcdError(grpcCode.deadlineExceeded, 'context deadline exceeded');
        await new Promise<void>((resolve) => {
          const done = (): void => {
            signal.removeEventListener('abort', done);
            waiting.delete(done);
            resolve();
          };
          signal.addEventListener('abort', done);
          waiting.add(done);
        });
      }
    },
    /** Another connection is to be taken first from now on: this one's member said that it can't. */
    demote(session: Session): void {
      const at = slots.findIndex((slot) => slot.session === session);
      if (at >= 0) slots.push(...slots.splice(at, 1));
    },
    /** Whether some member answers. */
    get reachable() {
      return slots.length > 0;
    },
    close(): void {
      stopped.abort();
      for (const slot of slots.splice(0)) {
        for (const listener of slot.lost) listener();
        slot.session.close();
      }
    },
  };
}

function leaseOf(slot: Slot): Lease {
  return {
    session: slot.session,
    onLost(listener) {
      slot.lost.add(listener);
      return () => slot.lost.delete(listener);
    },
  };
}

async function statusOf(session: Session, withinMs: number): Promise<boolean> {
  return decodeHasLeader(await session.call('/etcdserverpb.Maintenance/Status', new Uint8Array(0), AbortSignal.timeout(withinMs)));
}
