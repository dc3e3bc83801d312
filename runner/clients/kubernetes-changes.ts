import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { CallOptions, KubernetesConnection } from './kubernetes-connection.ts';
import { isGone } from './kubernetes-failure.ts';
import { listAll, pathOf, type Resource, type Scope } from './kubernetes-list.ts';

/** Where one object is kept. */
export interface ObjectRef {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** What all objects have; the rest is the kind's. */
export interface KubernetesObject {
  readonly metadata?: Omit<V1ObjectMeta, 'creationTimestamp' | 'deletionTimestamp' | 'managedFields'>;
}

/** Calls that read and change single objects of any kind. */
export interface KubernetesChanges {
  /** Undefined when it isn't there. */
  find<T extends KubernetesObject>(ref: ObjectRef, options?: CallOptions): Promise<T | undefined>;
  /** All objects of a kind, page by page: what `keep` makes of each, nothing of those where that is undefined. */
  all<T extends KubernetesObject, Kept>(resource: Resource, scope: Scope, keep: (object: T) => Kept | undefined, options?: CallOptions): Promise<readonly Kept[]>;
  /**
   * A merge patch: what is null is taken away. A uid or a resourceVersion in its metadata must still be the object's.
   *
   * @throws KubernetesFailure: 409 when it isn't
   */
  merge<T extends KubernetesObject>(ref: ObjectRef, patch: object, options?: CallOptions): Promise<T>;
  /** @throws KubernetesFailure: 409 when there is one of this name */
  create<T extends KubernetesObject>(resource: Resource, namespace: string | undefined, object: object, options?: CallOptions): Promise<T>;
  /** Deletes this very object; one that is gone is fine. */
  remove(ref: ObjectRef, uid: string, options?: CallOptions): Promise<void>;
}

export function changeCalls(connection: KubernetesConnection): KubernetesChanges {
  const callOf = (verb: string, { resource, namespace, name }: ObjectRef) => ({ verb, resource: resource.name, namespace, name, path: pathOf(resource, namespace, name) });
  return {
    async find<T>(ref: ObjectRef, options?: CallOptions) {
      try {
        return await connection.request<T>(callOf('get', ref), options);
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    all: async (resource, scope, keep, options) => (await listAll(connection, resource, scope, keep, options)).items,
    merge: (ref, patch, options) =>
      connection.request({ ...callOf('patch', ref), method: 'PATCH', body: patch, contentType: 'application/merge-patch+json' }, options),
    create: (resource, namespace, body, options) =>
      connection.request({ verb: 'create', resource: resource.name, namespace, method: 'POST', path: pathOf(resource, namespace), body }, options),
    async remove(ref, uid, options) {
      try {
        await connection.request({ ...callOf('delete', ref), method: 'DELETE', body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } } }, options);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}
