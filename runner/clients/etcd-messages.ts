import type { EtcdSelf } from './etcd.ts';

/** The two messages that are sent all the time, in protocol buffers' encoding, by etcd's `rpc.proto`. */

const kindVarint = 0;
const kindFixed64 = 1;
const kindBytes = 2;
const kindFixed32 = 5;

/** `PutRequest { bytes key = 1; bytes value = 2; }` */
export function encodePut(key: Buffer, value: Buffer): Buffer {
  return Buffer.concat([tag(1), varint(key.length), key, tag(2), varint(value.length), value]);
}

function tag(field: number): Buffer {
  return Buffer.of((field << 3) | kindBytes);
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * `StatusResponse { ResponseHeader header = 1; string version = 2; int64 dbSize = 3; uint64 leader = 4; uint64 raftIndex = 5;
 * uint64 raftTerm = 6; … }` with `ResponseHeader { uint64 cluster_id = 1; uint64 member_id = 2; int64 revision = 3; … }`.
 * Numbers that are 0 are not sent.
 *
 * @throws when the message is not one of protocol buffers
 */
export function decodeStatus(message: Buffer): EtcdSelf {
  const fields = fieldsOf(message);
  const header = fieldsOf(bytesOf(fields, 1));
  const leader = numberOf(fields, 4);
  return {
    leader: leader === 0n ? undefined : leader.toString(16),
    term: Number(numberOf(fields, 6)),
    raftIndex: Number(numberOf(fields, 5)),
    dbSizeBytes: Number(numberOf(fields, 3)),
    version: bytesOf(fields, 2).toString(),
    clusterId: numberOf(header, 1).toString(16),
    memberId: numberOf(header, 2).toString(16),
    revision: Number(numberOf(header, 3)),
  };
}

type Fields = ReadonlyMap<number, bigint | Buffer>;

function numberOf(fields: Fields, field: number): bigint {
  const value = fields.get(field);
  return typeof value === 'bigint' ? value : 0n;
}

function bytesOf(fields: Fields, field: number): Buffer {
  const value = fields.get(field);
  return value instanceof Buffer ? value : Buffer.alloc(0);
}

/** The last value of each field. */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, bigint | Buffer>();
  let at = 0;
  const take = (length: number): Buffer => {
    const bytes = message.subarray(at, at + length);
    if (bytes.length < length) throw new Error('a message of etcd ends too soon');
    at += length;
    return bytes;
  };
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < message.length) {
    const key = Number(number());
    const field = key >>> 3;
    const kind = key & 7;
    if (kind === kindVarint) fields.set(field, number());
    else if (kind === kindBytes) fields.set(field, take(Number(number())));
    else if (kind === kindFixed64) take(8);
    else if (kind === kindFixed32) take(4);
    else throw new Error(`a message of etcd has a field of kind ${kind}`);
  }
  return fields;
}
