import type { Condition } from '../objects.ts';
import { conditionOf, nonZero, timestamp } from '../pod-state.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../workload-objects.ts';
import { rolloutBounds } from './deployment-rollout.ts';

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** No deadline at all is written as the largest number there is. */
const noDeadlineSeconds = 2_147_483_647;

/** The status that follows from the ReplicaSets; conditions but `Available` are as they were. */
export function deploymentStatus(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, all: readonly ReplicaSet[], nowMs: number): DeploymentStatus {
  const { replicas = 1 } = deployment.spec;
  const total = (count: (status: NonNullable<ReplicaSet['status']>) => number | undefined): number =>
    all.reduce((sum, { status }) => sum + ((status && count(status)) ?? 0), 0);
  const availableReplicas = total((status) => status.availableReplicas);
  const wanted = all.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
  const enough = availableReplicas >= replicas - rolloutBounds(deployment).maxUnavailable;
  const available: NewCondition = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  };
  return {
    ...nonZero({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: total((status) => status.replicas),
      updatedReplicas: newReplicaSet?.status?.replicas ?? 0,
      readyReplicas: total((status) => status.readyReplicas),
      availableReplicas,
      unavailableReplicas: Math.max(0, wanted - availableReplicas),
    }),
    terminatingReplicas: total((status) => status.terminatingReplicas),
    ...nonZero({ collisionCount: deployment.status?.collisionCount ?? 0 }),
    conditions: setCondition(deployment.status?.conditions, available, nowMs),
  };
}

/** Sets a condition, unless it says the same already for the same reason. */
export function setCondition(conditions: readonly Condition[] = [], condition: NewCondition, nowMs: number): Condition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  if (before?.status === condition.status && before.reason === condition.reason) return [...conditions];
  return replaceCondition(conditions, condition, nowMs);
}

function replaceCondition(conditions: readonly Condition[], { type, status, reason, message }: NewCondition, nowMs: number): Condition[] {
  const before = conditions.find((condition) => condition.type === type);
  const now = timestamp(nowMs);
  const after: Condition = {
    type,
    status,
    lastUpdateTime: now,
    lastTransitionTime: before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : now,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
  return [...conditions.filter((condition) => condition !== before), after];
}

/** Whether the rollout is judged by a deadline. */
function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadlineSeconds;
}

/** All pods are of the new template, and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const { replicas = 1 } = deployment.spec;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasProgressed({ status: before = {} }: Deployment, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** The status with what is to be said about the rollout: complete, moving, out of time, not able to make pods. */
export function withProgress(deployment: Deployment, newReplicaSet: ReplicaSet | undefined, all: readonly ReplicaSet[], status: DeploymentStatus, nowMs: number): DeploymentStatus {
  const current = conditionOf(deployment, 'Progressing');
  let conditions: Condition[] = [...(status.conditions ?? [])];
  if (!hasDeadline(deployment)) conditions = conditions.filter(({ type }) => type !== 'Progressing');
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  const what = newReplicaSet ? `ReplicaSet "${newReplicaSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (hasDeadline(deployment) && !settled) {
    const progressing = (how: 'True' | 'False', reason: string, message: string): NewCondition => ({ type: 'Progressing', status: how, reason, message });
    if (isComplete(deployment, status)) {
      conditions = setCondition(conditions, progressing('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`), nowMs);
    } else if (hasProgressed(deployment, status)) {
      conditions = replaceCondition(conditions, progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`), nowMs);
    } else if (isOutOfTime(deployment, nowMs)) {
      conditions = setCondition(conditions, progressing('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`), nowMs);
    }
  }
  const failure = all.map((replicaSet) => conditionOf(replicaSet, 'ReplicaFailure')).find((condition) => condition !== undefined);
  if (failure) conditions = setCondition(conditions, { ...failure }, nowMs);
  else conditions = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  return { ...status, conditions };
}

function isOutOfTime(deployment: Deployment, nowMs: number): boolean {
  const leftMs = timeLeftMs(deployment, nowMs);
  return conditionOf(deployment, 'Progressing')?.reason === 'ProgressDeadlineExceeded' || (leftMs !== undefined && leftMs < 0);
}

/** How long the rollout has until its deadline; undefined when nothing is being waited for. */
export function timeLeftMs(deployment: Deployment, nowMs: number): number | undefined {
  const progressing = conditionOf(deployment, 'Progressing');
  if (!progressing || !hasDeadline(deployment)) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable' || progressing.reason === 'ProgressDeadlineExceeded') return undefined;
  return Date.parse(progressing.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds! * 1000 - nowMs;
}

/** The condition that goes with pausing and resuming; undefined when it is there already. */
export function pauseCondition(deployment: Deployment): NewCondition | undefined {
  if (!hasDeadline(deployment)) return undefined;
  const current = conditionOf(deployment, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return undefined;
  const said = current?.reason === 'DeploymentPaused';
  if (deployment.spec.paused && !said) return { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  if (!deployment.spec.paused && said) return { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  return undefined;
}
