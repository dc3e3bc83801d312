import { createWorkQueue, type Client, type Informer, type Informers, type LeaseTiming, type Running, type WorkQueue } from '../client/index.ts';
import { createEventRecorder, type EventRecorder } from '../events.ts';

export type { Running };

/** How fast the controllers' clocks go; the names of Kubernetes' own flags are beside them. */
export interface ControllerTiming {
  /** Without a sign of life for this long a node's conditions are Unknown (`node-monitor-grace-period`). */
  readonly monitorGraceMs: number;
  /** How often nodes are looked at (`node-monitor-period`). */
  readonly monitorPeriodMs: number;
  /** How often the cloud is asked about nodes that are not ready, and pods without a node are looked for. */
  readonly collectPeriodMs: number;
  /** Between two nodes of one zone that are given up (the reciprocal of `node-eviction-rate`). */
  readonly evictionSpacingMs: number;
  readonly election: LeaseTiming;
}

/** What the controllers ask of the cloud that the nodes' machines come from. */
export interface Cloud {
  /**
   * Whether the machine behind a `providerID` is there, or gone for good.
   *
   * @throws whatever the cloud's API answers with; it is asked again later
   */
  instanceState(providerId: string): Promise<'there' | 'gone'>;
}

/** Ways to be wrong that the controllers know. */
export type ControllerSabotage = 'stuck-terminating';

export interface ControllerContext {
  readonly client: Client;
  readonly informers: Informers;
  readonly timing: ControllerTiming;
  readonly cloud: Cloud;
  readonly isOn: (sabotage: ControllerSabotage) => boolean;
  readonly log: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @param component whose name the events carry */
  events(component: string): EventRecorder;
}

/** Starts a controller; its informers need not be in sync yet. */
export type StartController = (context: ControllerContext) => Running;

export function createContext(parts: Omit<ControllerContext, 'events' | 'now'>): ControllerContext {
  return { ...parts, now: () => Date.now(), events: (component) => createEventRecorder(parts.client, component, parts.log) };
}

/** A queue whose work begins when all the informers have their first lists: before, everything would look lost. */
export function controllerQueue(
  context: Pick<ControllerContext, 'log'>,
  name: string,
  informers: readonly Pick<Informer<never>, 'synced'>[],
  work: (key: string) => Promise<void>,
  workers = 4,
): WorkQueue {
  const closing = Promise.withResolvers<'closed'>();
  const synced = Promise.all(informers.map((informer) => informer.synced));
  const queue = createWorkQueue({
    name,
    workers,
    log: context.log,
    async work(key) {
      if ((await Promise.race([synced, closing.promise])) !== 'closed') await work(key);
    },
  });
  return {
    ...queue,
    close() {
      closing.resolve('closed');
      return queue.close();
    },
  };
}
