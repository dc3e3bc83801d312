import type { Scenario } from '../scenarios/schema.ts';
import { hashOf } from './canonical.ts';
import type { Environment } from './environment.ts';
import type { Identity } from './identity.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { platformKey } from './platform-key.ts';

/** Of a hash, in its text. */
const digits = 16;

export interface Fingerprinted {
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly identity: Identity;
  readonly plan: Plan;
  readonly seed: number;
}

/**
 * Stands for what a drill would hit and how: the drill as it was resolved, whose platform it is, and each fault's targets
 * and originals. It begins with the seed, so that the same targets can be drawn again.
 *
 * @returns `<seed>-<16 hexadecimal digits>`
 */
export function fingerprint({ scenario, environment, identity, plan, seed }: Fingerprinted): string {
  const { title: _title, why: _why, ...drill } = scenario;
  return `${seed}-${hashOf([drill, platformKey(environment), identity, plan.zones, plan.faults.map(essence)], digits)}`;
}

/** The seed of a fingerprint; undefined when it is none. */
export function seedOf(print: string): number | undefined {
  const seed = Number(/^(\d{1,10})-[0-9a-f]{16}$/.exec(print)?.[1]);
  return Number.isInteger(seed) && seed < 2 ** 32 ? seed : undefined;
}

/** Whether a fault that was planned again is what it was: the same things, in the same way, to be put back to the same. */
export function isSameFault(one: PlannedFault, other: PlannedFault): boolean {
  return hashOf(essence(one), digits) === hashOf(essence(other), digits);
}

/** What is told about targets besides who they are may change at any time: the zone's leader, a pod's node's name. */
function essence({ id, kind, targets, undo, settings }: PlannedFault): unknown {
  return [id, kind, targets.map((target) => [target.kind, target.id, target.name, target.namespace].join(' ')).sort(), undo, settings ?? null];
}
