import type { Lease } from '../objects.ts';
import { isAlreadyExists, isConflict, isNotFound } from './api-error.ts';
import type { Client } from './client.ts';
import { leases } from './resources.ts';

/** As in client-go: 15 s, 10 s and 2 s there. */
export interface LeaseTiming {
  /** Whoever finds a lease unrenewed for this long may take it. */
  readonly leaseMs: number;
  /** A leader that could not renew for this long stops leading; less than `leaseMs`. */
  readonly renewDeadlineMs: number;
  /** How often the leader renews, and the others look. */
  readonly retryMs: number;
}

export interface ElectionOptions {
  readonly client: Client;
  readonly namespace: string;
  /** The lease's name, such as `kube-scheduler`. */
  readonly name: string;
  /** Who we are; unique among the candidates. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** Starts what the leader does. What it gives is closed when leadership is lost, before anything else. */
  readonly lead: () => Promise<{ close(): Promise<void> }>;
  readonly log?: (line: string) => void;
}

/**
 * Stands for election for good, by a Lease: leads while it holds it, stops when it can't renew it, and stands again.
 * Others' clocks are not trusted: a lease is over when it has not changed for its duration by the own clock.
 */
export function standForElection(options: ElectionOptions): { close(): Promise<void> } {
  const { client, namespace, name, identity, timing, lead, log = () => {} } = options;
  let observed: { lease: Lease; atMs: number } | undefined;
  let renewedAtMs = -Infinity;
  let leading: { close(): Promise<void> } | undefined;
  let closed = false;
  const pausing = new Set<() => void>();

  const see = (lease: Lease): Lease => {
    if (observed?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion) observed = { lease, atMs: performance.now() };
    return lease;
  };

  /** Takes or renews the lease, if it is free or ours. */
  const tryToHold = async (): Promise<boolean> => {
    const startedMs = performance.now();
    const now = new Date().toISOString().replace('Z', '000Z');
    const held = { holderIdentity: identity, leaseDurationSeconds: Math.max(1, Math.round(timing.leaseMs / 1000)), renewTime: now };
    let lease = leading ? observed?.lease : undefined;
    try {
      lease ??= see(await client.get(leases, { namespace, name }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      see(await client.create(leases, { metadata: { namespace, name }, spec: { ...held, acquireTime: now, leaseTransitions: 0 } }));
      renewedAtMs = startedMs;
      return true;
    }
    const { holderIdentity, leaseTransitions = 0, acquireTime } = lease.spec;
    const mine = holderIdentity === identity;
    const over = !holderIdentity || performance.now() - (observed?.atMs ?? 0) > timing.leaseMs;
    if (!mine && !over) return false;
    const spec = mine ? { ...held, acquireTime: acquireTime ?? now, leaseTransitions } : { ...held, acquireTime: now, leaseTransitions: leaseTransitions + 1 };
    see(await client.update(leases, { ...lease, spec }));
    renewedAtMs = startedMs;
    return true;
  };

  const attempt = async (): Promise<boolean> => {
    try {
      return await tryToHold();
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) {
        // Somebody wrote it in between. Who holds it now is read at the next look.
        observed = undefined;
        return false;
      }
      log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        pausing.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      pausing.add(done);
    });
  const stop = async (): Promise<void> => {
    const stopping = leading;
    leading = undefined;
    await stopping?.close();
  };

  const run = async (): Promise<void> => {
    while (!closed) {
      // An answer that comes after the deadline is too late to go on leading.
      const patienceMs = leading ? renewedAtMs + timing.renewDeadlineMs - performance.now() : timing.renewDeadlineMs;
      const holds = await Promise.race([attempt(), pause(Math.max(patienceMs, 0))]);
      if (closed) break;
      if (holds === true && !leading) {
        log(`${name}: ${identity} leads`);
        leading = await lead();
        // Starting may have taken its time: the lease is looked at again at once.
        continue;
      } else if (leading && (performance.now() - renewedAtMs >= timing.renewDeadlineMs || (observed && observed.lease.spec.holderIdentity !== identity))) {
        log(`${name}: ${identity} leads no more`);
        await stop();
        observed = undefined;
      }
      await pause(timing.retryMs * (leading ? 1 : 1 + Math.random() * 0.2));
    }
  };
  const running = run();
  running.catch((error: unknown) => log(`${name}: the election ended: ${error instanceof Error ? error.stack : String(error)}`));

  return {
    async close() {
      closed = true;
      for (const done of pausing) done();
      await running;
      const held = leading ? observed?.lease : undefined;
      await stop();
      if (held) await Promise.race([release(client, held, log), pause(timing.retryMs)]);
    },
  };
}

/** Lets the lease go, so that the next leader need not wait for its end. */
async function release(client: Client, lease: Lease, log: (line: string) => void): Promise<void> {
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
  try {
    await client.update(leases, { ...lease, spec });
  } catch (error) {
    log(`${lease.metadata.name}: not released: ${error instanceof Error ? error.message : String(error)}`);
  }
}
