import { startProber, type ProbeKind } from '../prober.ts';
import { runExec } from '../runtime/exec-process.ts';
import { graceOf } from '../spec.ts';
import type { ContainerParts, Run } from './host.ts';

const slowStartMs = 30_000;

/**
 * Asks a container that has just started whether it is ready, alive, and done with starting, as its spec says, until stopped.
 *
 * @param end asks the run to end, within a grace in seconds
 */
export function startProbers(parts: ContainerParts, { inside }: Run, end: (graceSeconds: number) => Promise<void>): { stop(): void }[] {
  const { spec, host, view, current, tell, show } = parts;
  const { context } = host;
  const { readinessProbe, livenessProbe, startupProbe } = spec;
  const isSlow = context.sabotage.isOn('slow-start');
  const slowUntilMs = performance.now() + slowStartMs;
  let passes = readinessProbe === undefined && startupProbe === undefined;
  const settle = (): void => {
    const held = isSlow && context.sabotage.isOn('slow-start') && performance.now() < slowUntilMs;
    const ready = passes && view.started && current() !== undefined && !held;
    if (ready !== view.ready) show({ ready });
  };
  const target = {
    address: host.address,
    container: spec,
    exec: (command: readonly string[], timeoutMs: number) => {
      const first = current()?.process.first();
      if (first === undefined) return Promise.resolve({ code: -1, output: 'container not running' });
      return runExec({ first, ...inside, argv: command, tty: false }, timeoutMs);
    },
  };
  const unhealthy = (kind: ProbeKind) => (why: string) => tell('Warning', 'Unhealthy', `${kind} probe failed: ${why}`);
  const mustRestart = (kind: ProbeKind): void => {
    tell('Normal', 'Killing', `Container ${spec.name} failed ${kind.toLowerCase()} probe, will be restarted`);
    end(kind === 'Liveness' ? (livenessProbe?.terminationGracePeriodSeconds ?? graceOf(host.pod())) : graceOf(host.pod())).catch((error: unknown) => context.log(String(error)));
  };
  const probers: { stop(): void }[] = [];
  const begin = (kind: ProbeKind, probe: typeof readinessProbe, decided: (good: boolean) => void): void => {
    if (probe === undefined) return;
    probers.push(startProber({ kind, probe, target, decided, failed: unhealthy(kind), isWaiting: () => kind !== 'Startup' && !view.started }));
  };
  begin('Startup', startupProbe, (good) => {
    if (!good) return mustRestart('Startup');
    if (readinessProbe === undefined) passes = true;
    // Asked no more once it has succeeded.
    probers[0]?.stop();
    show({ started: true });
    settle();
  });
  begin('Readiness', readinessProbe, (good) => {
    passes = good;
    settle();
  });
  begin('Liveness', livenessProbe, (good) => {
    if (!good) mustRestart('Liveness');
  });
  settle();
  const ticking = isSlow ? setInterval(settle, 500) : undefined;
  return [...probers, { stop: () => clearInterval(ticking) }];
}
