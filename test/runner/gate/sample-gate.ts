import type { EndedRun, GateDrill, GateResult } from '../../../runner/gate/result.ts';
import type { JudgedRun } from '../../../runner/verdict.ts';
import { heldRun } from '../../reports/sample-runs.ts';

/** A drill of a gate, in the environment of the command line, once. */
export function gateDrill(id: string, changes: Partial<GateDrill> = {}): GateDrill {
  return {
    id, name: id, title: `Drill ${id}`, tags: [], repeat: 1, slower: 0.1, after: [], beside: [], environment: null, measure: 'm',
    place: { file: 'suite.yaml', line: 3 }, slos: [], ...changes,
  };
}

/** A run of a drill that ended with a code; without a journal unless one is given. */
export function endedRun(drill: GateDrill, exitCode: number, changes: Partial<EndedRun> = {}): EndedRun {
  return {
    drill, round: 1, run: `20260101T000000Z-${drill.name}-cafe`, exitCode, startedAt: '2026-01-01T00:00:00.000Z', tookMs: 1_000, judged: null,
    lastWords: exitCode === 0 ? '' : 'the last it said', ...changes,
  };
}

/** A judged run whose SLO `writes are back` took so long to recover, in milliseconds, give or take 10. */
export function judgedRun(recoveryMs: number, changes: { slo?: string; environment?: string } = {}): JudgedRun {
  const [slo] = heldRun.slos;
  const times = [{ of: 'recovery', length: { min: recoveryMs - 10, max: recoveryMs + 10 }, bestMs: recoveryMs }];
  const { enter: _, ...environment } = { ...heldRun.environment, name: changes.environment ?? 'staging' };
  return { ...heldRun, environment, slos: [{ ...slo!, name: changes.slo ?? 'writes are back', times }] };
}

export function gateResult(changes: Partial<GateResult> = {}): GateResult {
  return {
    schemaVersion: 1, gate: '20260101T000000Z-gate-cafe', suite: 'before-a-change', firedrillVersion: '0.1.0', startedAt: '2026-01-01T00:00:00.000Z',
    tookMs: 65_000, exitCode: 0, headline: 'All 2 runs held', runs: [], notRun: [], notWhole: [], comparison: null, ...changes,
  };
}
