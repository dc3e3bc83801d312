import type { Loose } from '../object.ts';
import { isMap } from '../patch/merge.ts';
import { fieldsOfType, goName, type PlainFormat, type Shape } from './types.ts';

/** What an object looks like when it is read into its type. */
export interface Conformed {
  /** Without fields that the type hasn't, and without nulls that mean nothing. */
  readonly object: Loose;
  /** Where the fields stood that the type hasn't, such as `spec.containers[0].foo`. */
  readonly unknown: readonly string[];
}

/** A value of the wrong type. The message is that of Go's decoder, as the real server gives it. */
export class DecodingError extends Error {
  override readonly name = 'DecodingError';
}

/** Fields in which null is kept, as the real server gives it back. */
const nullKept = new Set(['endpoints', 'ports', 'currentMetrics', 'boundObjectRef']);

/** Reads JSON into a type. @throws DecodingError */
export function conform(object: Loose, type: string): Conformed {
  const unknown: string[] = [];
  return { object: conformType(object, type, '', '', unknown), unknown };
}

/**
 * @param path where the value stands, with indexes, for unknown fields
 * @param plainPath the same without indexes, as Go's decoder tells it
 */
function conformType(value: Loose, type: string, path: string, plainPath: string, unknown: string[]): Loose {
  const fields = fieldsOfType(type);
  const result: Loose = {};
  for (const [key, inner] of Object.entries<Loose>(value)) {
    const field = fields.get(key);
    const at = path === '' ? key : `${path}.${key}`;
    if (!field) {
      unknown.push(at);
      continue;
    }
    if (inner === null) {
      const isTime = field.shape.is === 'plain' && field.shape.format === 'date-time';
      if (isTime ? key !== 'creationTimestamp' : nullKept.has(key)) result[key] = null;
      continue;
    }
    const plain = plainPath === '' ? key : `${plainPath}.${key}`;
    result[key] = conformShape(inner, field.shape, at, plain, type, unknown);
  }
  return result;
}

function conformShape(value: Loose, shape: Shape, path: string, plainPath: string, owner: string, unknown: string[]): Loose {
  switch (shape.is) {
    case 'type':
      if (!isMap(value)) throw mismatch(value, `${goName(owner)}.${plainPath}`, goTypeOf(shape));
      return conformType(value, shape.name, path, plainPath, unknown);
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, `${goName(owner)}.${plainPath}`, goTypeOf(shape));
      return value.map((item, at) => (item === null ? null : conformShape(item, shape.of, `${path}[${at}]`, plainPath, owner, unknown)));
    case 'map': {
      if (!isMap(value)) throw mismatch(value, `${goName(owner)}.${plainPath}`, goTypeOf(shape));
      const entries = Object.entries(value).map(([key, item]) => [key, conformShape(item, shape.of, `${path}.${key}`, plainPath, owner, unknown)]);
      return Object.fromEntries(entries);
    }
    case 'plain':
      return conformPlain(value, shape.format, `${goName(owner)}.${plainPath}`);
  }
}

function conformPlain(value: Loose, format: PlainFormat, where: string): Loose {
  switch (format) {
    case 'string':
      // A Quantity may be written as a number.
      if (typeof value === 'number' && isQuantity(where)) return String(value);
      if (typeof value !== 'string') throw mismatch(value, where, 'string');
      return value;
    case 'byte':
      if (typeof value !== 'string') throw mismatch(value, where, '[]uint8');
      if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new DecodingError('illegal base64 data at input byte 0');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(value, where, 'bool');
      return value;
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch(value, where, format);
      return value;
    case 'double':
      if (typeof value !== 'number') throw mismatch(value, where, 'float64');
      return value;
    case 'date-time':
      if (typeof value !== 'string') throw mismatch(value, where, 'string');
      return conformTime(value, where);
    case 'int-or-string':
      if (typeof value !== 'number' && typeof value !== 'string') throw mismatch(value, where, 'string');
      return value;
    case 'object':
      return value;
  }
}

/** Times of Leases and Events have microseconds and want all six digits. */
const microTimes = /\.(renewTime|acquireTime|eventTime|lastObservedTime)$/;

function conformTime(value: string, where: string): string {
  if (microTimes.test(where)) {
    const fraction = /\.(\d+)(Z|[+-]\d\d:\d\d)$/.exec(value) ?? /(Z|[+-]\d\d:\d\d)$/.exec(value);
    if (fraction?.length === 3 && fraction[1]!.length === 6) return value;
    const rest = fraction?.length === 3 ? fraction[0] : (fraction?.[0] ?? value);
    throw new DecodingError(`parsing time "${value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "${rest}" as ".000000"`);
  }
  if (Number.isNaN(Date.parse(value))) {
    throw new DecodingError(`parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`);
  }
  // Kept to the second, as Go's own form of it.
  return `${new Date(value).toISOString().slice(0, 19)}Z`;
}

function isQuantity(where: string): boolean {
  return /\.(limits|requests|capacity|allocatable|hard|used|overhead|sizeLimit)$/.test(where);
}

function mismatch(value: Loose, where: string, goType: string): DecodingError {
  const given = Array.isArray(value) ? 'array' : isMap(value) ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new DecodingError(`json: cannot unmarshal ${given} into Go struct field ${where} of type ${goType}`);
}

function goTypeOf(shape: Shape): string {
  switch (shape.is) {
    case 'type':
      return `v1.${goName(shape.name)}`;
    case 'list':
      return `[]${goTypeOf(shape.of)}`;
    case 'map':
      return `map[string]${goTypeOf(shape.of)}`;
    case 'plain':
      return shape.format === 'boolean' ? 'bool' : shape.format;
  }
}
