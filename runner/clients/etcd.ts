import type { CallOptions } from '@grpc/grpc-js';
import type { Etcd3, IHashKVResponse } from 'etcd3';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import type { EtcdStatus } from '../inventory.ts';
import { shortName } from '../roles.ts';
import type { DnsClient } from './dns.ts';
import type { Mask } from '../mask.ts';
import { etcdDialler } from './etcd-connection.ts';
import { EtcdFailure, failureOf } from './etcd-failure.ts';
import { EtcdLink } from './etcd-link.ts';
import { endOfPrefix, storeBelow, type EtcdStore } from './etcd-store.ts';

export { EtcdFailure } from './etcd-failure.ts';

/** While members are waited for, this is how often it is looked who has fallen silent, in milliseconds. */
const lookEveryMs = 25;

/** An entry of the member list. */
export interface EtcdListed {
  /** Hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly clientUrls: readonly string[];
}

/** What a member says of itself. */
export type EtcdSelf = EtcdStatus & {
  readonly clusterId: string;
  readonly memberId: string;
  /** Of its key-value store: how far it has applied the log. */
  readonly revision: number;
};

/** What a member's store holds up to a revision, as one number. */
export interface EtcdHash {
  readonly hash: string;
  /** Hashes are comparable only between stores that were compacted up to the same revision. */
  readonly compactRevision: string;
}

/**
 * One member, asked alone: no failover, no retries, no back-off, no circuit breaker. Each question has its own deadline,
 * `timeoutMs` from now. All throw {@link EtcdFailure}.
 */
export interface EtcdMemberClient {
  /** The endpoint's host name. */
  readonly host: string;
  readonly port: number;
  /** The short name: the first label of its host name, such as `peer-3`; an address is given with its port. */
  readonly name: string;
  /** Answered by the member alone, also without quorum. */
  status(timeoutMs: number): Promise<EtcdSelf>;
  /** As this member knows it: etcd 3.4 answers from its own state, without asking the others. */
  members(timeoutMs: number): Promise<EtcdListed[]>;
  /** One write, acknowledged by a quorum when it resolves. */
  put(key: string, value: string, timeoutMs: number): Promise<void>;
  /** The keys that start so, as a quorum has them: a linearizable read. */
  keys(prefix: string, timeoutMs: number): Promise<string[]>;
  /** HashKV: answered by the member alone. Fails when it has not come as far as that revision, or has forgotten it. */
  hash(revision: number, timeoutMs: number): Promise<EtcdHash>;
  /** Deletes every key that starts so. */
  deletePrefix(prefix: string, timeoutMs: number): Promise<void>;
  /** The keys that start so, with all that etcd can do with them. */
  store(prefix: string): EtcdStore;
}

export interface EtcdFleet {
  /** In the order of the environment file's endpoints. */
  readonly members: readonly EtcdMemberClient[];
  /**
   * Waits until each member has been dialled or `timeoutMs` is over, so that the first question doesn't pay for it.
   */
  warm(timeoutMs: number): Promise<void>;
  /**
   * Every member's status or why there is none, in the order of the members. Waits `timeoutMs` at the most, and no longer
   * for members that have left all questions (those of others too) unanswered for `silenceMs`.
   */
  statuses(timeoutMs: number, silenceMs: number): Promise<(EtcdSelf | EtcdFailure)[]>;
  close(): Promise<void>;
}

/**
 * One client for each endpoint. Nothing is dialled before the first question or {@link EtcdFleet.warm}.
 *
 * @throws ExpectedError when a TLS file can't be read
 */
export async function connectEtcd(
  etcd: NonNullable<Environment['etcd']>,
  { dns, clock, userAgent, mask }: { readonly dns: DnsClient; readonly clock: Clock; readonly userAgent: string; readonly mask: Mask },
): Promise<EtcdFleet> {
  const dial = await etcdDialler(etcd, { clock, userAgent, mask });
  const links = etcd.endpoints.map((endpoint) => new EtcdLink({ endpoint: new URL(endpoint), dial, dns, clock }));
  const members = links.map((link) => memberOf(link, clock));
  return {
    members,
    async statuses(timeoutMs, silenceMs) {
      const answers = members.map((): EtcdSelf | EtcdFailure | undefined => undefined);
      let asking = true;
      const all = Promise.all(
        members.map(async (member, index) => {
          answers[index] = await member.status(timeoutMs).catch(failureOf);
        }),
      ).then(() => {
        asking = false;
      });
      while (asking) {
        const nextMs = clock.now() + lookEveryMs;
        await Promise.race([all, clock.sleep(lookEveryMs)]);
        // After a standstill of this process answers lie unread: look again before anybody is called silent.
        const late = clock.now() - nextMs > lookEveryMs;
        if (!late && links.every((link, index) => answers[index] !== undefined || link.silentMs() >= silenceMs)) break;
      }
      return answers.map((answer) => answer ?? new EtcdFailure('silent', 'no answer'));
    },
    async warm(timeoutMs) {
      await Promise.all(links.map((link) => link.warm(timeoutMs)));
    },
    async close() {
      for (const link of links) link.close();
    },
  };
}

function memberOf(link: EtcdLink, clock: Clock): EtcdMemberClient {
  return {
    host: link.host,
    port: link.port,
    name: /^[\d.]+$|:/.test(link.host) ? `${link.host}:${link.port}` : shortName(link.host),
    status: (timeoutMs) => link.status(timeoutMs),
    async members(timeoutMs) {
      const { members } = await link.ask(timeoutMs, (client, options) => client.cluster.memberList({}, options));
      return members.map((member) => ({
        id: hexadecimal(member.ID),
        name: member.name,
        learner: member.isLearner ?? false,
        clientUrls: member.clientURLs,
      }));
    },
    put: (key, value, timeoutMs) => link.put(bytes(key), bytes(value), timeoutMs),
    async keys(prefix, timeoutMs) {
      const key = Buffer.from(prefix);
      const request = { key, range_end: endOfPrefix(key), keys_only: true };
      const { kvs } = await link.ask(timeoutMs, (client, options) => client.kv.range(request, options));
      return kvs.map((pair) => pair.key.toString());
    },
    async hash(revision, timeoutMs) {
      const answer = await link.ask(timeoutMs, (client, options) => hashKv(client, revision, options));
      return { hash: String(answer.hash), compactRevision: String(answer.compact_revision) };
    },
    async deletePrefix(prefix, timeoutMs) {
      const key = Buffer.from(prefix);
      await link.ask(timeoutMs, (client, options) => client.kv.deleteRange({ key, range_end: endOfPrefix(key) }, options));
    },
    store: (prefix) => storeBelow({ prefix, link, clock }),
  };
}

/** The library's own `hashKV` asks for a method that its gRPC client doesn't have under that name. */
function hashKv(client: Etcd3, revision: number, options: CallOptions): Promise<IHashKVResponse> {
  const { client: pool } = client.maintenance as unknown as { client: { exec(...args: unknown[]): Promise<IHashKVResponse> } };
  return pool.exec('Maintenance', 'HashKV', { revision }, options);
}

/** Few texts come again and again. */
const known = { hexadecimal: new Map<string, string>(), bytes: new Map<string, Buffer>() };
const maxKnown = 1000;

/** etcd's 64-bit ids as `etcdctl` prints them; the library gives them as decimal text. */
function hexadecimal(decimal: string): string {
  return remember(known.hexadecimal, decimal, () => BigInt(decimal).toString(16));
}

function bytes(text: string): Buffer {
  return remember(known.bytes, text, () => Buffer.from(text));
}

function remember<T>(memory: Map<string, T>, key: string, make: () => T): T {
  let value = memory.get(key);
  if (value === undefined) {
    value = make();
    if (memory.size >= maxKnown) memory.clear();
    memory.set(key, value);
  }
  return value;
}
