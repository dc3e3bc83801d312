import type { FaultSpec, Scenario } from '../scenarios/schema.ts';
import type { Environment } from './environment.ts';

const minuteMs = 60_000;

/**
 * How long a fault that can be undone may last: its `for`, or else the drill's `recovery.timeout`, and never longer than
 * the environment's `maxFaultMinutes`.
 *
 * @returns milliseconds from its injection on
 */
export function lastsAtMost(spec: Pick<FaultSpec, 'for'> | undefined, { recovery }: Pick<Scenario, 'recovery'>, { maxFaultMinutes }: Pick<Environment, 'maxFaultMinutes'>): number {
  return Math.min(spec?.for ?? recovery.timeout, maxFaultMinutes === undefined ? Infinity : maxFaultMinutes * minuteMs);
}
