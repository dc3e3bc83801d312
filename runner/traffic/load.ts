import type { Scenario } from '../../scenarios/schema.ts';
import type { Clock } from '../clock.ts';
import type { Journal } from '../journal-file.ts';
import type { RunningStream } from '../probing.ts';
import type { World } from '../world.ts';
import { arrivalsAt } from './arrivals.ts';
import { Comparison } from './comparison.ts';
import { partsOf, type LoadPart } from './load-parts.ts';
import { startOpenLoop, type OpenLoopOptions } from './open-loop.ts';
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
 * came of its requests goes to the journal by the second. Copies for a shadow are sent at the same times by a loop and over
 * connections of their own, so that no answer of the second target keeps a request to the first one waiting.
 *
 * @returns ends them
 * @throws ExpectedError when a load can't be sent at all
 */
export async function startLoads(input: LoadsInput): Promise<() => Promise<void>> {
  const { scenario, world, clock } = input;
  const parts = Object.entries(scenario.load ?? {}).flatMap(([name, one]) => partsOf(name, one));
  if (parts.length === 0) return async () => {};
  const http = await world.http();
  const startAtMs = clock.now();
  const stops = parts.map((part) => {
    const { copy, spec } = part;
    if (!copy) {
      const only = startPart(input, part, { sender: http.sender(spec), startAtMs });
      return () => only.stop();
    }
    const comparison = new Comparison({ normalise: part.normalise, mask: world.mask });
    const first = startPart(input, part, { sender: http.sender(spec, true), startAtMs, settled: (n, _, answer) => comparison.settled('first', n, answer) });
    const second = startPart(input, part, { sender: http.sender(copy, true), startAtMs, settled: (n, _, answer) => comparison.settled('copy', n, answer) }, comparison);
    return async () => {
      await first.stop();
      await second.stop();
      recordCompared(input, part, comparison);
    };
  });
  return async () => {
    for (const stop of stops) await stop();
  };
}

/** @param comparison of copies: what it has found is written down with each window of theirs */
function startPart(
  input: LoadsInput,
  part: LoadPart,
  own: Pick<OpenLoopOptions, 'sender' | 'startAtMs' | 'settled'>,
  comparison?: Comparison,
): RunningStream {
  const { journal, clock, blind } = input;
  const { load, endpoint, perSecond, rampMs, timeoutMs } = part;
  return startOpenLoop({
    ...own,
    arrivals: arrivalsAt(perSecond, rampMs),
    // Windows that can be empty would say nothing.
    windowMs: Math.max(windowMs, 1_000 / perSecond),
    timeoutMs,
    clock,
    record: (window) => {
      const at = (ms: number): number => journal.runTime(ms);
      journal.append('load', { load, endpoint, ...(comparison ? { shadow: true } : {}), start: at(window.fromMs), end: at(window.endMs), requests: rawWindow(window, at) });
      if (comparison) recordCompared(input, part, comparison);
    },
    blind,
  });
}

function recordCompared({ journal }: LoadsInput, { load, endpoint }: LoadPart, comparison: Comparison): void {
  const compared = comparison.take();
  if (compared.same + compared.different + compared.unanswered > 0) journal.append('shadow', { load, endpoint, ...compared });
}
