import type { History, StreamHistory } from './history.ts';
import type { Observation } from './outages.ts';
import { failedIn } from './traffic/window-value.ts';
import type { JudgedObservation } from './verdict.ts';

/** All answers of all streams, in the order in which they were asked; made as they are read, as there may be millions. */
export function observationsOf({ probes }: Pick<History, 'probes'>): Iterable<JudgedObservation> {
  return {
    *[Symbol.iterator]() {
      const streams = probes.flatMap((probe) => probe.streams.map((stream) => ({ probe: probe.name, name: stream.name, observations: stream.observations.toArray(), requests: stream.requests, next: 0 })));
      for (;;) {
        let first: (typeof streams)[number] | undefined;
        let firstMs = Infinity;
        for (const one of streams) {
          const startMs = one.observations[one.next]?.start ?? Infinity;
          if (startMs < firstMs) [first, firstMs] = [one, startMs];
        }
        if (!first) return;
        yield observed(first.probe, first, first.next);
        first.next += 1;
      }
    },
  };
}

function observed(probe: string, { name, observations, requests }: { observations: readonly Observation[] } & Pick<StreamHistory, 'name' | 'requests'>, index: number): JudgedObservation {
  const { start, end, value, why } = observations[index]!;
  // Windows and observations are both by time; one that was cut off before its requests were told has no window.
  const window = requests?.windows.length === observations.length ? requests.windows[index] : undefined;
  const one = { probe, stream: name, fromMs: window?.fromMs ?? start, toMs: end, value, why };
  return window ? { ...one, requests: { ok: window.ok, failed: failedIn(window), unknown: window.unknown } } : one;
}
