import { createWorkQueue, isConflict, isNotFound, nodes, pods, type Client } from '../../client/index.ts';
import type { Draft, Pod } from '../../objects.ts';
import { isMirror, marks } from '../../static-pod-marks.ts';

/** Keeps a picture of each static pod in the API, so that others can see it. */
export interface Mirrors {
  /** Something about the static pod of this key, or about its picture, has changed. */
  look(key: string): void;
}

export interface MirrorOptions {
  readonly client: Client;
  readonly node: string;
  /** The static pod of this key that runs, or is about to. */
  readonly running: (key: string) => Pod | undefined;
  /** The pod of this key that the API has. */
  readonly stored: (key: string) => Pod | undefined;
  readonly log: (line: string) => void;
}

/** Whether the API's pod is the picture of this very static pod. */
export const isMirrorOf = (mirror: Pod, pod: Pod): boolean => mirror.metadata.annotations?.[marks.mirror] === pod.metadata.annotations?.[marks.hash];

/** The picture of a static pod, as its kubelet makes it in the API; it goes with its Node. */
export function mirrorOf(pod: Pod, node: { name: string; uid: string }): Draft<Pod> {
  const { uid: _, ...metadata } = pod.metadata;
  return {
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [marks.mirror]: metadata.annotations?.[marks.hash] ?? '' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', ...node, controller: true }],
    },
    spec: pod.spec,
  };
}

/** Makes and removes mirror pods; what fails is tried again. @returns what has to be told of every change */
export function keepMirrors({ client, node, running, stored, log }: MirrorOptions): Mirrors {
  async function remove({ metadata: { name, namespace, uid } }: Pod): Promise<void> {
    try {
      await client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async function work(key: string): Promise<void> {
    const pod = running(key);
    const mirror = stored(key);
    // One that is no mirror has the name: the static pod runs on without a picture until that is gone.
    if (mirror && !isMirror(mirror)) return;
    const isGood = pod !== undefined && mirror !== undefined && mirror.metadata.deletionTimestamp === undefined && isMirrorOf(mirror, pod);
    if (isGood) return;
    // Who deleted it has deleted a picture; the watch brings its end, and then it is made anew.
    if (mirror) return remove(mirror);
    if (!pod) return;
    const { metadata } = await client.get(nodes, { name: node });
    await client.create(pods, mirrorOf(pod, { name: node, uid: metadata.uid! }));
  }

  const queue = createWorkQueue({ name: 'mirror pod', work, workers: 1, backOff: { minMs: 200, maxMs: 5_000 }, log });
  return { look: (key) => queue.add(key) };
}

