import { runWhileLeading, type Client, type LeaseTiming, type Running } from '../client/index.ts';
import { startCloudNodeLifecycleController } from './cloud-node-lifecycle.ts';
import { createContext, type Cloud, type ControllerSabotage, type ControllerTiming, type StartController } from './context.ts';
import { startDaemonSetController } from './daemon-set.ts';
import { startDeploymentController } from './deployment.ts';
import { startDisruptionController } from './disruption.ts';
import { startEndpointSliceController } from './endpoint-slices.ts';
import { startEndpointsController } from './endpoints.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startJobController } from './job.ts';
import { startNamespaceController } from './namespace-deletion.ts';
import { startNodeLifecycleController } from './node-lifecycle.ts';
import { startPodGarbageCollector } from './pod-garbage.ts';
import { startReplicaSetController } from './replica-set.ts';
import { startStatefulSetController } from './stateful-set.ts';
import { startStuckTerminating } from './stuck-terminating.ts';
import { startTaintEvictionController } from './taint-eviction.ts';

export { ec2Cloud } from './ec2-cloud.ts';
export type { Cloud, ControllerSabotage, ControllerTiming };

/** What a Kubernetes release has in its controller manager, and the lab's way to be wrong. */
const kubeControllers: readonly StartController[] = [
  startReplicaSetController,
  startDeploymentController,
  startDaemonSetController,
  startStatefulSetController,
  startJobController,
  startEndpointsController,
  startEndpointSliceController,
  startNodeLifecycleController,
  startTaintEvictionController,
  startPodGarbageCollector,
  startDisruptionController,
  startGarbageCollector,
  startNamespaceController,
  startStuckTerminating,
];

/** What a cloud provider has in a controller manager of its own. */
const cloudControllers: readonly StartController[] = [startCloudNodeLifecycleController];

/** Which controllers, and the Lease by which one master is chosen to run them. */
const parts = {
  all: { lease: 'kube-controller-manager', controllers: [...kubeControllers, ...cloudControllers] },
  kube: { lease: 'kube-controller-manager', controllers: kubeControllers },
  cloud: { lease: 'cloud-controller-manager', controllers: cloudControllers },
} as const;

export interface ControllersOptions {
  /** All when not given. */
  readonly part?: keyof typeof parts;
  readonly client: Client;
  /** Who this is among the masters, such as the machine's name. */
  readonly identity: string;
  readonly isOn: (sabotage: ControllerSabotage) => boolean;
  readonly timing: ControllerTiming;
  readonly cloud: Cloud;
  readonly log?: (line: string) => void;
}

/**
 * How leaders are elected, in both profiles. A leader gives up before nodes could seem silent to it because it is cut off
 * itself; the next one gives every node its full grace.
 */
export const electionTimings: Readonly<Record<'fast' | 'aws', LeaseTiming>> = {
  fast: { leaseMs: 4_000, renewDeadlineMs: 3_000, retryMs: 1_000 },
  aws: { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 },
};

/** What else of the controllers' timing is their own matter, in both profiles. */
export const controllerPeriods = {
  fast: { collectPeriodMs: 1_000, evictionSpacingMs: 1_000, election: electionTimings.fast },
  aws: { collectPeriodMs: 20_000, evictionSpacingMs: 10_000, election: electionTimings.aws },
} as const satisfies Record<'fast' | 'aws', Pick<ControllerTiming, 'collectPeriodMs' | 'evictionSpacingMs' | 'election'>>;

/** Stands for election as a controller manager, and runs its controllers while it leads. */
export async function startControllers(options: ControllersOptions): Promise<Running> {
  const { part = 'all', client, identity, timing, log } = options;
  const { lease, controllers } = parts[part];
  return runWhileLeading({ client, name: lease, identity, timing: timing.election, ...(log ? { log } : {}) }, (term) => {
    const context = createContext({ ...options, ...term });
    const running = controllers.map((start) => start(context));
    return {
      async close() {
        await Promise.all(running.map((each) => each.close()));
      },
    };
  });
}
