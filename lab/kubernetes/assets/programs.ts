/** The programs of a Kubernetes release that a master runs, each a file of this name in the folder that the user gives. */
export const kubePrograms = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type KubeProgram = (typeof kubePrograms)[number];

/** A folder that has them all, as it was found before the lab was started. */
export interface KubeAssets {
  /** Outside of the lab. */
  readonly folder: string;
  /** Of its kube-apiserver, such as `v1.33.1`. */
  readonly version: string;
}

/** The 33 of `v1.33.1`; NaN for what is no version of Kubernetes 1. */
export const minorOf = (version: string): number => Number(/^v1\.(\d+)\.[\w.+-]+$/.exec(version)?.[1] ?? NaN);

/** The oldest minor version of Kubernetes 1 that firedrill speaks with. */
export const oldestMinor = 26;
