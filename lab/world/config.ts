import { join } from 'node:path';
import type { Timing } from '../hypervisor.ts';
import type { KubeAssets } from '../kubernetes/assets/programs.ts';

/** What the world's first program is told by the one who makes the world; JSON in its first argument. */
export interface WorldConfig {
  readonly name: string;
  readonly timing: Timing['name'];
  /** Whether the platform has Kubernetes, too. */
  readonly kubernetes: boolean;
  /** Whether the specimen runs on it: linkerd on each worker, and six services. */
  readonly specimen: boolean;
  /** The programs that its masters run in the place of the lab's own. */
  readonly kubeAssets: KubeAssets | null;
  /** The lab's own folder outside: state, log and control socket. */
  readonly folder: string;
  /** The folder that holds the folders of all labs. */
  readonly runtime: string;
  readonly node: string;
  readonly app: string;
}

export const controlSocket = 'control.sock';
export const stateFile = 'state.json';
export const logFile = 'log';
/** Where the log of a program stays that kept a lab from coming up: beside the labs' folders, and hidden from those who look for labs. */
export const keptLog = ({ runtime, name }: Pick<WorldConfig, 'runtime' | 'name'>, program: string): string => join(runtime, `.${name}-${program}.log`);

/** Where the lab's folder has what changed the lab's AWS, one record of CloudTrail a line. */
export const cloudTrailFile = 'cloudtrail.ndjson';
/** The folder in the lab's folder with the audit logs of Kubernetes' API servers. */
export const kubernetesAuditFolder = 'kubernetes-audit';
/** Where the lab's folder has the kubeconfig of a lab with Kubernetes. */
export const kubeconfigFile = 'kubeconfig';
/** The context in it. */
export const contextOf = (name: string): string => `lab-${name}`;
