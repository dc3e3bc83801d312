import type { Pod } from './objects.ts';

/** Where a worker's kubelet looks for the manifests of static pods, one a file. On the machine's own disk: they go with it. */
export const staticPodPath = '/var/lib/kubelet/manifests';

/** A kubelet's own annotations on the pods that it didn't get from the API, and on their pictures there. */
export const marks = {
  /** Where a pod comes from: `file`. */
  source: 'kubernetes.io/config.source',
  seen: 'kubernetes.io/config.seen',
  /** Of the manifest; the static pod's uid. */
  hash: 'kubernetes.io/config.hash',
  /** On a mirror pod: the hash of the pod that it is the picture of. */
  mirror: 'kubernetes.io/config.mirror',
} as const;

/** Whether the API has this pod only as the picture of one that a kubelet runs by itself. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[marks.mirror] !== undefined;

/** Whether its kubelet has this pod from a file on its machine. */
export const isStatic = (pod: Pod): boolean => pod.metadata.annotations?.[marks.source] === 'file' && !isMirror(pod);
