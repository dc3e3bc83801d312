import type { Environment } from '../environment.ts';
import { isGone } from '../clients/kubernetes-failure.ts';
import type { KubernetesConnection } from '../clients/kubernetes-connection.ts';
import type { SecretName } from './secret.ts';

export type JobSettings = NonNullable<NonNullable<Environment['watchdog']>['job']>;

const deadlineMs = 10_000;
/** How long a Job that has ended is kept for people who look, in seconds. */
const keptSeconds = 3_600;

/**
 * The Job that runs `firedrill watchdog` in the cluster.
 *
 * @param settings of the environment file
 * @param secret what it shares with the harness; the Job has its name
 */
export function watchdogJob({ image, serviceAccount }: JobSettings, { namespace, name }: SecretName, annotations: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, annotations, labels: { 'app.kubernetes.io/name': 'firedrill', 'app.kubernetes.io/component': 'watchdog' } },
    spec: {
      backoffLimit: 20,
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { annotations, labels: { 'app.kubernetes.io/name': 'firedrill', 'app.kubernetes.io/component': 'watchdog' } },
        spec: {
          serviceAccountName: serviceAccount,
          restartPolicy: 'OnFailure',
          containers: [{ name: 'watchdog', image, args: ['watchdog', '--secret', `${namespace}/${name}`] }],
        },
      },
    },
  };
}

/** Starts it. */
export async function createJob(job: object, { namespace }: SecretName, connection: Pick<KubernetesConnection, 'request'>): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
  await connection.request({ verb: 'create', resource: 'jobs', namespace, method: 'POST', path, body: job }, { deadlineMs });
}

/** Takes it away with its pod. */
export async function removeJob({ namespace, name }: SecretName, connection: Pick<KubernetesConnection, 'request'>): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs/${encodeURIComponent(name)}`;
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
  try {
    await connection.request({ verb: 'delete', resource: 'jobs', namespace, name, method: 'DELETE', path, body }, { deadlineMs });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
