import { seeded, type Rng } from '../../../runner/rng.ts';
import { slowDowns, type Sample } from '../../../runner/statistics/slow-down.ts';

/** A gate as the simulation has it: so many objectives are compared, each with so many runs now and before. */
export interface SimulatedGate {
  readonly objectives: number;
  readonly now: number;
  readonly before: number;
  /** How many times slower the first objective has become; 1 when nothing has changed. */
  readonly slower: number;
  readonly tolerated: number;
  /** How much wider than {@link noise} the times scatter. */
  readonly wider?: number;
}

/** Recovery times are told by probes, in steps: of a second and more these are 50 ms, and make ties. */
const stepMs = 50;
const stragglers = { share: 0.03, times: 1.3 };
const spread = { own: 0.07, ofRun: 0.05 };

/**
 * What one run makes of a recovery time: log-normal (skewed to the long side) with 8.6 %, a part of which all objectives of a
 * run share, and in three of a hundred something that takes 30 % longer. Together the standard deviation is some 10 %.
 */
function noise(rng: Rng, ofRun: number, wider: number): number {
  const late = rng.next() < stragglers.share ? stragglers.times : 1;
  return Math.exp(wider * (spread.own * normal(rng) + spread.ofRun * ofRun)) * late;
}

/** Box and Muller's way to a number of the standard normal distribution. */
function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

function samples(rng: Rng, runs: number, gate: SimulatedGate, slower: number): Sample[] {
  const values = Array.from({ length: gate.objectives }, () => [] as number[]);
  for (let run = 0; run < runs; run++) {
    const ofRun = normal(rng);
    for (const [index, list] of values.entries()) {
      const timeMs = 1_000 * (1 + (index % 5)) * (index === 0 ? slower : 1) * noise(rng, ofRun, gate.wider ?? 1);
      list.push(Math.round(timeMs / stepMs) * stepMs);
    }
  }
  return values.map((list) => ({ values: list, plusMinusMs: stepMs / 2 }));
}

/** Runs many gates. @returns the share of those that called something slower, and of those that called the first so */
export function simulate(gate: SimulatedGate, { gates, seed }: { gates: number; seed: number }): { any: number; first: number } {
  const rng = seeded(seed);
  let [any, first] = [0, 0];
  for (let trial = 0; trial < gates; trial++) {
    const before = samples(rng, gate.before, gate, 1);
    const now = samples(rng, gate.now, gate, gate.slower);
    const found = slowDowns(now.map((sample, index) => ({ now: sample, before: before[index]!, tolerated: gate.tolerated })));
    if (found.some(({ slower }) => slower)) any += 1;
    if (found[0]!.slower) first += 1;
  }
  return { any: any / gates, first: first / gates };
}

/** The standard deviation of the noise, as a part of the mean. */
export function noiseOf(wider = 1): number {
  const rng = seeded(1);
  const drawn = Array.from({ length: 20_000 }, () => noise(rng, normal(rng), wider));
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  return Math.sqrt(drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / drawn.length) / mean;
}
