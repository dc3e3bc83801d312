/** The file's format; readers take this and every older one. */
export const historyVersion = 1;
export const historyFileName = 'etcd-history.ndjson';

/** The first line of a file. */
export interface HistoryHead {
  readonly firedrill: 'etcd-history';
  readonly version: number;
  /** The member that each client asks, by the client's number. */
  readonly members?: readonly string[];
  /** When the clock of this history was zero, UTC. */
  readonly startedAt?: string;
  /** What all keys begin with: nobody else writes there, and nothing was there at the beginning. */
  readonly prefix?: string;
  /** What writes took before the workload began, one after another, in milliseconds: without it, as the cluster was. */
  readonly alone?: readonly number[];
}

/** What a key held: its value, mod_revision, create_revision and version; 0 for what isn't told; the lease's id where it has one. */
export type Kv = readonly [value: string, mod: number, create: number, version: number, lease?: string];
export type Row = readonly [key: string, ...Kv];

export type Target = 'value' | 'version' | 'create' | 'mod' | 'lease';
export type Relation = '=' | '!=' | '<' | '>';
/** A comparison of a transaction. Values and leases are texts, all else are numbers. */
export type Compare = readonly [key: string, target: Target, relation: Relation, operand: string | number];

/** A request within a transaction. `end` as in etcd's API: the first key that isn't meant, or `\0` for all from `key` on. */
export type Step =
  | readonly ['put', key: string, value: string, lease?: string]
  | readonly ['get', key: string]
  | readonly ['range', key: string, end: string]
  | readonly ['delete', key: string, end?: string];

/** The answer to a step: a key or none, keys, the number of deleted keys; null for a put. */
export type StepAnswer = Kv | readonly Row[] | number | null;

/**
 * One operation. `c` its client, `t` its call and return in milliseconds on one monotonic clock (null: it never returned),
 * `r` the revision in the answer's header. `is` is left out for a success; `failed` is for what certainly had no effect.
 */
interface Asked {
  readonly c: number;
  readonly t: readonly [callMs: number, returnMs: number | null];
  readonly is?: 'failed' | 'ambiguous';
  readonly why?: string;
  readonly r?: number;
  /** Where it isn't the client's usual one. */
  readonly m?: string;
}

export interface PutRecord extends Asked {
  readonly op: 'put';
  readonly k: string;
  readonly v: string;
  readonly lease?: string;
  /** What the key held before, where that was asked for. */
  readonly prev?: Kv | null;
}
export interface GetRecord extends Asked {
  readonly op: 'get';
  readonly k: string;
  readonly serializable?: true;
  /** The revision that was asked for. */
  readonly at?: number;
  readonly kv?: Kv | null;
}
export interface RangeRecord extends Asked {
  readonly op: 'range';
  readonly k: string;
  readonly end: string;
  readonly serializable?: true;
  readonly at?: number;
  readonly rows?: readonly Row[];
  /** There were more keys than were asked for: nothing is told of those behind the last. */
  readonly more?: true;
}
export interface DeleteRecord extends Asked {
  readonly op: 'delete';
  readonly k: string;
  readonly end?: string;
  readonly deleted?: number;
  readonly prev?: readonly Row[];
}
export interface TxnRecord extends Asked {
  readonly op: 'txn';
  readonly compare: readonly Compare[];
  readonly success: readonly Step[];
  readonly failure?: readonly Step[];
  /** Whether the comparisons held, by the answer. */
  readonly succeeded?: boolean;
  /** The answers to the steps of the branch that was taken. */
  readonly responses?: readonly StepAnswer[];
}
/** `ttl` in seconds: what was granted by the answer, not what was asked for. */
export interface LeaseRecord extends Asked {
  readonly op: 'grant' | 'keepalive' | 'revoke';
  readonly lease: string;
  readonly ttl?: number;
}
export type OperationRecord = PutRecord | GetRecord | RangeRecord | DeleteRecord | TxnRecord | LeaseRecord;

/** What a change of a key looks like in a watch; the numbers as in {@link Kv}, a deletion has its revision alone. */
export type WatchEvent = readonly ['put', ...Row] | readonly ['delete', key: string, mod: number];

/**
 * What came on a watch. `watch` is the stream: one that is resumed is the same stream. `from`: it was opened, or resumed,
 * from this revision on. `compacted`: it was told that all before this revision is gone. `r`: the header's revision: with
 * no events (a progress notification) all up to it has been sent.
 */
export interface WatchRecord {
  readonly watch: string;
  readonly m: string;
  readonly t: number;
  readonly from?: number;
  readonly r?: number;
  readonly compacted?: number;
  readonly events?: readonly WatchEvent[];
}

/** A member's HashKV at a revision; hashes are comparable only where `compact`, the compaction that they begin at, is the same. */
export interface HashRecord {
  readonly hash: string;
  readonly m: string;
  readonly t: number;
  readonly at: number;
  readonly compact: number;
}

export type HistoryRecord = OperationRecord | WatchRecord | HashRecord;

/** A record that isn't one, in words. Whoever reads the file adds where it is. */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
}

/** A record as its line in the file, with the line's end. */
export function recordLine(record: HistoryHead | HistoryRecord): string {
  return `${JSON.stringify(record)}\n`;
}
