import type { EtcdStore } from '../clients/etcd-store.ts';
import { EtcdFailure, type EtcdMemberClient } from '../clients/etcd.ts';
import type { Clock } from '../clock.ts';
import type { HashRecord, HistoryRecord } from '../consistency/records.ts';
import type { Client } from './client.ts';
import type { MemberWatch } from './member-watch.ts';
import { allKeys, fenceKey } from './requests.ts';

export interface FinishInput {
  readonly clients: readonly Client[];
  readonly watches: readonly MemberWatch[];
  readonly members: readonly { readonly member: EtcdMemberClient; readonly store: EtcdStore }[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  time(clockMs: number): number;
  record(record: HistoryRecord): void;
}

/** How long members and watches get to come as far as the last write. */
const catchUpMs = 5_000;
const lookEveryMs = 50;
const apartMs = 2;
const askAgainMs = 250;

/**
 * The end of a history: a last write, a read of everything behind it, by a quorum and by each client's member alone, and what
 * each member's store holds at that revision, as one number. What can't be had is left out; the judge says so then.
 */
export async function finish(input: FinishInput): Promise<void> {
  const revision = await lastWrite(input.clients);
  // What is called in the very instant in which the write returned tells nothing of its effect.
  await input.clock.sleep(apartMs);
  await readAll(input.clients);
  if (revision === undefined) return;
  await Promise.all([untilTold(input, revision), hashAll(input, revision)]);
}

async function lastWrite(clients: readonly Client[]): Promise<number | undefined> {
  for (const client of clients) {
    const { r } = await client.ask({ op: 'put', k: fenceKey, v: `last-${clients.indexOf(client)}` });
    if (r !== undefined) return r;
  }
  return undefined;
}

async function readAll(clients: readonly Client[]): Promise<void> {
  for (const client of clients) if ((await client.ask({ op: 'range', ...allKeys })).is === undefined) break;
  await Promise.all(clients.map((client) => client.ask({ op: 'range', ...allKeys, serializable: true })));
}

async function untilTold({ watches, clock }: FinishInput, revision: number): Promise<void> {
  const untilMs = clock.now() + catchUpMs;
  while (clock.now() < untilMs && watches.some((watch) => watch.toldUpTo < revision)) await clock.sleep(lookEveryMs);
}

async function hashAll({ members, timeoutMs, clock, time, record }: FinishInput, at: number): Promise<void> {
  const untilMs = clock.now() + catchUpMs;
  await Promise.all(
    members.map(async ({ member }) => {
      while (clock.now() < untilMs) {
        const hash = await hashOf(member, at, timeoutMs);
        if (hash) return record({ ...hash, t: time(clock.now()) } satisfies HashRecord);
        await clock.sleep(askAgainMs);
      }
    }),
  );
}

/** Undefined while the member is away, or has not come as far. */
async function hashOf(member: EtcdMemberClient, at: number, timeoutMs: number): Promise<Omit<HashRecord, 't'> | undefined> {
  try {
    const { hash, compactRevision } = await member.hash(at, timeoutMs);
    // Before the first compaction etcd says -1.
    return { hash, m: member.name, at, compact: Math.max(0, Number(compactRevision)) };
  } catch (error) {
    if (error instanceof EtcdFailure) return undefined;
    throw error;
  }
}
