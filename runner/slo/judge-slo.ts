import { sloForms, type SloForm, type SloWindow } from '../../scenarios/schema.ts';
import type { JudgedSlo } from '../verdict.ts';
import { judgeAvailability } from './availability.ts';
import { judgeConsistent } from './consistent.ts';
import { judgeErrorBudget } from './error-budget.ts';
import type { Finding, SloInput, Window } from './finding.ts';
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
  consistent: judgeConsistent,
};

const inPart: Record<SloWindow, string> = { fault: ' during the fault', recovery: ' during recovery', all: '' };

/**
 * Judges one SLO on what its probe saw. An SLO that can't be judged is inconclusive, with the reason.
 *
 * @param input its window is null when the run has not the part that the SLO is about
 */
export function judgeSlo({ window, ...input }: Omit<SloInput, 'window'> & { readonly window: Window | null }): JudgedSlo {
  const { slo } = input;
  const form = sloForms.find((one) => slo[one] !== undefined)!;
  const { name, probe } = slo;
  const found = judges[form]({ ...input, window: window ?? { fromMs: 0, toMs: 0 } });
  const finding = { ...found, objective: `${found.objective}${inPart[slo.during ?? 'all']}` };
  if (input.faults.length > 0 && window) return { name, probe, form, slo, ...finding, part: window };
  const reason = input.faults.length > 0 ? 'there was no time after the fault: it was not seen to be over before the run was' : 'no fault was injected';
  const { objective } = finding;
  return { name, probe, form, slo, verdict: 'inconclusive', objective, measured: 'nothing', margin: '', used: null, reason };
}
