import type { ContainerState, ContainerStatus, ResourceRequirements } from '../../objects.ts';

/** What a status tells of a container. */
export interface ContainerView {
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  started: boolean;
  restartCount: number;
  imageId: string;
  containerId: string | undefined;
  /** What its newest run is held to; undefined before the first. */
  resources: ResourceRequirements | undefined;
}

/** How long a status shows the end of a run, or of a pull, before it shows that the next one has to wait. */
export const shownEndedMs = 1_000;

export const rfc3339 = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

/** A run under a kubelet that is gone ended with it, and nobody saw how. */
export function firstView(before: ContainerStatus | undefined): ContainerView {
  const hasRun = before?.containerID !== undefined;
  const lost = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the kubelet was started' };
  const { running, terminated } = before?.state ?? {};
  const ended = terminated ?? (running ? { ...lost, startedAt: running.startedAt ?? '', finishedAt: rfc3339() } : undefined);
  return {
    state: { waiting: { reason: 'ContainerCreating' } },
    lastState: hasRun && ended ? { terminated: ended } : {},
    ready: false,
    started: false,
    restartCount: hasRun ? before.restartCount + 1 : 0,
    imageId: '',
    containerId: undefined,
    resources: undefined,
  };
}
