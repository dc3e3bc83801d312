/**
 * The small Kubernetes client of the lab's own parts: controllers, scheduler and kubelets. Built on node:https alone, as it
 * runs in every machine of the lab.
 */
export { ApiError, ConnectionError, isAlreadyExists, isConflict, isGone, isNotFound } from './api-error.ts';
export {
  createClient,
  revisionOf,
  type Client,
  type ClientOptions,
  type DeleteOptions,
  type List,
  type ListOptions,
  type PatchType,
  type Selection,
  type WatchOptions,
} from './client.ts';
export { runWhileLeading, type Candidate, type Running, type Term } from './candidate.ts';
export { startInformer, type Handlers, type Informer, type InformerOptions } from './informer.ts';
export { createInformers, type Informers } from './informers.ts';
export { standForElection, type ElectionOptions, type LeaseTiming } from './leader-election.ts';
export * from './resources.ts';
export type { Index, Store } from './store.ts';
export type { WatchEvent } from './watch.ts';
export { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts';
