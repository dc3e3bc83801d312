import { sloForms, type SloForm } from '../../scenarios/schema.ts';
import type { JudgedSlo } from '../verdict.ts';
import { judgeAvailability } from './availability.ts';
import { judgeErrorBudget } from './error-budget.ts';
import type { Finding, SloInput } from './finding.ts';
import { judgeLatency } from './latency.ts';
import { judgeLongestOutage } from './longest-outage.ts';
import { judgeAlways, judgeNever } from './presence.ts';
import { judgeRecovery } from './recovers-within.ts';

const judges: Record<SloForm, (input: SloInput) => Finding> = {
  always: judgeAlways,
  never: judgeNever,
  availability: judgeAvailability,
  longestOutage: judgeLongestOutage,
  recoversWithin: judgeRecovery,
  latency: judgeLatency,
  errorBudget: judgeErrorBudget,
};

/** Judges one SLO on what its probe saw. An SLO that can't be judged is inconclusive, with the reason. */
export function judgeSlo(input: SloInput): JudgedSlo {
  const { slo } = input;
  const form = sloForms.find((one) => slo[one] !== undefined)!;
  const { name, probe } = slo;
  const finding = judges[form](input);
  if (input.faults.length > 0) return { name, probe, form, slo, ...finding };
  const reason = 'no fault was injected';
  const { objective } = finding;
  return { name, probe, form, slo, verdict: 'inconclusive', objective, measured: 'nothing', margin: '', used: null, reason };
}
