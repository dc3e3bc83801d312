import type { KubeObject } from '../object.ts';
import type { KeyValue } from '../etcd/wire.ts';
import type { Stored } from './cache.ts';

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** What is kept: JSON without the resourceVersion, which is etcd's revision. */
export function encode(object: KubeObject): Uint8Array {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return toUtf8.encode(JSON.stringify({ ...object, metadata }));
}

export function decode({ key, value, modRevision }: KeyValue): Stored {
  const object = JSON.parse(utf8.decode(value)) as KubeObject;
  return { key, object: withRevision(object, modRevision), revision: modRevision };
}

export function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
