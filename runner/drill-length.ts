import type { FaultSpec, Scenario } from '../scenarios/schema.ts';
import type { PlannedFault } from './plan.ts';

type Drill = Pick<Scenario, 'baseline' | 'faults' | 'recovery'>;

/**
 * The longest that a drill may take from before its baseline to the end of its recovery, in milliseconds: every wait as
 * long as it is allowed to be. Calls that break and undo, seconds as a rule, are not in it.
 */
export function longestDrillMs({ baseline, faults: specs, recovery }: Drill, faults: readonly PlannedFault[]): number {
  const plannedAs = new Map(faults.map((fault) => [fault.id, fault]));
  const injectedMs = (spec: FaultSpec): number => {
    const before = spec.after === undefined ? undefined : specs.find(({ id }) => id === spec.after);
    return (before ? injectedMs(before) : 0) + (spec.at ?? 0) + injectionMs(plannedAs.get(spec.id), recovery);
  };
  return baseline.within + Math.max(0, ...specs.map((spec) => injectedMs(spec) + (spec.for ?? 0))) + recovery.timeout;
}

/** The longest from right before the injection of one fault to the end of the recovery from it, in milliseconds. */
export function longestFaultMs(spec: Pick<FaultSpec, 'for'>, fault: PlannedFault, recovery: Drill['recovery']): number {
  return injectionMs(fault, recovery) + (spec.for ?? 0) + recovery.timeout;
}

/** Between two targets of a rolling fault everything has to be whole again. */
function injectionMs(fault: PlannedFault | undefined, recovery: Drill['recovery']): number {
  if (!fault) return 0;
  return (fault.waitsMs ?? 0) + (fault.rolling ? Math.max(0, fault.targets.length - 1) * recovery.timeout : 0);
}
