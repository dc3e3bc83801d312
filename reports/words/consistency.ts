import type { JudgedConsistency } from '../../runner/consistency/judge-recorded.ts';
import type { Counterexample } from '../../runner/consistency/verdict.ts';
import type { JudgedRun } from '../../runner/verdict.ts';
import { counted } from './lists.ts';
import { length } from './times.ts';

/** What was found of a probe's history and what recording it has cost the cluster, each in one sentence. */
export function consistencyInWords({ findings, cost }: JudgedConsistency): { readonly verdict: string; readonly cost: string | null } {
  const told = findings.filter(({ verdict }) => verdict !== 'held');
  const verdict = told.length === 0 ? `no lie: ${counted(findings.length, 'check')} held` : told.map(({ check, verdict: value, says }) => `${check} ${value}: ${says}`).join('; ');
  if (!cost) return { verdict, cost: null };
  const { operations, ok, failed, ambiguous, writesPerSecond, operationsPerSecond, latency, writes } = cost;
  const took = latency ? `; answers took ${length(latency.p50)} (p50), ${length(latency.p99)} (p99)` : '';
  const added = writes ? `; a write took ${length(writes.aloneMs)} before, ${length(writes.besideMs)} beside it until the first fault (p50)` : '';
  return { verdict, cost: `${counted(operations, 'operation')} (${ok} ok, ${failed} failed, ${ambiguous} without an answer), ${operationsPerSecond}/s, of them ${writesPerSecond} writes/s${took}${added}` };
}

/** The counterexamples of a run, with what they belong to. */
export function counterexamples(run: JudgedRun): readonly { readonly probe: string; readonly check: string; readonly shown: Counterexample }[] {
  return (run.consistency ?? []).flatMap(({ probe, findings }) => findings.flatMap(({ check, counterexample }) => (counterexample ? [{ probe, check, shown: counterexample }] : [])));
}

/** The few operations of a counterexample, a line each. */
export function operationLines({ operations }: Counterexample): readonly string[] {
  return operations.map(({ client, callMs, returnMs, text, impossible, line }) => {
    const when = returnMs === null ? `${callMs} …` : `${callMs} … ${returnMs}`;
    return `${impossible ? '>' : ' '} client ${client}  ${when}  ${text}${line > 0 ? `  (line ${line})` : ''}`;
  });
}
