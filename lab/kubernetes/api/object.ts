/**
 * JSON as it came in. Its shape is checked by defaulting and validation where the server depends on it, not by types: the
 * server keeps and gives back what it is given, fields that it never heard of included.
 */
export type Loose = ReturnType<JSON['parse']>;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
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
