import { isDeepStrictEqual } from 'node:util';
import { isNotFound, keyOf, pods as podResource } from '../client/index.ts';
import type { Condition, Pod } from '../objects.ts';
import { conditionOf, isActive, isFinished, isReady, isTerminating, nonZero, timestamp } from '../pod-state.ts';
import { jobs, type Job } from '../workload-objects.ts';
import { controllerQueue, type ControllerContext, type Running } from './context.ts';
import { createPodMaker, podFromTemplate } from './make-pods.ts';
import { claim } from './ownership.ts';
import { followPods, podInformer } from './pods.ts';

/** First pause before a failed pod is tried again; it doubles, up to six minutes. */
const retryMs = 10_000;
const longestRetryMs = 360_000;

export interface JobDecision {
  readonly create: number;
  readonly remove: readonly Pod[];
  readonly status: NonNullable<Job['status']>;
  /** When to look again, though nothing has changed. */
  readonly againInMs: number | undefined;
}

/** Whether a Job has come to its end, one way or the other. */
export function isJobFinished(job: Job): boolean {
  return ['Complete', 'Failed'].some((type) => conditionOf(job, type)?.status === 'True');
}

/** What has to happen for a Job to get done. */
export function decideJob(job: Job, owned: readonly Pod[], nowMs: number): JobDecision {
  const { parallelism = 1, completions, backoffLimit = 6, activeDeadlineSeconds, suspend = false } = job.spec;
  const active = owned.filter(isActive);
  const succeeded = owned.filter(({ status }) => status?.phase === 'Succeeded').length;
  const failedPods = owned.filter((pod) => pod.status?.phase === 'Failed' || (isTerminating(pod) && !isFinished(pod)));
  const failed = failedPods.length;
  const startTime = job.status?.startTime ?? timestamp(nowMs);
  const deadlineLeftMs = activeDeadlineSeconds === undefined ? undefined : Date.parse(startTime) + activeDeadlineSeconds * 1000 - nowMs;

  const end = (): Condition | undefined => {
    const at = { lastProbeTime: timestamp(nowMs), lastTransitionTime: timestamp(nowMs) };
    if (failed > backoffLimit) return { type: 'Failed', status: 'True', ...at, reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
    if (deadlineLeftMs !== undefined && deadlineLeftMs <= 0) {
      return { type: 'Failed', status: 'True', ...at, reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
    }
    const done = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
    return done ? { type: 'Complete', status: 'True', ...at, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
  };
  const ending = end();
  const wanted = suspend || ending ? 0 : Math.min(parallelism, completions === undefined ? (succeeded > 0 ? active.length : parallelism) : completions - succeeded);
  const waitMs = retryInMs(failedPods, nowMs);
  const create = waitMs > 0 ? 0 : Math.max(0, wanted - active.length);
  const remove = active.slice(wanted);
  const status: NonNullable<Job['status']> = {
    ...nonZero({
      active: ending ? 0 : active.length + create - remove.length,
      ready: active.filter(isReady).length,
      succeeded,
      failed,
      terminating: owned.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    }),
    startTime,
    ...(ending?.type === 'Complete' ? { completionTime: timestamp(nowMs) } : {}),
    ...(ending || job.status?.conditions ? { conditions: [...(job.status?.conditions ?? []), ...(ending ? [ending] : [])] } : {}),
  };
  const waits = [waitMs, deadlineLeftMs ?? 0].filter((ms) => ms > 0);
  return { create, remove, status, againInMs: waits.length > 0 ? Math.min(...waits) : undefined };
}

/** How long to wait after the last failure. */
function retryInMs(failed: readonly Pod[], nowMs: number): number {
  if (failed.length === 0) return 0;
  const endedMs = Math.max(...failed.map((pod) => Date.parse(pod.metadata.deletionTimestamp ?? finishedAt(pod) ?? '') || 0));
  return endedMs + Math.min(retryMs * 2 ** (failed.length - 1), longestRetryMs) - nowMs;
}

function finishedAt({ status }: Pod): string | undefined {
  return status?.containerStatuses?.map(({ state }) => state?.terminated?.finishedAt ?? '').toSorted().at(-1);
}

/** Runs the pods of Jobs until enough of them have succeeded, or too many have failed. */
export function startJobController(context: ControllerContext): Running {
  const { client, informers, now } = context;
  const events = context.events('job-controller');
  const jobInformer = informers.of(jobs);
  jobInformer.addIndex('namespace', ({ metadata }) => [metadata.namespace]);
  const podsInformer = podInformer(informers);
  const maker = createPodMaker(context, jobs, events, podsInformer);

  const work = async (key: string): Promise<void> => {
    const job = jobInformer.store.get(key);
    if (!job?.spec.selector || job.metadata.deletionTimestamp !== undefined || isJobFinished(job)) return;
    const owned = await claim(context, jobs, job, job.spec.selector, podResource, podsInformer);
    const { create, remove, status, againInMs } = decideJob(job, owned, now());
    await Promise.all(remove.map((pod) => maker.delete(job, pod)));
    await maker.create(job, Array.from({ length: create }, () => podFromTemplate(jobs, job, job.spec.template)));
    if (againInMs !== undefined) queue.addAfter(key, againInMs);
    if (isDeepStrictEqual(status, job.status)) return;
    try {
      jobInformer.absorb(await client.updateStatus(jobs, { ...job, status }));
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const ended = status.conditions?.find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'));
    if (ended?.type === 'Complete') events.record(jobs, job, 'Normal', 'Completed', 'Job completed');
    if (ended?.type === 'Failed') events.record(jobs, job, 'Warning', ended.reason ?? 'Failed', ended.message ?? '');
  };
  const queue = controllerQueue(context, 'job', [jobInformer, podsInformer], work);
  jobInformer.on({ added: (job) => queue.add(keyOf(job)), changed: (job) => queue.add(keyOf(job)) });
  followPods(podsInformer, 'Job', jobInformer, (key) => queue.add(key));
  return queue;
}
