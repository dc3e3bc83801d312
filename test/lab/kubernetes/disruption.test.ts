import { deepEqual, equal, throws } from 'node:assert/strict';
import { budgetStatus, type ScaleOf } from '../../../lab/kubernetes/controllers/disruption.ts';
import type { PodDisruptionBudget } from '../../../lab/kubernetes/workload-objects.ts';
import { ago, nowMs, samplePod } from './sample-objects.ts';

const budget = (spec: PodDisruptionBudget['spec'], disruptedPods?: Record<string, string>): PodDisruptionBudget => ({
  metadata: { name: 'web', namespace: 'shop', generation: 1 },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  ...(disruptedPods ? { status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptedPods } } : {}),
});
const pods = ['a', 'b', 'c'].map((name) => samplePod(name));
const four: ScaleOf = () => ({ owner: 'web', replicas: 4 });
const none: ScaleOf = () => undefined;
const allowed = (of: PodDisruptionBudget, some = pods, scaleOf = none) => budgetStatus(of, some, scaleOf, nowMs).status;

describe('a disruption budget', () => {
  it('allows what is healthy beyond the wanted', () => {
    // As recorded: poddisruptionbudget.json.
    deepEqual(allowed(budget({ minAvailable: 2 })), {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      conditions: [{ type: 'DisruptionAllowed', status: 'True', observedGeneration: 1, reason: 'SufficientPods', message: '', lastTransitionTime: ago(0) }],
    });
  });

  it('counts a terminating pod as expected, but not as healthy', () => {
    const { disruptionsAllowed, expectedPods, conditions } = allowed(budget({ minAvailable: 2 }), [...pods.slice(1), samplePod('d', { terminating: true }), samplePod('e', { ready: false })]);
    deepEqual([disruptionsAllowed, expectedPods, conditions?.[0]?.reason], [0, 4, 'InsufficientPods']);
  });

  it('counts a pod whose eviction was granted as gone, and forgets it after two minutes', () => {
    const { status, againInMs } = budgetStatus(budget({ minAvailable: 2 }, { a: ago(50), b: ago(130), x: ago(1) }), pods, none, nowMs);
    deepEqual([status.disruptedPods, status.currentHealthy, status.disruptionsAllowed, againInMs], [{ a: ago(50) }, 2, 0, 70_000]);
  });

  it('takes shares and maxUnavailable of what the owners want', () => {
    equal(allowed(budget({ maxUnavailable: 2 }), pods, four).desiredHealthy, 2);
    equal(allowed(budget({ minAvailable: '60%' }), pods, four).desiredHealthy, 3);
    equal(allowed(budget({ maxUnavailable: '30%' }), pods, four).desiredHealthy, 2);
    throws(() => allowed(budget({ maxUnavailable: 1 })), /found no controllers for pod "a"/);
  });
});
