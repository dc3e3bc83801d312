import { isNotFound, type Informer, type Resource } from '../client/index.ts';
import type { KubeObject, LabelSelector, OwnerReference } from '../objects.ts';
import { controllerOf } from '../pod-state.ts';
import { matchesSelector } from '../selectors.ts';
import type { ControllerContext } from './context.ts';

/** The reference by which a controller says that an object is its own. */
export function ownerReferenceTo(resource: Resource, owner: KubeObject): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: resource.apiVersion, kind: resource.kind, name, uid: uid!, controller: true, blockOwnerDeletion: true };
}

export interface Claims<T> {
  /** What is the owner's already and goes on to be. */
  owned: T[];
  /** Nobody's, and what the selector asks for. */
  adopt: T[];
  /** The owner's, and no longer what the selector asks for. */
  release: T[];
}

/** Sorts objects into what an owner has, should take and should let go. An owner that is going takes nothing and lets nothing go. */
export function sortClaims<T extends KubeObject>(owner: KubeObject, selector: LabelSelector, candidates: Iterable<T>): Claims<T> {
  const claims: Claims<T> = { owned: [], adopt: [], release: [] };
  const going = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const matches = matchesSelector(selector, object.metadata.labels);
    const controller = controllerOf(object);
    if (controller?.uid === owner.metadata.uid) {
      if (matches || going) claims.owned.push(object);
      else claims.release.push(object);
    } else if (!controller && matches && !going && object.metadata.deletionTimestamp === undefined) {
      claims.adopt.push(object);
    }
  }
  return claims;
}

/**
 * Finds what belongs to an owner in its namespace, adopting and releasing on the way.
 *
 * @param informer with the index `namespace`
 */
export async function claim<T extends KubeObject>(
  { client }: Pick<ControllerContext, 'client'>,
  ownerResource: Resource,
  owner: KubeObject,
  selector: LabelSelector,
  resource: Resource<T>,
  informer: Informer<T>,
): Promise<T[]> {
  const { owned, adopt, release } = sortClaims(owner, selector, informer.store.by('namespace', owner.metadata.namespace ?? ''));
  if (adopt.length > 0) {
    // Somebody may have deleted the owner, and made it again, since it was seen.
    const fresh = await client.get(ownerResource, owner.metadata);
    if (fresh.metadata.uid !== owner.metadata.uid || fresh.metadata.deletionTimestamp !== undefined) return owned;
  }
  const write = async (object: T, ownerReferences: OwnerReference[]): Promise<T | undefined> => {
    const { uid, name, namespace } = object.metadata;
    try {
      const written = await client.patch(resource, { name, namespace }, 'merge', { metadata: { uid, ownerReferences } });
      informer.absorb(written);
      return written;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  for (const object of release) {
    await write(object, (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid));
  }
  for (const object of adopt) {
    const adopted = await write(object, [...(object.metadata.ownerReferences ?? []), ownerReferenceTo(ownerResource, owner)]);
    if (adopted) owned.push(adopted);
  }
  return owned;
}
