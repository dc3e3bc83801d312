import { z } from 'zod';
import { inFewWords, isGone, isPassing, KubernetesFailure } from '../clients/kubernetes-failure.ts';
import type { KubernetesConnection, KubernetesRequest } from '../clients/kubernetes-connection.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { annotationOf } from '../kubernetes-marks.ts';
import { markKeys } from '../marks.ts';
import { slackMs } from '../patience.ts';
import { defineProbe, type Answer, type ProbeContext } from '../probe.ts';
import { inNamespaces } from '../rbac.ts';
import { requireKubernetes } from '../watched-select.ts';

const openDeadlineMs = 10_000;
const cleanDeadlineMs = 5_000;

/** Does the API answer, through to its storage? */
export default defineProbe<{ namespace?: string }>({
  summary: 'reads and writes a Lease of its own through the Kubernetes API, as two streams: good when answered in time',
  schema: z.strictObject({
    namespace: z.string().min(1).optional().describe('Where the Lease is; the first namespace that the environment allows, or else default'),
  }),
  selects: [],
  permissions: {
    iam: [],
    rbac: [inNamespaces('coordination.k8s.io', ['leases'], ['get', 'create', 'patch', 'delete'])],
  },
  needs: ['kubernetes'],
  defaults: { everyMs: 500, timeoutMs: 2000 },

  async open(spec, context) {
    requireKubernetes(context);
    const { world, name, timeoutMs } = context;
    const { connection } = await world.kubernetes();
    const namespace = spec.namespace ?? world.environment.kubernetes?.namespaces?.[0] ?? 'default';
    const lease = leaseCalls(connection, namespace, context);
    const removed = await context.leaves(`the Lease ${lease.id} in namespace ${namespace}`, { namespace, lease: lease.id });
    const remove = async (): Promise<void> => {
      try {
        removed(true, await removeLease(connection, namespace, lease.id));
      } catch (error) {
        removed(false, messageOf(error));
        context.note(`the Lease ${lease.id} in namespace ${namespace} could not be deleted (${messageOf(error)}); delete it with: ${removal(namespace, lease.id)}`);
      }
    };
    try {
      await lease.make();
    } catch (error) {
      const refused = error instanceof KubernetesFailure && !isPassing(error);
      // Without a plain no it may have been made all the same: no answer, or an API server that gave up waiting for etcd.
      if (refused) removed(true, 'it was not made');
      else await remove();
      if (!(error instanceof KubernetesFailure)) throw error;
      throw new ExpectedError(`probe ${name}: ${error.message}`, error.exitCode, { cause: error });
    }
    // A question's own deadline comes first: the library's must not.
    const deadlineMs = timeoutMs + slackMs;
    return {
      streams: [
        { name: `${name}/read`, ask: (signal) => answered(() => lease.read(signal, deadlineMs)) },
        { name: `${name}/write`, ask: (signal) => answered(() => lease.write(signal, deadlineMs)) },
      ],
      close: remove,
    };
  },

  async undo({ namespace, lease }, { world }) {
    const { connection } = await world.kubernetes();
    return removeLease(connection, String(namespace), String(lease));
  },
  byHand: ({ namespace, lease }) => [removal(String(namespace), String(lease))],
});

/** It has the run in its name, so that it can be nobody else's. */
async function removeLease(connection: KubernetesConnection, namespace: string, name: string): Promise<string> {
  try {
    await connection.request({ verb: 'delete', resource: 'leases', namespace, name, path: `${leasesIn(namespace)}/${name}`, method: 'DELETE' }, { deadlineMs: cleanDeadlineMs });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return `deleted the Lease ${name} in namespace ${namespace}`;
}

const removal = (namespace: string, name: string): string => `kubectl -n ${namespace} delete lease ${name}`;

const leasesIn = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;

async function answered(call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return { value: 'good' };
  } catch (error) {
    return { value: 'bad', why: inFewWords(error) };
  }
}

/** What is done with the Lease. Reads and writes go to etcd: what the API server could answer by itself would say little. */
function leaseCalls(connection: KubernetesConnection, namespace: string, { run, name, clock }: ProbeContext) {
  const folder = leasesIn(namespace);
  // A DNS subdomain: at most 253 of small letters, digits, '-' and '.', of which a letter or digit begins and ends it.
  const id = `firedrill-${run.id}-${name}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-').slice(0, 253).replace(/-+$/, '');
  const call = (verb: string): Pick<KubernetesRequest, 'verb' | 'resource' | 'namespace' | 'name' | 'path'> =>
    ({ verb, resource: 'leases', namespace, name: id, path: `${folder}/${id}` });
  let writes = 0;
  const body = () => {
    writes += 1;
    // A write that changes nothing is answered without being stored.
    return { holderIdentity: `firedrill ${run.id} ${writes}`, renewTime: new Date(clock.wall()).toISOString().replace('Z', '000Z') };
  };
  return {
    id,
    async make(): Promise<void> {
      const annotations = { [annotationOf(markKeys.run)]: run.id, [annotationOf(markKeys.drill)]: run.drill };
      const object = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: id, namespace, annotations }, spec: body() };
      await connection.request({ ...call('create'), path: folder, method: 'POST', body: object }, { deadlineMs: openDeadlineMs });
    },
    read: (signal: AbortSignal, deadlineMs: number) => connection.request(call('get'), { signal, deadlineMs }),
    write: (signal: AbortSignal, deadlineMs: number) =>
      connection.request({ ...call('patch'), isProbing: true, method: 'PATCH', contentType: 'application/merge-patch+json', body: { spec: body() } }, { signal, deadlineMs }),
  };
}
