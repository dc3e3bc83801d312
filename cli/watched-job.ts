import { createHash } from 'node:crypto';
import { realClock } from '../runner/clock.ts';
import { inCluster, type Environment } from '../runner/environment.ts';
import { ExpectedError, exitCodes, messageOf } from '../runner/errors.ts';
import { annotationOf } from '../runner/kubernetes-marks.ts';
import { markKeys } from '../runner/marks.ts';
import { createJob, removeJob, watchdogJob, type JobSettings } from '../runner/watchdog/job.ts';
import type { UndoRecords } from '../runner/watchdog/record.ts';
import { sharedSecret } from '../runner/watchdog/secret.ts';
import type { World } from '../runner/world.ts';

/** A watchdog in the cluster that watches this run. */
export interface WatchedJob {
  /** Where the undo records have to be before anything is broken. */
  readonly records: UndoRecords;
  /** Takes the watchdog away: nothing is left to do. */
  end(): Promise<void>;
}

const comesUpWithinMs = 90_000;
const lookEveryMs = 500;

/**
 * Starts the watchdog of a run as a Job, and waits until it watches: before that nothing may be broken.
 *
 * @throws ExpectedError when it does not come up
 */
export async function startWatchdogJob(settings: JobSettings, run: { readonly id: string; readonly drill: string }, world: World): Promise<WatchedJob> {
  const { environment } = world;
  if (!environment.lock?.lease || !environment.kubernetes) {
    throw new ExpectedError('watchdog.job needs the environment file to name kubernetes, and a Lease as its lock (lock.lease): by that the Job knows that the run lives');
  }
  const { connection } = await world.kubernetes();
  const secret = { namespace: settings.namespace, name: `firedrill-watchdog-${createHash('sha256').update(run.id).digest('hex').slice(0, 12)}` };
  const annotations = { [annotationOf(markKeys.run)]: run.id, [annotationOf(markKeys.drill)]: run.drill };
  const shared = sharedSecret(secret, connection, annotations);
  const end = async (): Promise<void> => {
    try {
      await removeJob(secret, connection);
      await shared.remove();
    } catch (error) {
      process.stderr.write(`the watchdog could not be taken away (${messageOf(error)}): kubectl -n ${secret.namespace} delete job,secret ${secret.name}\n`);
    }
  };
  try {
    await shared.create(run.id, environmentInside(environment));
    await createJob(watchdogJob(settings, secret, annotations), secret, connection);
    const untilMs = realClock.now() + comesUpWithinMs;
    while (!(await shared.read())?.ready) {
      if (realClock.now() > untilMs) {
        throw new ExpectedError(`the watchdog has not come up within ${comesUpWithinMs / 1_000} s; nothing was broken; look at: kubectl -n ${secret.namespace} describe pods -l job-name=${secret.name}`, exitCodes.inconclusive);
      }
      await realClock.sleep(lookEveryMs);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { records: shared, end };
}

/** The environment as a pod sees it: its own service account, no files and no profile of this machine. No undo asks etcd or Prometheus. */
function environmentInside({ aws, kubernetes, etcd: _etcd, prometheus: _prometheus, enter: _enter, dns: _dns, ...rest }: Environment): object {
  const { profile: _profile, ...ownAws } = aws ?? {};
  return {
    ...rest,
    ...(aws && { aws: ownAws }),
    kubernetes: { ...kubernetes, kubeconfig: inCluster, context: inCluster },
  };
}
