import { ApiError, ConnectionError, events, type Client, type Resource } from './client/index.ts';
import type { KubeEvent, KubeObject } from './objects.ts';

/** Writes Events and forgives: events are for people, and one that gets lost is only logged. */
export interface EventWriter {
  /**
   * @param about the object and the resource that it is of, since objects in lists don't say their kind
   * @returns undefined when it got lost
   */
  create(resource: Resource, about: KubeObject, text: Omit<KubeEvent, 'metadata' | 'involvedObject'>): Promise<KubeEvent | undefined>;
  /** @returns undefined when the change got lost, as when the server has forgotten the event */
  change(event: KubeEvent, change: unknown): Promise<KubeEvent | undefined>;
}

export function createEventWriter(client: Client, log: (line: string) => void): EventWriter {
  let sequence = 0;

  const forgiving = async (write: Promise<KubeEvent>): Promise<KubeEvent | undefined> => {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
      log(`event not written: ${error.message}`);
      return undefined;
    }
  };

  return {
    async create({ kind, apiVersion }, about, text) {
      const { name, namespace, uid, resourceVersion } = about.metadata;
      sequence += 1;
      const unique = (BigInt(Date.now()) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16);
      const involvedObject = { kind, ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}), apiVersion, ...(resourceVersion ? { resourceVersion } : {}) };
      return forgiving(client.create(events, { metadata: { name: `${name}.${unique}`, namespace: namespace ?? 'default' }, involvedObject, ...text }));
    },
    async change({ metadata: { name, namespace } }, change) {
      return forgiving(client.patch(events, { name, namespace }, 'merge', change));
    },
  };
}
