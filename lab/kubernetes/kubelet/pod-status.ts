import type { Condition, ContainerStatus, Pod, PodPhase, PodStatus, ResourceRequirements } from '../objects.ts';
import type { ContainerView } from './container/index.ts';
import { containersOf, initContainersOf, type ContainerSpec } from './spec.ts';

/** What a kubelet knows of a pod that it runs. */
export interface PodView {
  readonly hostIp: string;
  readonly podIp: string | undefined;
  readonly startTime: string;
  /** Its network is there: containers may start. */
  readonly networkReady: boolean;
  readonly initialized: boolean;
  /** By name; missing where a container hasn't been looked at yet. */
  readonly containers: ReadonlyMap<string, ContainerView>;
  readonly initContainers: ReadonlyMap<string, ContainerView>;
  /** Nothing of it will start again. */
  readonly over: boolean;
  /** What its containers are given, by name. */
  allocated(container: string): ResourceRequirements;
  /** What there is to say of a change of that. */
  readonly resize: readonly Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[];
}

/** The types of conditions that are a kubelet's to write. */
export const ownConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'] as const;

/** Those that are there while a resize isn't done. */
export const resizeConditions = ['PodResizePending', 'PodResizeInProgress'] as const;

/**
 * The status of a pod.
 *
 * @param before what was written last: a condition that hasn't changed keeps its time
 * @param now RFC 3339, whole seconds
 */
export function podStatus(pod: Pod, view: PodView, before: PodStatus | undefined, now: string): PodStatus {
  const phase = phaseOf(pod, view);
  const generation = pod.metadata.generation;
  const conditions = [...view.resize, ...conditionsOf(pod, view, phase)].map((condition): Condition => {
    const old = before?.conditions?.find((each) => each.type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
    return { ...condition, ...(generation === undefined ? {} : { observedGeneration: generation }), lastProbeTime: null, lastTransitionTime };
  });
  const init = initContainersOf(pod);
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions,
    hostIP: view.hostIp,
    hostIPs: [{ ip: view.hostIp }],
    ...(view.podIp === undefined ? {} : { podIP: view.podIp, podIPs: [{ ip: view.podIp }] }),
    startTime: view.startTime,
    ...(init.length === 0 ? {} : { initContainerStatuses: init.map((each) => containerStatus(each, view.initContainers.get(each.name), view)) }),
    containerStatuses: containersOf(pod).map((each) => containerStatus(each, view.containers.get(each.name), view)),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  };
}

function phaseOf(pod: Pod, view: PodView): PodPhase {
  const views = containersOf(pod).map(({ name }) => view.containers.get(name));
  if (view.over) {
    const all = [...views, ...view.initContainers.values()];
    return views.length > 0 && all.every((each) => each?.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  if (!view.initialized) return 'Pending';
  // Waiting for the first time is Pending; waiting to run again is Running.
  const hasRun = (each: ContainerView | undefined): boolean => Boolean(each?.state.running ?? each?.state.terminated ?? each?.lastState.terminated);
  return views.every(hasRun) ? 'Running' : 'Pending';
}

function conditionsOf(pod: Pod, view: PodView, phase: PodPhase): Condition[] {
  const completed = phase === 'Succeeded' ? { reason: 'PodCompleted' } : phase === 'Failed' ? { reason: 'PodFailed' } : undefined;
  const notReady = containersOf(pod).map(({ name }) => name).filter((name) => !view.containers.get(name)?.ready);
  const ready = ((): Omit<Condition, 'type'> => {
    if (completed) return { status: 'False', ...completed };
    if (notReady.length === 0) return { status: 'True' };
    return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${notReady.join(' ')}]` };
  })();
  const incomplete = initContainersOf(pod).map(({ name }) => name).filter((name) => view.initContainers.get(name)?.state.terminated?.exitCode !== 0);
  const initialized = ((): Omit<Condition, 'type'> => {
    if (view.initialized || phase === 'Succeeded') return { status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) };
    return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` };
  })();
  return [
    { type: 'PodReadyToStartContainers', status: view.networkReady ? 'True' : 'False' },
    { type: 'Initialized', ...initialized },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
  ];
}

function containerStatus(spec: ContainerSpec, view: ContainerView | undefined, { initialized, over, allocated }: PodView): ContainerStatus {
  const waiting = { reason: initialized || over ? 'ContainerCreating' : 'PodInitializing' };
  const { state = { waiting }, lastState = {}, ready = false, restartCount = 0, imageId = '', started = false } = view ?? {};
  const containerID = view?.containerId;
  const { requests } = allocated(spec.name);
  return {
    ...{ name: spec.name, state, lastState, ready, restartCount, image: spec.image ?? '', imageID: imageId, ...(containerID ? { containerID } : {}), started },
    ...(requests ? { allocatedResources: requests } : {}),
    resources: view?.resources ?? allocated(spec.name),
  };
}

/** As the API server works it out at creation; for servers that leave it to the kubelet. */
function qosClassOf(pod: Pod): string {
  const all = [...containersOf(pod), ...initContainersOf(pod)];
  const given = all.map(({ resources = {} }) => resources);
  if (given.every(({ requests = {}, limits = {} }) => Object.keys({ ...requests, ...limits }).length === 0)) return 'BestEffort';
  const isGuaranteed = given.every(({ requests, limits }) =>
    ['cpu', 'memory'].every((name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name]),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

/** Whether a status in the API says what its kubelet says, in all that is the kubelet's to say. */
export function saysTheSame(theirs: PodStatus | undefined, own: PodStatus): boolean {
  if (theirs?.phase !== own.phase || (own.podIP !== undefined && theirs?.podIP !== own.podIP)) return false;
  const told = (status: PodStatus | undefined): string =>
    JSON.stringify(ownConditions.map((type) => status?.conditions?.find((each) => each.type === type)).map((each) => [each?.status, each?.reason ?? '']));
  const states = (status: PodStatus | undefined): string =>
    JSON.stringify((status?.containerStatuses ?? []).map((each) => [each.name, each.ready, each.restartCount, Object.keys(each.state ?? {})]));
  return told(theirs) === told(own) && states(theirs) === states(own);
}
