import type { KubeObject, Loose } from '../object.ts';
import { since } from './duration.ts';

/** What `kubectl get pods` shows of a Pod: the state of its containers in one word. */
export interface PodSummary {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

export function summarizePod({ metadata, spec, status = {} }: KubeObject): PodSummary {
  const containers: Loose[] = status.containerStatuses ?? [];
  const initializing = initReason(spec, status);
  let reason: string = status.reason || status.phase || '';
  let restarts = 0;
  let lastRestart = '';
  const counted: Loose[] = initializing ? (status.initContainerStatuses ?? []) : containers;
  for (const container of counted) {
    restarts += container.restartCount ?? 0;
    const finishedAt: string = container.lastState?.terminated?.finishedAt ?? '';
    if (finishedAt > lastRestart) lastRestart = finishedAt;
  }
  if (initializing) reason = initializing;
  else {
    let running = false;
    for (const { state = {}, ready } of containers.toReversed()) {
      if (state.waiting?.reason) reason = state.waiting.reason;
      else if (state.terminated) reason = terminatedReason(state.terminated);
      else if (ready && state.running) running = true;
    }
    if (reason === 'Completed' && running) reason = isReady(status) ? 'Running' : 'NotReady';
  }
  if (metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (!['Failed', 'Succeeded'].includes(status.phase)) reason = 'Terminating';
  }
  const readyCount = containers.filter(({ ready, state }) => ready && state?.running).length;
  return {
    ready: `${readyCount}/${spec?.containers?.length ?? 0}`,
    status: reason,
    restarts: restarts > 0 && lastRestart !== '' ? `${restarts} (${since(lastRestart)} ago)` : String(restarts),
  };
}

const ends: Readonly<Record<string, string>> = { Succeeded: 'The pod has completed successfully.', Failed: 'The pod failed.' };

/** What a Pod's row says of one that has ended, for clients that leave such out. */
export function podConditions({ status }: KubeObject): { readonly conditions?: readonly object[] } {
  const message = ends[status?.phase];
  return message === undefined ? {} : { conditions: [{ type: 'Completed', status: 'True', reason: status.phase, message }] };
}

function isReady(status: Loose): boolean {
  return (status.conditions ?? []).some((condition: Loose) => condition.type === 'Ready' && condition.status === 'True');
}

function initReason(spec: Loose, status: Loose): string | undefined {
  const total = spec?.initContainers?.length ?? 0;
  for (const [at, { state = {}, started }] of ((status.initContainerStatuses ?? []) as Loose[]).entries()) {
    if (state.terminated?.exitCode === 0 || started) continue;
    if (state.terminated) return `Init:${terminatedReason(state.terminated)}`;
    if (state.waiting?.reason && state.waiting.reason !== 'PodInitializing') return `Init:${state.waiting.reason}`;
    return `Init:${at}/${total}`;
  }
  return undefined;
}

function terminatedReason({ reason, signal, exitCode }: Loose): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}
