import { isDeepStrictEqual } from 'node:util';
import { isAlreadyExists, type Informer, type Resource } from '../client/index.ts';
import type { KubeObject, PodTemplate } from '../objects.ts';
import { controllerOf } from '../pod-state.ts';
import { controllerRevisions, type ControllerRevision } from '../workload-objects.ts';
import type { ControllerContext } from './context.ts';
import { ownerReferenceTo } from './ownership.ts';

import { templateHash } from './template-hash.ts';

/** The label of a pod that says which template it was made from. */
export const revisionLabel = 'controller-revision-hash';

/** The templates that a DaemonSet or StatefulSet has had, newest last, kept so that `kubectl rollout undo` finds them. */
export interface RevisionHistory {
  /** The revision of the template as it is now, written if it is new, and the highest. */
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
}

type Owner = KubeObject & { spec: { template: PodTemplate }; status?: { collisionCount?: number } };

export function revisionInformer({ informers }: Pick<ControllerContext, 'informers'>): Informer<ControllerRevision> {
  const informer = informers.of(controllerRevisions);
  informer.addIndex('controller', (revision) => [controllerOf(revision)?.uid]);
  return informer;
}

export async function noteRevision(
  { client }: Pick<ControllerContext, 'client'>,
  resource: Resource,
  owner: Owner,
  informer: Informer<ControllerRevision>,
): Promise<RevisionHistory> {
  const { template } = owner.spec;
  const data = { spec: { template: { ...structuredClone(template), $patch: 'replace' } } };
  const known = informer.store.by('controller', owner.metadata.uid!).toSorted((a, b) => a.revision - b.revision);
  const found = known.findLast((revision) => isDeepStrictEqual(revision.data, data));
  const highest = Math.max(0, ...known.map(({ revision }) => revision));
  const old = known.filter((revision) => revision !== found);
  const { namespace } = owner.metadata;
  if (found) {
    if (found.revision === highest) return { current: found, old };
    const current = await client.patch(controllerRevisions, found.metadata, 'merge', { revision: highest + 1 });
    informer.absorb(current);
    return { current, old };
  }
  const hash = templateHash(template, owner.status?.collisionCount);
  const name = `${owner.metadata.name}-${hash}`;
  try {
    const current = await client.create(controllerRevisions, {
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...template.metadata?.labels, [revisionLabel]: hash },
        ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
        ownerReferences: [ownerReferenceTo(resource, owner)],
      },
      data,
      revision: highest + 1,
    });
    informer.absorb(current);
    return { current, old };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await client.get(controllerRevisions, { name, namespace });
    if (controllerOf(existing)?.uid !== owner.metadata.uid) throw error;
    informer.absorb(existing);
    return { current: existing, old };
  }
}

/** Deletes what the history need not keep. @param inUse hashes or names that pods are labelled with */
export async function trimHistory(
  { client }: Pick<ControllerContext, 'client'>,
  history: RevisionHistory,
  limit: number,
  inUse: ReadonlySet<string>,
): Promise<void> {
  const idle = history.old.filter(({ metadata }) => !inUse.has(metadata.labels?.[revisionLabel] ?? '') && !inUse.has(metadata.name));
  for (const { metadata } of idle.slice(0, Math.max(0, history.old.length - limit))) await client.delete(controllerRevisions, metadata);
}
