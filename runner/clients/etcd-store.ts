import type { Etcd3, IEvent, IKeyValue, IRangeResponse, IRequestOp, IResponseOp, IWatchResponse } from 'etcd3';
import type { Clock } from '../clock.ts';
import type { Compare, Kv, Relation, Row, Step, StepAnswer, Target, WatchEvent } from '../consistency/records.ts';
import { taken } from './etcd-connection.ts';
import { EtcdFailure, failureOf } from './etcd-failure.ts';
import type { EtcdLink } from './etcd-link.ts';

/** How a read is asked for: of the member alone, or of an older revision. */
export interface ReadOptions {
  readonly serializable?: boolean;
  readonly at?: number;
}

/** What every answer has: `r`, the revision in its header. */
export interface Answered {
  readonly r: number;
}

export interface TxnAnswer extends Answered {
  readonly succeeded: boolean;
  readonly responses: readonly StepAnswer[];
}

/**
 * The keys below a prefix on one member, in the words of a history's records; keys are given and told without the prefix.
 * No retries: each question is asked once, with its own deadline, `timeoutMs` from now. All throw EtcdFailure.
 */
export interface EtcdStore {
  put(k: string, v: string, lease: string | undefined, timeoutMs: number): Promise<Answered>;
  get(k: string, options: ReadOptions, timeoutMs: number): Promise<Answered & { readonly kv: Kv | null }>;
  /** From `k` to the first key that isn't meant, `end`. */
  range(k: string, end: string, options: ReadOptions, timeoutMs: number): Promise<Answered & { readonly rows: readonly Row[] }>;
  delete(k: string, timeoutMs: number): Promise<Answered & { readonly deleted: number }>;
  txn(compare: readonly Compare[], success: readonly Step[], failure: readonly Step[], timeoutMs: number): Promise<TxnAnswer>;
  /** @param ttl in seconds; the answer's is the one that was granted */
  grant(lease: string, ttl: number, timeoutMs: number): Promise<Answered & { readonly ttl: number }>;
  revoke(lease: string, timeoutMs: number): Promise<Answered>;
  /**
   * Watches all of them from a revision on, until `ended`: at the latest when its connection ends.
   *
   * @param timeoutMs how long the member's first answer is waited for
   * @returns a function that ends it; nothing is told after that
   */
  watch(from: number, listener: WatchListener, timeoutMs: number): Promise<() => void>;
}

export interface WatchListener {
  /** One answer, its fragments put together. `compacted`: all before this revision is gone, and the watch ends. */
  told(answer: Answered & { readonly events: readonly WatchEvent[]; readonly compacted?: number; readonly opened: boolean }): void;
  ended(why: string): void;
}

export interface StoreInput {
  /** What the keys begin with. */
  readonly prefix: string;
  readonly link: Pick<EtcdLink, 'ask'>;
  readonly clock: Clock;
}

export function storeBelow(input: StoreInput): EtcdStore {
  const { prefix, link } = input;
  const at = (key: string): Buffer => Buffer.from(prefix + key);
  const read = async (key: Buffer, end: Buffer | undefined, { serializable = false, at: revision = 0 }: ReadOptions, timeoutMs: number): Promise<IRangeResponse> => {
    const request = { key, ...(end ? { range_end: end } : {}), serializable, revision };
    return link.ask(timeoutMs, (client, options) => client.kv.range(request, options));
  };
  const rowOf = (pair: IKeyValue): Row => [pair.key.toString().slice(prefix.length), ...kvOf(pair)];
  const stepOf = (step: Step): IRequestOp => requestOf(step, at);
  return {
    async put(k, v, lease, timeoutMs) {
      const request = { key: at(k), value: Buffer.from(v), ...(lease === undefined ? {} : { lease }) };
      const { header } = await link.ask(timeoutMs, (client, options) => client.kv.put(request, options));
      return { r: Number(header.revision) };
    },
    async get(k, options, timeoutMs) {
      const { header, kvs } = await read(at(k), undefined, options, timeoutMs);
      return { r: Number(header.revision), kv: kvs[0] ? kvOf(kvs[0]) : null };
    },
    async range(k, end, options, timeoutMs) {
      const { header, kvs } = await read(at(k), at(end), options, timeoutMs);
      return { r: Number(header.revision), rows: kvs.map(rowOf) };
    },
    async delete(k, timeoutMs) {
      const { header, deleted } = await link.ask(timeoutMs, (client, options) => client.kv.deleteRange({ key: at(k) }, options));
      return { r: Number(header.revision), deleted: Number(deleted) };
    },
    async txn(compare, success, failure, timeoutMs) {
      const request = { compare: compare.map((one) => comparisonOf(one, at)), success: success.map(stepOf), failure: failure.map(stepOf) };
      const { header, succeeded, responses } = await link.ask(timeoutMs, (client, options) => client.kv.txn(request, options));
      const taken = succeeded ? success : failure;
      return { r: Number(header.revision), succeeded, responses: responses.map((one, index) => answerOf(taken[index]!, one, rowOf)) };
    },
    async grant(lease, ttl, timeoutMs) {
      const { header, TTL } = await link.ask(timeoutMs, (client, options) => client.leaseClient.leaseGrant({ ID: lease, TTL: ttl }, options));
      return { r: Number(header.revision), ttl: Number(TTL) };
    },
    async revoke(lease, timeoutMs) {
      const { header } = await link.ask(timeoutMs, (client, options) => client.leaseClient.leaseRevoke({ ID: lease }, options));
      return { r: Number(header.revision) };
    },
    watch: (from, listener, timeoutMs) => watchBelow(input, from, listener, timeoutMs),
  };
}

function kvOf({ value, mod_revision, create_revision, version, lease }: IKeyValue): Kv {
  const kv = [value.toString(), Number(mod_revision), Number(create_revision), Number(version)] as const;
  return lease === '0' ? kv : [...kv, lease];
}

function requestOf(step: Step, at: (key: string) => Buffer): IRequestOp {
  const [kind, key, third, lease] = step;
  if (kind === 'put') return { request_put: { key: at(key), value: Buffer.from(third), ...(lease === undefined ? {} : { lease }) } };
  const range = third === undefined ? {} : { range_end: at(third) };
  return kind === 'delete' ? { request_delete_range: { key: at(key), ...range } } : { request_range: { key: at(key), ...range } };
}

function answerOf([kind]: Step, { response_range, response_delete_range }: IResponseOp, rowOf: (pair: IKeyValue) => Row): StepAnswer {
  if (kind === 'put') return null;
  if (kind === 'delete') return Number(response_delete_range.deleted);
  if (kind === 'range') return response_range.kvs.map(rowOf);
  return response_range.kvs[0] ? kvOf(response_range.kvs[0]) : null;
}

const relationNames = { '=': 'Equal', '!=': 'NotEqual', '<': 'Less', '>': 'Greater' } as const satisfies Record<Relation, string>;
const targetNames = { value: 'Value', version: 'Version', create: 'Create', mod: 'Mod', lease: 'Lease' } as const satisfies Record<Target, string>;
const operandNames = { value: 'value', version: 'version', create: 'create_revision', mod: 'mod_revision', lease: 'lease' } as const satisfies Record<Target, string>;

function comparisonOf([key, target, relation, operand]: Compare, at: (key: string) => Buffer) {
  const value = target === 'value' ? Buffer.from(String(operand)) : operand;
  return { key: at(key), target: targetNames[target], result: relationNames[relation], [operandNames[target]]: value };
}

/** As gRPC's own: what the library hands out. */
interface WatchCall {
  on(event: 'data', listener: (answer: IWatchResponse) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
  write(request: object): void;
  cancel(): void;
}

/** Waits for the first answer: that a stream could be begun says nothing of the member. */
function watchBelow({ prefix, link, clock }: StoreInput, from: number, { told, ended }: WatchListener, timeoutMs: number): Promise<() => void> {
  const key = Buffer.from(prefix);
  return link.ask(timeoutMs, async (client, { deadline: _deadline, ...options }) => {
    const call = await openWatch(client, options);
    const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
    let isOpen = false;
    let over = false;
    let pending: WatchEvent[] = [];
    const end = (why: EtcdFailure): void => {
      if (over) return;
      over = true;
      takeBack();
      call.cancel();
      if (isOpen) ended(why.message);
      else reject(why);
    };
    const takeBack = clock.schedule(clock.now() + timeoutMs, () => end(new EtcdFailure('silent', 'no answer')));
    call.on('error', (error) => end(failureOf(error)));
    call.on('end', () => end(new EtcdFailure('lost', 'the member ended it')));
    call.on('data', ({ header, created, canceled, compact_revision, fragment, events, cancel_reason }) => {
      if (over) return;
      pending.push(...events.map((event) => eventOf(event, prefix)));
      if (fragment) return;
      const compacted = Number(compact_revision);
      told({ r: Number(header.revision), events: pending, opened: created, ...(compacted > 0 ? { compacted } : {}) });
      pending = [];
      takeBack();
      isOpen = true;
      resolve();
      if (canceled) end(new EtcdFailure('answered', cancel_reason || 'the member cancelled it'));
    });
    call.write({ create_request: { key, range_end: endOfPrefix(key), start_revision: from, fragment: true } });
    await opened;
    return () => {
      over = true;
      call.cancel();
    };
  });
}

function eventOf({ type, kv: { key, value, mod_revision, create_revision, version } }: IEvent, prefix: string): WatchEvent {
  const name = key.toString().slice(prefix.length);
  if (String(type) === 'Delete') return ['delete', name, Number(mod_revision)];
  return ['put', name, value.toString(), Number(mod_revision), Number(create_revision), Number(version)];
}

/** The library's own watchers resume by themselves, and it closes the connection of all other calls when one fails. */
async function openWatch(client: Etcd3, options: object): Promise<WatchCall> {
  type Connected = (resources: { client: { watch(metadata: unknown, options: object): WatchCall }; metadata: unknown }) => WatchCall;
  const { client: pool } = client.watchClient as unknown as { client: { withConnection(service: string, use: Connected): Promise<WatchCall> } };
  // On a connection that is closed it is a failure, handed over as if it were the call.
  return taken(await pool.withConnection('Watch', ({ client: service, metadata }) => service.watch(metadata, options)));
}

/** The first key after all that start so: the last byte that can grow, grown. */
export function endOfPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const byte = end[index]!;
    if (byte === 0xff) continue;
    end[index] = byte + 1;
    return end.subarray(0, index + 1);
  }
  return Buffer.of(0);
}
