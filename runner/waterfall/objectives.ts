import { faultBar, recoveryEndMs, type FaultHistory } from '../history.ts';
import { recoveryOf } from '../slo/recovers-within.ts';
import { windowOf } from '../slo/finding.ts';
import { notSeen, type Step, type WaterfallInput } from './steps.ts';

/** When all that the drill's objectives are about was well again: every probe that one of them names. */
export function sloMet(fault: FaultHistory, input: WaterfallInput): Step[] {
  const { scenario } = input.started;
  const begun = faultBar(fault);
  const since = { fromMs: begun.min, toMs: recoveryEndMs(fault, input.faults, windowOf(input).toMs) };
  const step = 'SLO met';
  const found = scenario.slos.flatMap((slo) => {
    const probe = slo.never === undefined ? input.probes.find(({ name }) => name === slo.probe) : undefined;
    return probe ? [{ slo, recovery: recoveryOf(probe, since, scenario.recovery.stableFor) }] : [];
  });
  if (found.length === 0) return [];
  const open = found.find(({ recovery }) => recovery === null || recovery.at.max === Infinity);
  if (open) return [{ step, at: null, source: 'probes', note: `${notSeen}: ${open.slo.name}` }];
  const wrong = found.filter(({ recovery }) => recovery!.wasBad);
  if (wrong.length === 0) return [{ step, at: begun, source: 'probes', note: 'nothing that an SLO is about ever went bad' }];
  const last = wrong.reduce((a, b) => (b.recovery!.at.max > a.recovery!.at.max ? b : a));
  const at = { min: Math.max(begun.min, ...wrong.map(({ recovery }) => recovery!.at.min)), max: last.recovery!.at.max };
  return [{ step, at, source: `probe ${last.slo.probe}`, note: `last of all: ${last.slo.name}` }];
}
