/** gRPC puts a flag and the length before each message. */
const prefixBytes = 5;
/** `WatchResponse { … repeated Event events = 11; }`, by etcd's `rpc.proto`. */
const eventsField = 11;
const kinds = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The whole messages of a stream, prefixes included, and what is left. */
export function framesIn(bytes: Buffer): { readonly frames: readonly Buffer[]; readonly left: Buffer } {
  const frames: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= prefixBytes) {
    const end = at + prefixBytes + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return { frames, left: bytes.subarray(at) };
}

/** Whether an answer of a watch tells of a change. */
export function hasEvents(frame: Buffer): boolean {
  let at = prefixBytes;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < frame.length; shift *= 128) {
      const byte = frame[at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < frame.length) {
    const tag = varint();
    if (Math.floor(tag / 8) === eventsField) return true;
    const kind = tag % 8;
    if (kind === kinds.varint) varint();
    else if (kind === kinds.bytes) {
      const length = varint();
      at += length;
    } else at += kind === kinds.fixed64 ? 8 : 4;
  }
  return false;
}
