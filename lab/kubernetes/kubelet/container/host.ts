import type { ContainerStatus, Pod } from '../../objects.ts';
import type { KubeletContext } from '../context.ts';
import type { Cgroup } from '../runtime/cgroup.ts';
import type { ContainerProcess } from '../runtime/container-process.ts';
import type { Mount } from '../runtime/root-folder.ts';
import type { ContainerSpec } from '../spec.ts';
import type { ContainerView } from './view.ts';

/** What is needed to run a program in a container that runs. */
export interface Inside {
  readonly first: number;
  /** Files of its control groups by which a program joins them. */
  readonly joins: readonly string[];
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly context: KubeletContext;
  pod(): Pod;
  /** The pod's own folder. */
  readonly folder: string;
  /** Undefined for a pod in the node's network. */
  readonly network: string | undefined;
  readonly address: string;
  readonly hostname: string;
  readonly hosts: string;
  readonly restartPolicy: string;
  /** What the API knew of the container before this kubelet's time. */
  before(container: string): ContainerStatus | undefined;
  environment(container: ContainerSpec): Promise<Record<string, string>>;
  mounts(container: ContainerSpec): Mount[];
  /** Something in the view has changed. */
  changed(): void;
}

/** A run of a container that goes on. */
export interface Run {
  readonly process: ContainerProcess;
  readonly inside: Omit<Inside, 'first'>;
  /** What holds it to its limits, if anything does. */
  readonly cgroup: Cgroup | undefined;
}

/** One container as the parts see it that take care of it. */
export interface ContainerParts {
  readonly spec: ContainerSpec;
  readonly host: ContainerHost;
  readonly view: ContainerView;
  /** Aborted when the container is to end for good. */
  readonly ending: AbortSignal;
  /** The run that goes on. */
  current(): Run | undefined;
  tell(type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Changes the view, and tells the pod. */
  show(change: Partial<ContainerView>): void;
}
