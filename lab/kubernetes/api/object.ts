import type { ObjectMeta as KnownMeta } from '../objects.ts';

/**
 * JSON as it came in. Its shape is checked by defaulting and validation where the server depends on it, not by types: the
 * server keeps and gives back what it is given, fields that it never heard of included.
 */
export type Loose = ReturnType<JSON['parse']>;

/** What the lab's parts know of it, and what only a server deals with. */
export interface ObjectMeta extends Omit<KnownMeta, 'creationTimestamp'> {
  creationTimestamp?: string | null;
  managedFields?: Loose[];
}

/** An object of any kind. Those that come out of the store are shared and never changed: a change begins with a copy. */
export interface KubeObject {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
  // `spec`, `status`, `data` and the rest
  [field: string]: Loose;
}

/** The time as Kubernetes writes it: to the second. */
export function timestamp(ms: number = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
