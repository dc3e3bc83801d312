import { isNotFound, pods, type Informer, type Resource } from '../client/index.ts';
import type { EventRecorder } from '../events.ts';
import type { Draft, KubeObject, Pod, PodTemplate } from '../objects.ts';
import type { ControllerContext } from './context.ts';
import { ownerReferenceTo } from './ownership.ts';

/** The pod that a template describes, as one of the owner's. Its name is made by the server unless the caller sets one. */
export function podFromTemplate(resource: Resource, owner: KubeObject, template: PodTemplate): Draft<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [ownerReferenceTo(resource, owner)],
    },
    spec: structuredClone(template.spec),
  };
}

/** Creates and deletes pods for an owner, and writes the events that tell of it. */
export interface PodMaker {
  /**
   * Creates pods in batches of 1, 2, 4, …, so that what can't be created is not tried too often.
   *
   * @throws what the server said to the first that failed
   */
  create(owner: KubeObject, drafts: readonly Draft<Pod>[]): Promise<void>;
  /** Deletes a pod with the grace it asks for itself. One that is gone already is fine. */
  delete(owner: KubeObject, pod: Pod): Promise<void>;
}

export function createPodMaker(context: ControllerContext, resource: Resource, events: EventRecorder, informer: Informer<Pod>): PodMaker {
  const { client } = context;
  const createOne = async (owner: KubeObject, draft: Draft<Pod>): Promise<void> => {
    let created: Pod;
    try {
      created = await client.create(pods, draft);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      events.record(resource, owner, 'Warning', 'FailedCreate', `Error creating: ${message}`);
      throw error;
    }
    informer.absorb(created);
    events.record(resource, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
  };
  return {
    async create(owner, drafts) {
      for (let start = 0, size = 1; start < drafts.length; start += size, size *= 2) {
        await Promise.all(drafts.slice(start, start + size).map((draft) => createOne(owner, draft)));
      }
    },
    async delete(owner, pod) {
      const { name, namespace, uid } = pod.metadata;
      try {
        const answer = (await client.delete(pods, { name, namespace }, { preconditions: { uid } })) as Pod;
        if (answer.metadata?.uid === uid) informer.absorb(answer);
      } catch (error) {
        if (isNotFound(error)) return;
        const message = error instanceof Error ? error.message : String(error);
        events.record(resource, owner, 'Warning', 'FailedDelete', `Error deleting: ${message}`);
        throw error;
      }
      events.record(resource, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    },
  };
}
