import type { Scenario } from '../../scenarios/schema.ts';
import { hashOf } from '../canonical.ts';

/**
 * Stands for how a drill measures: what it breaks, what it watches and how often, and what each SLO is about, but not what it
 * allows, nor any words. Times of two runs with the same one can be compared.
 *
 * @returns twelve hexadecimal digits
 */
export function measureOf({ probes, load, baseline, faults, slos, recovery }: Scenario): string {
  const what = slos.map(({ name, probe, from, during, latency }) => ({ name, probe, from, during, parts: latency && Object.keys(latency).sort() }));
  const measured = { probes, load, baseline: baseline.for, faults, slos: what, stableFor: recovery.stableFor };
  return hashOf(measured, 12);
}
