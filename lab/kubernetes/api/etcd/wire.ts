import protobuf from 'protobufjs/minimal.js';

// The few messages of etcd's API that an API server needs, written and read by their field numbers
// (etcdserverpb/rpc.proto, mvccpb/kv.proto). Doing it by hand keeps a megabytes-heavy gRPC stack out of every master.

/** One key with its value, as etcd keeps it. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly value: Uint8Array;
}

export interface RangeRequest {
  readonly key: string;
  /** Exclusive; only the key itself when not given. */
  readonly rangeEnd?: string;
  readonly limit?: number;
  /** 0 or not given: the newest. */
  readonly revision?: number;
  /** Answered by the member asked, without a look at the others. */
  readonly serializable?: boolean;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
}

export interface RangeResponse {
  readonly revision: number;
  readonly kvs: KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

/** Something that happens only while a key is as it was: at `modRevision`, which is 0 for a key that isn't there. */
export interface GuardedWrite {
  readonly key: string;
  readonly modRevision: number;
  /** The new value; null deletes the key. */
  readonly value: Uint8Array | null;
  readonly lease?: number;
}

export interface TxnResponse {
  readonly revision: number;
  readonly succeeded: boolean;
  /** What the key holds, where it wasn't as expected; undefined when it isn't there. */
  readonly current: KeyValue | undefined;
}

export interface WatchEvent {
  readonly type: 'put' | 'delete';
  readonly kv: KeyValue;
}

export interface WatchResponse {
  readonly revision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Not 0 when the watch began before what etcd still has: the oldest revision that it has. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly events: WatchEvent[];
}

const { Reader, Writer } = protobuf;
type ProtoReader = protobuf.Reader;

const utf8 = new TextDecoder();

function int64(reader: ProtoReader): number {
  return Number(reader.int64());
}

export function encodeRange(request: RangeRequest): Uint8Array {
  const writer = Writer.create();
  writer.uint32(10).string(request.key);
  if (request.rangeEnd !== undefined) writer.uint32(18).string(request.rangeEnd);
  if (request.limit) writer.uint32(24).int64(request.limit);
  if (request.revision) writer.uint32(32).int64(request.revision);
  if (request.serializable) writer.uint32(56).bool(true);
  if (request.keysOnly) writer.uint32(64).bool(true);
  if (request.countOnly) writer.uint32(72).bool(true);
  return writer.finish();
}

export function decodeRange(bytes: Uint8Array): RangeResponse {
  const found = { revision: 0, kvs: [] as KeyValue[], more: false, count: 0 };
  eachField(Reader.create(bytes), (field, reader) => {
    if (field === 1) found.revision = decodeHeader(reader);
    else if (field === 2) found.kvs.push(decodeKeyValue(reader));
    else if (field === 3) found.more = reader.bool();
    else if (field === 4) found.count = int64(reader);
    else return false;
    return true;
  });
  return found;
}

/** `if key is at modRevision then put/delete, else get`: one round trip tells what is there instead. */
export function encodeGuardedWrite(write: GuardedWrite): Uint8Array {
  const writer = Writer.create();
  // Compare { result: EQUAL, target: MOD, key, mod_revision }; EQUAL is 0 and left out.
  writer.uint32(10).fork().uint32(16).int32(2).uint32(26).string(write.key).uint32(48).int64(write.modRevision).ldelim();
  writer.uint32(18).fork(); // success: RequestOp
  if (write.value === null) {
    writer.uint32(26).fork().uint32(10).string(write.key).ldelim(); // request_delete_range
  } else {
    writer.uint32(18).fork().uint32(10).string(write.key).uint32(18).bytes(write.value); // request_put
    if (write.lease) writer.uint32(24).int64(write.lease);
    writer.ldelim();
  }
  writer.ldelim();
  writer.uint32(26).fork().uint32(10).bytes(encodeRange({ key: write.key })).ldelim(); // failure: request_range
  return writer.finish();
}

export function decodeTxn(bytes: Uint8Array): TxnResponse {
  const found = { revision: 0, succeeded: false, current: undefined as KeyValue | undefined };
  eachField(Reader.create(bytes), (field, reader) => {
    if (field === 1) found.revision = decodeHeader(reader);
    else if (field === 2) found.succeeded = reader.bool();
    else if (field === 3) {
      eachField(nested(reader), (op, inner) => {
        if (op !== 1) return false;
        found.current = decodeRange(inner.bytes()).kvs[0];
        return true;
      });
    } else return false;
    return true;
  });
  return found;
}

/** A watch over all keys from `key` to `rangeEnd`, beginning with what happened at `startRevision`. */
export function encodeWatchCreate(key: string, rangeEnd: string, startRevision: number): Uint8Array {
  const writer = Writer.create();
  writer.uint32(10).fork();
  writer.uint32(10).string(key).uint32(18).string(rangeEnd).uint32(24).int64(startRevision).uint32(32).bool(true);
  return writer.ldelim().finish();
}

export function decodeWatch(bytes: Uint8Array): WatchResponse {
  const found = { revision: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '', events: [] as WatchEvent[] };
  eachField(Reader.create(bytes), (field, reader) => {
    if (field === 1) found.revision = decodeHeader(reader);
    else if (field === 3) found.created = reader.bool();
    else if (field === 4) found.canceled = reader.bool();
    else if (field === 5) found.compactRevision = int64(reader);
    else if (field === 6) found.cancelReason = reader.string();
    else if (field === 11) found.events.push(decodeEvent(nested(reader)));
    else return false;
    return true;
  });
  return found;
}

export function encodeCompact(revision: number): Uint8Array {
  return Writer.create().uint32(8).int64(revision).finish();
}

/** @param id chosen by the caller, below 2^53: one that etcd chooses has more bits than a number here */
export function encodeLeaseGrant(ttlSeconds: number, id: number): Uint8Array {
  return Writer.create().uint32(8).int64(ttlSeconds).uint32(16).int64(id).finish();
}

/** Whether the member that answered a Status call knows a leader. */
export function decodeHasLeader(bytes: Uint8Array): boolean {
  let hasLeader = false;
  eachField(Reader.create(bytes), (field, reader) => {
    if (field !== 4) return false;
    hasLeader = Number(reader.uint64()) !== 0;
    return true;
  });
  return hasLeader;
}

/** What all keys that begin with `prefix` end before. */
export function endOfPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** Reads one message; the visitor says whether it took the field. */
function eachField(reader: ProtoReader, visit: (field: number, reader: ProtoReader) => boolean): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!visit(tag >>> 3, reader)) reader.skipType(tag & 7);
  }
}

function nested(reader: ProtoReader): ProtoReader {
  return Reader.create(reader.bytes());
}

function decodeHeader(reader: ProtoReader): number {
  let revision = 0;
  eachField(nested(reader), (field, inner) => {
    if (field !== 3) return false;
    revision = int64(inner);
    return true;
  });
  return revision;
}

function decodeKeyValue(reader: ProtoReader): KeyValue {
  const found = { key: '', createRevision: 0, modRevision: 0, value: new Uint8Array(0) as Uint8Array };
  eachField(nested(reader), (field, inner) => {
    if (field === 1) found.key = utf8.decode(inner.bytes());
    else if (field === 2) found.createRevision = int64(inner);
    else if (field === 3) found.modRevision = int64(inner);
    else if (field === 5) found.value = inner.bytes();
    else return false;
    return true;
  });
  return found;
}

function decodeEvent(reader: ProtoReader): WatchEvent {
  const found = { type: 'put' as WatchEvent['type'], kv: undefined as KeyValue | undefined };
  eachField(reader, (field, inner) => {
    if (field === 1) found.type = inner.int32() === 1 ? 'delete' : 'put';
    else if (field === 2) found.kv = decodeKeyValue(inner);
    else return false;
    return true;
  });
  return { type: found.type, kv: found.kv! };
}
