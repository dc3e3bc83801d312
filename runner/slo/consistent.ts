import type { JudgedConsistency } from '../consistency/judge-recorded.ts';
import { notMeasured, type Finding, type SloInput } from './finding.ts';
import { count } from './words.ts';

const objective = 'no lie';

/**
 * `consistent`: the history that the probe has recorded holds all checks, over the whole run. One that can't be told makes it
 * inconclusive.
 */
export function judgeConsistent({ probe, consistency }: SloInput): Finding {
  if (!consistency) return notMeasured(objective, `${probe.name} has recorded no history, or it was cut short`);
  const broken = consistency.findings.filter(({ verdict }) => verdict === 'broken');
  const first = broken[0];
  if (first) {
    const reason = first.counterexample?.says ?? first.says;
    return { verdict: 'broken', objective, measured: first.says, margin: broken.length > 1 ? `and ${broken.slice(1).map(({ check }) => check).join(', ')}` : '', used: 1 + broken.length, reason };
  }
  const unknown = consistency.findings.find(({ verdict }) => verdict === 'unknown');
  const measured = measuredIn(consistency);
  if (unknown) return { verdict: 'inconclusive', objective, measured, margin: '', used: null, reason: `${unknown.check} can't be told: ${unknown.says}` };
  return { verdict: 'held', objective, measured, margin: '', used: 0, reason: consistency.findings.map(({ says }) => says).join('; ') };
}

function measuredIn({ cost }: JudgedConsistency): string {
  return cost ? `no lie in ${count(cost.operations, 'operation')}` : 'nothing';
}
