import { createHash } from 'node:crypto';
import type { Scenario } from '../../scenarios/schema.ts';

/**
 * Stands for how a drill measures: what it breaks, what it watches and how often, and what each SLO is about, but not what it
 * allows, nor any words. Times of two runs with the same one can be compared.
 *
 * @returns twelve hexadecimal digits
 */
export function measureOf({ probes, load, baseline, faults, slos, recovery }: Scenario): string {
  const what = slos.map(({ name, probe, from, during, latency }) => ({ name, probe, from, during, parts: latency && Object.keys(latency).sort() }));
  const measured = { probes, load, baseline: baseline.for, faults, slos: what, stableFor: recovery.stableFor };
  return createHash('sha256').update(JSON.stringify(sorted(measured))).digest('hex').slice(0, 12);
}

/** The same text for the same value, however its keys came to stand. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, sorted(own)]));
}
