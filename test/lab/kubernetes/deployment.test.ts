import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { findNewReplicaSet, newReplicaSetAnnotations } from '../../../lab/kubernetes/controllers/deployment-revisions.ts';
import { decideCleanup, decideResize, decideRollingUpdate, newReplicaSetSize, rolloutBounds } from '../../../lab/kubernetes/controllers/deployment-rollout.ts';
import { deploymentStatus, withProgress } from '../../../lab/kubernetes/controllers/deployment-status.ts';
import { templateHash } from '../../../lab/kubernetes/controllers/template-hash.ts';
import { ago, nowMs, sampleDeployment, sampleReplicaSet } from './sample-objects.ts';

const sizes = (steps: readonly { replicaSet: { metadata: { name: string } }; to: number }[]): string[] => steps.map(({ replicaSet, to }) => `${replicaSet.metadata.name} to ${to}`);
const reason = (conditions: { type: string; reason?: string }[] | undefined, type: string): string | undefined => conditions?.find((each) => each.type === type)?.reason;

describe('a rolling update', () => {
  it('steps as the real one does: one more, one less, until all are new', () => {
    const deployment = sampleDeployment(3);
    const sizesOf = { new: 1, old: 3 };
    const steps: string[] = [];
    equal(newReplicaSetSize(deployment, undefined, [sampleReplicaSet('old', 3)]), 1);
    for (let turn = 0; turn < 10; turn += 1) {
      const step = decideRollingUpdate(deployment, sampleReplicaSet('new', sizesOf.new), [sampleReplicaSet('old', sizesOf.old)]);
      if (step.length === 0) break;
      for (const { replicaSet, to } of step) sizesOf[replicaSet.metadata.name as 'new' | 'old'] = to;
      steps.push(...sizes(step));
    }
    // As recorded: rolling-update.ndjson.
    deepEqual(steps, ['old to 2', 'new to 2', 'old to 1', 'new to 3', 'old to 0']);
  });

  it('waits while a new pod is not available, and takes away old pods that are broken anyway', () => {
    const deployment = sampleDeployment(3);
    const fresh = sampleReplicaSet('new', 1, { availableReplicas: 0 });
    deepEqual(decideRollingUpdate(deployment, fresh, [sampleReplicaSet('old', 3)]), []);
    const lenient = sampleDeployment(3, { strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } });
    deepEqual(sizes(decideRollingUpdate(lenient, fresh, [sampleReplicaSet('old', 3, { availableReplicas: 2 })])), ['old to 2']);
  });

  it('never has more pods than the surge, nor fewer available ones than it may', () => {
    const arbitrary = fc.record({ replicas: fc.integer({ min: 1, max: 12 }), surge: fc.integer({ min: 0, max: 4 }), unavailable: fc.integer({ min: 0, max: 4 }), seed: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }) });
    fc.assert(
      fc.property(arbitrary, ({ replicas, surge, unavailable, seed }) => {
        const deployment = sampleDeployment(replicas, { strategy: { rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } } });
        const bounds = rolloutBounds(deployment);
        const [fresh, old] = [{ size: newReplicaSetSize(deployment, undefined, [sampleReplicaSet('old', replicas)]), available: 0 }, { size: replicas, available: replicas }];
        for (const settles of [...seed, ...Array.from({ length: 60 }, () => true)]) {
          if (settles && fresh.available < fresh.size) fresh.available += 1;
          const steps = decideRollingUpdate(deployment, sampleReplicaSet('new', fresh.size, { availableReplicas: fresh.available }), [sampleReplicaSet('old', old.size, { availableReplicas: old.available })]);
          for (const { replicaSet, to } of steps) {
            if (replicaSet.metadata.name === 'new') fresh.size = to;
            else [old.size, old.available] = [to, Math.min(old.available, to)];
          }
          if (fresh.size + old.size > replicas + bounds.maxSurge) throw new Error('too many');
          if (fresh.available + old.available < replicas - bounds.maxUnavailable) throw new Error('too few');
        }
        deepEqual([fresh.size, old.size], [replicas, 0]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a change of a Deployment’s size', () => {
  it('goes to its one ReplicaSet, or is shared in proportion by several', () => {
    deepEqual(sizes(decideResize(sampleDeployment(5), sampleReplicaSet('new', 3), [sampleReplicaSet('old', 0)])), ['new to 5']);
    const annotations = { 'deployment.kubernetes.io/desired-replicas': '10', 'deployment.kubernetes.io/max-replicas': '13' };
    const [fresh, old] = [sampleReplicaSet('new', 5, { availableReplicas: 0 }, { annotations }), sampleReplicaSet('old', 8, {}, { annotations })];
    deepEqual(sizes(decideResize(sampleDeployment(20), fresh, [old])), ['old to 15', 'new to 10']);
  });
});

describe('revisions of a Deployment', () => {
  it('are found again by their template, whatever the hash, and get the next number', () => {
    const old = sampleReplicaSet('one', 0, {}, { image: 'app:2', annotations: { 'deployment.kubernetes.io/revision': '1' } });
    const newer = sampleReplicaSet('two', 3, {}, { image: 'app:3', annotations: { 'deployment.kubernetes.io/revision': '2' } });
    const deployment = sampleDeployment(3);
    deployment.metadata.annotations = { note: 'x', 'deployment.kubernetes.io/revision': '2', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    equal(findNewReplicaSet(deployment, [newer, old]), old);
    deepEqual(newReplicaSetAnnotations(deployment, old, 3), { note: 'x', 'deployment.kubernetes.io/revision': '3', 'deployment.kubernetes.io/revision-history': '1' });
  });

  it('are named by the content of the template alone', () => {
    equal(templateHash({ a: 1, b: { c: 2, d: null } }), templateHash({ b: { c: 2 }, a: 1 }));
    notEqual(templateHash({ a: 1 }), templateHash({ a: 2 }));
    notEqual(templateHash({ a: 1 }), templateHash({ a: 1 }, 1));
    match(templateHash({ a: 1 }), /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  });

  it('are forgotten, oldest first, when there are more than the history keeps', () => {
    const old = [1, 2, 3].map((age) => sampleReplicaSet(`r${age}`, 0, {}, { createdAgoS: age * 100 }));
    deepEqual(decideCleanup(sampleDeployment(3, { revisionHistoryLimit: 1 }), old).map(({ metadata }) => metadata.name), ['r3', 'r2']);
  });
});

describe('the status of a Deployment', () => {
  const all = [sampleReplicaSet('new', 2, { terminatingReplicas: 1 }), sampleReplicaSet('old', 1, { readyReplicas: 0, availableReplicas: 0 })];

  it('adds its ReplicaSets up, and says whether enough is available', () => {
    const status = deploymentStatus(sampleDeployment(3), all[0], all, nowMs);
    const { conditions, ...counts } = status;
    deepEqual(counts, { observedGeneration: 1, replicas: 3, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 1, terminatingReplicas: 1 });
    equal(reason(conditions, 'Available'), 'MinimumReplicasUnavailable');
  });

  it('progresses, completes, or runs out of time', () => {
    const progressing = (lastUpdateTime: string) => ({ conditions: [{ type: 'Progressing', status: 'True' as const, reason: 'ReplicaSetUpdated', lastUpdateTime }] });
    const judge = (before: ReturnType<typeof progressing>, replicaSets: typeof all) => {
      const deployment = sampleDeployment(3, {}, { replicas: 3, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, ...before });
      return reason(withProgress(deployment, replicaSets[0], replicaSets, deploymentStatus(deployment, replicaSets[0], replicaSets, nowMs), nowMs).conditions, 'Progressing');
    };
    equal(judge(progressing(ago(10)), all), 'ReplicaSetUpdated');
    equal(judge(progressing(ago(700)), all), 'ProgressDeadlineExceeded');
    equal(judge(progressing(ago(700)), [sampleReplicaSet('new', 3)]), 'NewReplicaSetAvailable');
  });
});
