import type { Container, Pod } from '../objects.ts';

/** The parts of a pod's spec that only its kubelet looks at. */
export interface VolumeMount {
  name: string;
  mountPath: string;
  subPath?: string;
  readOnly?: boolean;
}

export interface KeyToPath {
  key: string;
  path: string;
}

export interface ProjectedSource {
  serviceAccountToken?: { path: string; audience?: string; expirationSeconds?: number };
  configMap?: { name: string; items?: KeyToPath[]; optional?: boolean };
  secret?: { name: string; items?: KeyToPath[]; optional?: boolean };
  downwardAPI?: { items?: { path: string; fieldRef?: { fieldPath: string } }[] };
}

export interface Volume {
  name: string;
  emptyDir?: Record<string, unknown>;
  hostPath?: { path: string; type?: string };
  configMap?: { name: string; items?: KeyToPath[]; optional?: boolean };
  secret?: { secretName: string; items?: KeyToPath[]; optional?: boolean };
  downwardAPI?: ProjectedSource['downwardAPI'];
  projected?: { sources?: ProjectedSource[] };
  persistentVolumeClaim?: { claimName: string };
}

export interface EnvFromSource {
  prefix?: string;
  configMapRef?: { name: string; optional?: boolean };
  secretRef?: { name: string; optional?: boolean };
}

export type ContainerSpec = Container & { volumeMounts?: VolumeMount[]; envFrom?: EnvFromSource[] };

export const volumesOf = (pod: Pod): Volume[] => (pod.spec.volumes ?? []) as unknown as Volume[];
export const containersOf = (pod: Pod): ContainerSpec[] => pod.spec.containers;
export const initContainersOf = (pod: Pod): ContainerSpec[] => pod.spec.initContainers ?? [];

/** `web-1_shop(8dea13ab-…)`: how kubelets write of a pod. */
export const inWords = ({ metadata }: Pod): string => `${metadata.name}_${metadata.namespace}(${metadata.uid})`;

/** The seconds that a pod has to end by itself. */
export function graceOf({ metadata, spec }: Pod): number {
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
}
