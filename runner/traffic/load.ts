import type { Scenario } from '../../scenarios/schema.ts';
import type { Load } from '../../scenarios/traffic.ts';
import type { Clock } from '../clock.ts';
import type { Journal } from '../journal-file.ts';
import type { World } from '../world.ts';
import { arrivalsAt } from './arrivals.ts';
import { startOpenLoop } from './open-loop.ts';
import { rawWindow } from './raw-window.ts';

/** A load is not judged: coarse windows are enough for it. */
const windowMs = 1_000;

export interface LoadsInput {
  readonly scenario: Pick<Scenario, 'load'>;
  readonly world: World;
  readonly journal: Journal;
  readonly clock: Clock;
  /** As that of the probes. */
  blind(fromMs: number, toMs: number): void;
}

/**
 * Starts the background loads of a drill. Each endpoint has its part of the rate, by weight, at constant distances; what
 * came of its requests goes to the journal by the second.
 *
 * @returns ends them
 * @throws ExpectedError when a load can't be sent at all
 */
export async function startLoads({ scenario: { load = {} }, world, journal, clock, blind }: LoadsInput): Promise<() => Promise<void>> {
  const parts = Object.entries(load).flatMap(([name, one]) => partsOf(name, one));
  if (parts.length === 0) return async () => {};
  const http = await world.http();
  const startAtMs = clock.now();
  const running = parts.map(({ load: name, endpoint, spec, perSecond, rampMs, timeoutMs }) =>
    startOpenLoop({
      sender: http.sender(spec),
      arrivals: arrivalsAt(perSecond, rampMs),
      startAtMs,
      // Windows that can be empty would say nothing.
      windowMs: Math.max(windowMs, 1_000 / perSecond),
      timeoutMs,
      clock,
      record: (window) => {
        const at = (ms: number): number => journal.runTime(ms);
        journal.append('load', { load: name, endpoint, start: at(window.fromMs), end: at(window.endMs), requests: rawWindow(window, at) });
      },
      blind,
    }),
  );
  return async () => {
    for (const one of running) await one.stop();
  };
}

function partsOf(load: string, { rate, ramp = 0, timeout, endpoints }: Load) {
  const weights = Object.values(endpoints).reduce((sum, { weight }) => sum + weight, 0);
  return Object.entries(endpoints).map(([endpoint, { weight, ...spec }]) => ({
    load,
    endpoint,
    spec,
    perSecond: (rate * weight) / weights,
    rampMs: ramp,
    timeoutMs: timeout,
  }));
}
