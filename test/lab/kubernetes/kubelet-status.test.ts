import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { ContainerView } from '../../../lab/kubernetes/kubelet/container/index.ts';
import { podStatus, saysTheSame, type PodView } from '../../../lab/kubernetes/kubelet/pod-status.ts';
import type { Pod, PodStatus } from '../../../lab/kubernetes/objects.ts';
import { changesBetween, type DynamicsLine } from './histories.ts';

const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', generation: 1 },
  spec: { containers: [{ name: 'app', image: 'lab/web' }] },
};
const running: ContainerView = {
  state: { running: { startedAt: '2026-01-01T00:00:01Z' } },
  lastState: {},
  ready: true,
  started: true,
  restartCount: 0,
  imageId: 'sha256:1',
  containerId: 'containerd://1',
  resources: {},
};
const ended = (exitCode: number): ContainerView => ({ ...running, ready: false, started: false, state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } } });
const view = (container: ContainerView | undefined, more: Partial<PodView> = {}): PodView => ({
  hostIp: '10.200.1.9',
  podIp: '10.200.1.20',
  startTime: '2026-01-01T00:00:00Z',
  networkReady: true,
  initialized: true,
  containers: new Map(container ? [['app', container]] : []),
  initContainers: new Map(),
  over: false,
  allocated: () => ({}),
  resize: [],
  ...more,
});
const now = '2026-01-01T00:00:09Z';
const condition = (status: PodStatus, type: string) => status.conditions!.find((each) => each.type === type)!;

describe('the status that a kubelet gives a pod', () => {
  it('is Pending while its containers are being made', () => {
    const status = podStatus(pod, view(undefined, { podIp: undefined, networkReady: false }), undefined, now);
    assert.equal(status.phase, 'Pending');
    assert.deepEqual(status.containerStatuses, [
      { name: 'app', state: { waiting: { reason: 'ContainerCreating' } }, lastState: {}, ready: false, restartCount: 0, image: 'lab/web', imageID: '', started: false, resources: {} },
    ]);
    assert.equal(condition(status, 'PodReadyToStartContainers').status, 'False');
    assert.deepEqual(condition(status, 'Ready'), {
      type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [app]',
      observedGeneration: 1, lastProbeTime: null, lastTransitionTime: now,
    });
    assert.equal(status.podIP, undefined);
  });

  it('is Running and ready with its address, and keeps the time of what has not changed', () => {
    const first = podStatus(pod, view(running), undefined, now);
    assert.equal(first.phase, 'Running');
    assert.equal(condition(first, 'Ready').status, 'True');
    assert.deepEqual(first.podIPs, [{ ip: '10.200.1.20' }]);
    const later = podStatus(pod, view({ ...running, ready: false }), first, '2026-01-01T00:01:00Z');
    assert.equal(condition(later, 'Initialized').lastTransitionTime, now);
    assert.equal(condition(later, 'Ready').lastTransitionTime, '2026-01-01T00:01:00Z');
  });

  it('stays Running while a container waits to be started again', () => {
    const waiting: ContainerView = { ...ended(1), state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(1).state };
    assert.equal(podStatus(pod, view(waiting), undefined, now).phase, 'Running');
  });

  it('is Succeeded or Failed by its exit codes when nothing starts again', () => {
    const good = podStatus(pod, view(ended(0), { over: true, networkReady: false }), undefined, now);
    assert.equal(good.phase, 'Succeeded');
    assert.deepEqual([condition(good, 'Ready').status, condition(good, 'Ready').reason], ['False', 'PodCompleted']);
    const bad = podStatus(pod, view(ended(137), { over: true }), undefined, now);
    assert.equal(bad.phase, 'Failed');
    assert.equal(condition(bad, 'ContainersReady').reason, 'PodFailed');
  });

  it('is Guaranteed, Burstable or BestEffort by what it asks for', () => {
    const of = (resources: object): string | undefined =>
      podStatus({ ...pod, spec: { containers: [{ name: 'app', resources }] } }, view(running), undefined, now).qosClass;
    assert.equal(of({}), 'BestEffort');
    assert.equal(of({ requests: { cpu: '1' } }), 'Burstable');
    assert.equal(of({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
  });

  it('is written again when somebody else has written something else', () => {
    const own = podStatus(pod, view(running), undefined, now);
    assert.equal(saysTheSame(own, own), true);
    const theirs = { ...own, conditions: own.conditions!.map((each) => (each.type === 'Ready' ? { ...each, status: 'False' as const } : each)) };
    assert.equal(saysTheSame(theirs, own), false);
    assert.equal(saysTheSame({ ...own, conditions: [...own.conditions!, { type: 'DisruptionTarget', status: 'True' }] }, own), true);
  });

  it('changes as a recorded one did while its container ended, came back, and had to wait', () => {
    const file = new URL('recordings/5-dynamics/container-restarts.ndjson', import.meta.url);
    const lines = readFileSync(file, 'utf8').trim().split('\n').map((line): DynamicsLine => JSON.parse(line));
    const recorded = lines.filter(({ kind }) => kind === 'Pod').map(({ changed }) => changed);
    const at = (time: string): string => `2026-11-23T01:${time}Z`;
    const ids = ['03a5459d0f6f53e7743b611a6bad9fc70419eb555c7a62eaa2f2ff0e778177c4', 'cf78db441c47253977c730d6e02c10582d986f0b3689a6ff2c9c89da383fc130', '8035d9291e211908bdbda69c37842e889b892f29f9b06e9468842316f1be826f'];
    const of = (n: number): string => `containerd://${ids[n]}`;
    const end = (n: number, startedAt: string, finishedAt: string): ContainerView['state'] => ({
      terminated: { exitCode: 0, reason: 'Completed', startedAt: at(startedAt), finishedAt: at(finishedAt), containerID: of(n) },
    });
    const notReady = { ready: false, started: false };
    const first: ContainerView = { ...running, state: { running: { startedAt: at('42:43') } }, containerId: of(0) };
    const second: ContainerView = { ...running, state: { running: { startedAt: at('43:05') } }, lastState: end(0, '42:43', '43:05'), restartCount: 1, containerId: of(1) };
    const message = 'back-off 10s restarting failed container=app pod=web-57779df784-9vkqc_dyn(a024318a-0abe-4847-8cf9-80e95b4e75b2)';
    const waiting: ContainerView = { ...second, ...notReady, state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState: end(1, '43:05', '43:08') };
    const third: ContainerView = { ...waiting, started: true, state: { running: { startedAt: at('43:20') } }, restartCount: 2, containerId: of(2) };
    const steps: [now: string, container: ContainerView][] = [
      ['43:03', first],
      ['43:05', { ...first, ...notReady, state: end(0, '42:43', '43:05') }],
      ['43:05', { ...second, ready: false }],
      ['43:06', second],
      ['43:08', { ...second, ...notReady, state: end(1, '43:05', '43:08') }],
      ['43:09', waiting],
      ['43:20', third],
      ['43:20', { ...third, ready: true }],
    ];
    let before: PodStatus | undefined;
    const changes = steps.map(([time, container]) => {
      const status = podStatus(pod, view(container), before, at(time));
      const changed = changesBetween({ status: before }, { status });
      before = status;
      return changed;
    });
    assert.deepEqual(changes.slice(1), recorded);
  });
});
