import type { Api, Call, Handler } from '../call.ts';
import { badRequest, internal, notFound, StatusError } from '../errors.ts';
import { timestamp, type KubeObject, type Loose } from '../object.ts';
import { resourceNamed } from '../resources.ts';
import { matcherOf } from '../selectors/labels.ts';
import { prefixOf } from '../storage/keys.ts';
import { checkPreconditions, deleteObject } from '../verbs/delete.ts';
import { deleteOptionsOf } from '../verbs/delete-options.ts';
import { readTyped } from '../verbs/read-object.ts';

const pods = resourceNamed('pods');
const budgets = resourceNamed('poddisruptionbudgets', 'policy');

/** More Pods than this are not remembered as evicted in a budget's status. */
const mostDisrupted = 2000;

const success = { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };

/** Deletes a Pod if its disruption budget allows it. */
export const eviction: Handler = async (api, call) => {
  const body = readTyped(call, 'Eviction', 'policy/v1');
  if (body.metadata.name && body.metadata.name !== call.name) throw badRequest('name in URL does not match name in Eviction object');
  const given = deleteOptionsOf(body['deleteOptions'] ?? {});
  const options = { ...given, dryRun: given.dryRun || call.query.getAll('dryRun').includes('All') };
  const stored = await api.store.get(pods, call.namespace, call.name!);
  if (!stored) throw notFound(pods, call.name!);
  const pod = stored.object;
  if (needsNoBudget(pod)) {
    await deleteObject(api, { resource: pods, namespace: call.namespace, name: call.name }, options);
    return success;
  }
  const budget = budgetOf(api, call, pod);
  // A Pod that isn't ready disturbs nobody by going, as long as there are enough others.
  const uncounted = budget !== undefined && !isReady(pod) && mayGoUnready(budget);
  if (budget && !uncounted) await useUp(api, call, budget, pod, options.dryRun);
  // Only now: a precondition that fails has used the budget up, as in the real server.
  checkPreconditions(pods, pod, options);
  await deleteObject(api, { resource: pods, namespace: call.namespace, name: call.name }, options);
  return success;
};

function needsNoBudget({ metadata, status }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined || ['Pending', 'Succeeded', 'Failed'].includes(status?.phase);
}

function isReady({ status }: KubeObject): boolean {
  return ((status?.conditions ?? []) as Loose[]).some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

function mayGoUnready({ spec, status }: KubeObject): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status?.currentHealthy >= status?.desiredHealthy && status?.desiredHealthy > 0;
}

function budgetOf(api: Api, { namespace }: Call, pod: KubeObject): KubeObject | undefined {
  const found = api.store.caches
    .of(budgets)
    .list(prefixOf(budgets, namespace))
    .map(({ object }) => object)
    .filter(({ spec }) => matcherOf(spec?.selector)(pod.metadata.labels));
  if (found.length > 1) throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  return found[0];
}

/** @throws StatusError 429 when nothing is left */
async function useUp(api: Api, { namespace }: Call, budget: KubeObject, pod: KubeObject, dryRun: boolean): Promise<void> {
  const { name } = budget.metadata;
  await api.store.update(budgets, namespace, name, (current) => {
    const status = current['status'];
    if ((status?.observedGeneration ?? 0) < (current.metadata.generation ?? 0)) {
      throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
    }
    if ((status.disruptionsAllowed ?? 0) <= 0 || Object.keys(status.disruptedPods ?? {}).length > mostDisrupted) {
      throw tooMany(`The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`);
    }
    if (dryRun) return current;
    return {
      ...current,
      status: {
        ...status,
        disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: timestamp() },
        disruptionsAllowed: status.disruptionsAllowed - 1,
        ...(status.disruptionsAllowed === 1 ? { conditions: noneLeft(status.conditions, current.metadata.generation) } : {}),
      },
    };
  });
}

function tooMany(message: string, retryAfterSeconds?: number): StatusError {
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

function noneLeft(conditions: readonly Loose[] = [], observedGeneration: number | undefined): Loose[] {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration,
    lastTransitionTime: timestamp(),
    reason: 'InsufficientPods',
    message: '',
  };
  return [...conditions.filter(({ type }) => type !== condition.type), condition];
}
