import protobuf from 'protobufjs/minimal.js';
import { unsupportedMediaType } from '../errors.ts';
import { timestamp, type Loose } from '../object.ts';
import { fieldsOfPosted, type Field, type Messages } from './messages.ts';

const { Reader } = protobuf;
type ProtoReader = protobuf.Reader;

const magic = Buffer.from('k8s\0');
const wire = { varint: 0, bytes: 2 } as const;

/**
 * Reads an object as `kubectl create` posts it: four bytes, an envelope that names the kind, the object's own message in it.
 *
 * @param messages what is known of messages and their fields
 * @throws StatusError 415 for a kind or a field that isn't known here; clients don't fall back to JSON by themselves
 */
export function decodeProtobuf(body: Uint8Array, messages: Messages = fieldsOfPosted): Loose {
  if (!magic.equals(body.subarray(0, magic.length))) throw unreadable('it does not begin as an object of Kubernetes does');
  try {
    return decodeEnvelope(Reader.create(body.subarray(magic.length)), messages);
  } catch (error) {
    // What the reader finds wrong with the bytes.
    if (error instanceof RangeError) throw unreadable(error.message);
    throw error;
  }
}

function unreadable(why: string) {
  return unsupportedMediaType(
    `the body can not be read as application/vnd.kubernetes.protobuf: ${why}; send it as JSON instead, as "kubectl apply" does`,
  );
}

/** `Unknown { 1: TypeMeta { 1: apiVersion, 2: kind }, 2: the object }` */
function decodeEnvelope(reader: ProtoReader, messages: Messages): Loose {
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array(0);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) {
      const inner = Reader.create(reader.bytes());
      while (inner.pos < inner.len) {
        const innerTag = inner.uint32();
        if (innerTag >>> 3 === 1) apiVersion = inner.string();
        else if (innerTag >>> 3 === 2) kind = inner.string();
        else inner.skipType(innerTag & 7);
      }
    } else if (tag >>> 3 === 2) raw = reader.bytes();
    else reader.skipType(tag & 7);
  }
  if (!messages(kind)) throw unreadable(`the fields of ${apiVersion} ${kind} are not known`);
  return { apiVersion, kind, ...decodeMessage(messages, kind, raw, kind) };
}

function decodeMessage(messages: Messages, message: string, bytes: Uint8Array, path: string): Loose {
  const fields = messages(message)!;
  const reader = Reader.create(bytes);
  const object: Loose = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = fields.get(tag >>> 3);
    if (!field) skipEmpty(reader, tag, path);
    else decodeField(messages, object, field, reader, tag & 7, `${path}.${field.name}`);
  }
  return object;
}

/** A field that isn't known can be left out as long as it says nothing. */
function skipEmpty(reader: ProtoReader, tag: number, path: string): void {
  const isEmpty = (tag & 7) === wire.varint ? Number(reader.int64()) === 0 : (tag & 7) === wire.bytes && reader.bytes().length === 0;
  if (!isEmpty) throw unreadable(`${path} has a field ${tag >>> 3} that is not known`);
}

function decodeField(messages: Messages, object: Loose, field: Field, reader: ProtoReader, wireType: number, path: string): void {
  const { name, type, repeated, pointer } = field;
  if (type === 'skip') return void reader.skipType(wireType);
  if (type.startsWith('map:')) {
    const [key, value] = decodeEntry(messages, type.slice('map:'.length), Reader.create(reader.bytes()), path);
    object[name] = { ...object[name], [key]: value };
    return;
  }
  const value = decodeValue(messages, type, reader, path);
  if (repeated) (object[name] ??= []).push(value);
  else if (pointer || !isZero(value)) object[name] = value;
}

function decodeEntry(messages: Messages, type: string, reader: ProtoReader, path: string): [string, Loose] {
  let key = '';
  let value: Loose = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) key = reader.string();
    else value = decodeValue(messages, type, reader, path);
  }
  return [key, value];
}

function decodeValue(messages: Messages, type: string, reader: ProtoReader, path: string): Loose {
  switch (type) {
    case 'string':
      return reader.string();
    case 'int':
      return Number(reader.int64());
    case 'bool':
      return reader.bool();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'time': {
      const { 1: seconds = 0 } = numbersOf(Reader.create(reader.bytes()));
      return seconds === 0 ? '' : timestamp(seconds * 1000);
    }
    case 'quantity':
      return stringsOf(Reader.create(reader.bytes()))[1] ?? '';
    case 'intstr': {
      const bytes = reader.bytes();
      const { 1: isString = 0, 2: number = 0 } = numbersOf(Reader.create(bytes));
      return isString === 1 ? (stringsOf(Reader.create(bytes))[3] ?? '') : number;
    }
    default:
      return decodeMessage(messages, type, reader.bytes(), path);
  }
}

function numbersOf(reader: ProtoReader): Record<number, number> {
  const found: Record<number, number> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === wire.varint) found[tag >>> 3] = Number(reader.int64());
    else reader.skipType(tag & 7);
  }
  return found;
}

function stringsOf(reader: ProtoReader): Record<number, string> {
  const found: Record<number, string> = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === wire.bytes) found[tag >>> 3] = reader.string();
    else reader.skipType(tag & 7);
  }
  return found;
}

function isZero(value: Loose): boolean {
  return value === '' || value === 0 || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
}
