import type { Plan } from '../runner/plan.ts';

/** What `firedrill plan --json` prints. */
export interface PrintedPlan {
  readonly hash: string;
  readonly plan: Plan;
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Undefined where it had nothing to print, or was cut off. */
export function readPrintedPlan(text: string): PrintedPlan | undefined {
  try {
    return JSON.parse(text) as PrintedPlan;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
