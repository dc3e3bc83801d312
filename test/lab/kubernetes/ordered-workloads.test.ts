import { deepEqual, equal } from 'node:assert/strict';
import { decideJob, isJobFinished } from '../../../lab/kubernetes/controllers/job.ts';
import { decideStatefulSet, ordinalPod } from '../../../lab/kubernetes/controllers/stateful-set.ts';
import type { Job, StatefulSet } from '../../../lab/kubernetes/workload-objects.ts';
import { ago, nowMs, samplePod } from './sample-objects.ts';

const set = (spec: Partial<StatefulSet['spec']> = {}): StatefulSet => ({
  metadata: { name: 'db', namespace: 'shop', uid: 'uid-of-db' },
  spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'app' }] } }, ...spec },
});
const member = (ordinal: number, parts: Parameters<typeof samplePod>[1] = {}) => samplePod(`db-${ordinal}`, { labels: { app: 'db', 'controller-revision-hash': 'db-now' }, ...parts });
const step = (of: StatefulSet, ...pods: ReturnType<typeof member>[]) => {
  const { create, remove } = decideStatefulSet(of, pods, 'db-now', nowMs);
  return [...create.map((ordinal) => `+${ordinal}`), ...remove.map(({ metadata }) => `-${metadata.name}`)];
};

describe('a StatefulSet', () => {
  it('comes up in order, each pod when the one before it is ready', () => {
    deepEqual([step(set()), step(set(), member(0, { ready: false })), step(set(), member(0)), step(set(), member(0), member(2))], [['+0'], [], ['+1'], ['+1']]);
    deepEqual(step(set({ podManagementPolicy: 'Parallel' })), ['+0', '+1', '+2']);
  });

  it('waits for a name that is still taken, and replaces a pod that has ended', () => {
    deepEqual(step(set(), member(0), member(1, { terminating: true }), member(2)), []);
    deepEqual(step(set(), member(0), member(1, { phase: 'Failed' }), member(2)), ['-db-1']);
  });

  it('shrinks and updates from the end, one at a time', () => {
    deepEqual(step(set({ replicas: 1 }), member(0), member(1), member(2)), ['-db-2']);
    deepEqual(step(set({ replicas: 1 }), member(0), member(1), member(2, { terminating: true })), []);
    const old = { labels: { app: 'db', 'controller-revision-hash': 'db-old' } };
    deepEqual(step(set(), member(0, old), member(1, old), member(2)), ['-db-1']);
    deepEqual(step(set(), member(0, old), member(1, old), member(2, { ready: false })), []);
    deepEqual(step(set({ updateStrategy: { rollingUpdate: { partition: 2 } } }), member(0, old), member(1, old), member(2)), []);
  });

  it('gives its pods names that stay', () => {
    const { metadata, spec } = ordinalPod(set(), 1, 'db-now');
    deepEqual([metadata.name, spec.hostname, spec.subdomain, metadata.labels?.['apps.kubernetes.io/pod-index']], ['db-1', 'db-1', 'db', '1']);
  });
});

describe('a Job', () => {
  const job = (spec: Partial<Job['spec']> = {}): Job => ({ metadata: { name: 'once' }, spec: { parallelism: 2, completions: 3, template: { spec: { containers: [{ name: 'app' }] } }, ...spec }, status: { startTime: ago(60) } });

  it('runs as many pods as it may at a time, until enough have succeeded', () => {
    equal(decideJob(job(), [], nowMs).create, 2);
    const done = ['a', 'b'].map((name) => samplePod(name, { phase: 'Succeeded' }));
    equal(decideJob(job(), done, nowMs).create, 1);
    const { status, create } = decideJob(job(), [...done, samplePod('c', { phase: 'Succeeded' })], nowMs);
    deepEqual([create, status.succeeded, status.conditions?.[0]?.type, isJobFinished({ ...job(), status })], [0, 3, 'Complete', true]);
  });

  it('waits longer after each failure, and gives up after too many or too long', () => {
    const failed = samplePod('a', { phase: 'Failed' });
    failed.status!.containerStatuses![0]!.state = { terminated: { exitCode: 1, finishedAt: ago(4) } };
    const { create, againInMs } = decideJob(job(), [failed], nowMs);
    deepEqual([create, againInMs], [0, 6000]);
    equal(decideJob(job({ backoffLimit: 0 }), [failed], nowMs).status.conditions?.[0]?.reason, 'BackoffLimitExceeded');
    const late = decideJob(job({ activeDeadlineSeconds: 30 }), [samplePod('b')], nowMs);
    deepEqual([late.status.conditions?.[0]?.reason, late.remove.length], ['DeadlineExceeded', 1]);
  });
});
