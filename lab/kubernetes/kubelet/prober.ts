import type { Probe } from '../objects.ts';
import { ask, type ProbeTarget } from './probe.ts';

export type ProbeKind = 'Readiness' | 'Liveness' | 'Startup';

export interface ProberOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly target: ProbeTarget;
  /** The probe's opinion has changed, or for liveness and startup: it has failed for good. */
  readonly decided: (good: boolean) => void;
  /** One question failed. */
  readonly failed: (why: string) => void;
  /** It is not asked while this says so: liveness and readiness wait for startup. */
  readonly isWaiting: () => boolean;
}

/** Asks a container again and again from its start on, until stopped. */
export function startProber({ kind, probe, target, decided, failed, isWaiting }: ProberOptions): { stop(): void } {
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  const successThreshold = probe.successThreshold ?? 1;
  const failureThreshold = probe.failureThreshold ?? 3;
  let opinion = kind === 'Liveness';
  let streak = 0;
  let wasGood: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function round(): Promise<void> {
    const startedMs = performance.now();
    if (!isWaiting()) {
      const { good, why } = await ask(probe, target);
      if (stopped) return;
      streak = good === wasGood ? streak + 1 : 1;
      wasGood = good;
      if (!good) failed(why);
      if (streak >= (good ? successThreshold : failureThreshold) && (good !== opinion || (!good && kind !== 'Readiness' && streak === failureThreshold))) {
        opinion = good;
        decided(good);
      }
    }
    if (!stopped) timer = setTimeout(() => void round(), isWaiting() ? 100 : Math.max(periodMs - (performance.now() - startedMs), 10));
  }
  timer = setTimeout(() => void round(), (probe.initialDelaySeconds ?? 0) * 1000);

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
