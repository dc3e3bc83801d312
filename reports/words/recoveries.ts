import type { Recovery } from '../../runner/verdict.ts';
import { calledOf } from './targets.ts';
import { length, middle, withError } from './times.ts';

/** What the target of a recovery is called. */
export function recoveryName({ target, zone, node }: Recovery): string {
  return calledOf({ name: target, zone, ...(node === undefined ? {} : { kind: 'instance', node }) });
}

/** How long a target was away, or that it stays away; null when what had to come was not seen to. */
export function awayFor({ whole, forGood }: Recovery): string | null {
  if (whole === null) return null;
  if (forGood !== undefined) return `gone for good after ${withError(whole)}: ${forGood}`;
  return whole.max === 0 ? 'was never away' : `back after ${withError(whole)}`;
}

/** What is said of a target in place of {@link awayFor}, when there is nothing to say. */
export function unseenWay({ forGood }: Recovery): string {
  return forGood === undefined ? notBack : `not seen to go, and nothing comes in its place: ${forGood}`;
}

export const notBack = 'not seen to come back';

/**
 * The step that took most of a recovery, such as `new instance running (2.65 s, 59 % of the way)`: the share is of the time
 * from the fault to the last of its own steps that was seen. Null when no step took any time.
 */
export function criticalPath({ steps, slowest }: Recovery): string | null {
  const step = steps.find((one) => one.step === slowest);
  if (!step || step.tookMs === null) return null;
  const seen = steps.flatMap(({ step: what, at }) => (at && what !== 'SLO met' ? [middle(at)] : []));
  const allMs = Math.max(...seen) - Math.min(...seen);
  const share = Number.isFinite(step.tookMs) && Number.isFinite(allMs) && allMs > 0 ? `, ${Math.round((step.tookMs / allMs) * 100)} % of the way` : '';
  return `${step.step} (${length(step.tookMs)}${share})`;
}
