import type { Scenario } from '../../scenarios/schema.ts';

/** A loaded drill with one probe, one fault and one SLO; times in milliseconds. */
export function sampleScenario(overrides: Partial<Scenario> = {}): Scenario {
  return {
    name: 'drill',
    title: 'A drill',
    why: 'To see.',
    tags: [],
    parameters: {},
    probes: { p: { kind: 'any', every: 100, timeout: 1_000 } },
    baseline: { for: 1_000, within: 5_000 },
    faults: [{ id: 'f', kind: 'instance-terminate' }],
    slos: [{ name: 's', probe: 'p', always: true }],
    abort: [],
    limits: { quorumLoss: 'refuse' },
    recovery: { timeout: 60_000, stableFor: 1_000 },
    ...overrides,
  };
}
