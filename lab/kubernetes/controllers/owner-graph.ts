import type { Informer, Resource } from '../client/index.ts';
import { keyOf } from '../client/index.ts';
import type { KubeObject, OwnerReference } from '../objects.ts';

/** An object, and what it is. */
export interface Known {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** Who owns whom, over all resources that are followed. */
export interface OwnerGraph {
  /** @param key as made by `graphKey` */
  get(key: string): Known | undefined;
  /** The object with this uid, if it is followed and there. */
  withUid(uid: string): Known | undefined;
  dependentsOf(uid: string): Known[];
  /** The resource that a reference points to; undefined when that is not followed. */
  resourceOf(reference: OwnerReference): Resource | undefined;
}

export interface GraphEvents {
  changed(key: string): void;
  gone(uid: string): void;
}

/** The key of an object among objects of all resources. */
export function graphKey(resource: Resource, object: KubeObject): string {
  return `${resource.apiVersion}|${resource.plural}|${keyOf(object)}`;
}

export function createOwnerGraph(followed: readonly { resource: Resource; informer: Informer<KubeObject> }[], { changed, gone }: GraphEvents): OwnerGraph {
  const byUid = new Map<string, Known>();
  for (const { resource, informer } of followed) {
    informer.addIndex('owner', ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid));
    const put = (object: KubeObject): void => {
      byUid.set(object.metadata.uid!, { resource, object });
      changed(graphKey(resource, object));
    };
    informer.on({
      added: put,
      changed: put,
      deleted(object) {
        byUid.delete(object.metadata.uid!);
        gone(object.metadata.uid!);
      },
    });
  }
  return {
    get(key) {
      const [apiVersion, plural, objectKey = ''] = key.split('|');
      const found = followed.find(({ resource }) => resource.apiVersion === apiVersion && resource.plural === plural);
      const object = found?.informer.store.get(objectKey);
      return found && object && { resource: found.resource, object };
    },
    withUid: (uid) => byUid.get(uid),
    dependentsOf: (uid) => followed.flatMap(({ resource, informer }) => informer.store.by('owner', uid).map((object) => ({ resource, object }))),
    resourceOf: ({ apiVersion, kind }) => followed.find(({ resource }) => resource.apiVersion === apiVersion && resource.kind === kind)?.resource,
  };
}
