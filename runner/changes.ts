import { AsyncLocalStorage } from 'node:async_hooks';

/** What a call is made for. */
export interface Act {
  /** The fault's id in the drill. */
  readonly fault: string;
  readonly during: 'plan' | 'inject' | 'undo';
}

/** One call on an API that changes something, as its service's audit log knows it. Each attempt is a call of its own. */
export interface Change {
  readonly service: ChangedService;
  /** As the API names it: `TerminateInstances`; for Kubernetes the verb and the resource, `create pods/eviction`. */
  readonly action: string;
  /** What was named in the call: ids, or `namespace/name`. */
  readonly target: string;
  /**
   * What the service calls it: CloudTrail's `requestID`, Kubernetes' `auditID`. Null when AWS gave no answer; Kubernetes
   * takes the id that we give to a call, so that one is known even then.
   */
  readonly requestId: string | null;
  /** `done`, or why not: the service's code, or that there was no answer. */
  readonly outcome: string;
  /** When it was sent, and when its outcome was known; {@link Clock.now}. */
  readonly sentMs: number;
  readonly endedMs: number;
  /** Left out for what no fault does: a probe that sets itself up, say. */
  readonly act?: Act | undefined;
}

export type ChangedService = 'ec2' | 'autoscaling' | 'sts' | 'cloudtrail' | 'kubernetes';

/** The outcome of a call that the service did as it was told. */
export const done = 'done';

// Calls reach the wire through SDKs that know nothing of faults, and one that was given up on may come back during the next.
const acts = new AsyncLocalStorage<Act>();

/** Does the work so that every call in it, however deep, is known to be made for this. */
export function actFor<T>(act: Act, work: () => Promise<T>): Promise<T> {
  return acts.run(act, work);
}

/** What the calls made here are made for. */
export function presentAct(): Act | undefined {
  return acts.getStore();
}

/** Passes each change on, in order; those made before somebody listens are kept. */
export interface ChangeFeed {
  tell(change: Change): void;
  /** Replaces the listener before. */
  listen(listener: (change: Change) => void): void;
}

export function changeFeed(): ChangeFeed {
  const untold: Change[] = [];
  let tell = (change: Change): void => void untold.push(change);
  return {
    tell: (change) => tell(change),
    listen(listener) {
      tell = listener;
      untold.splice(0).forEach(listener);
    },
  };
}
