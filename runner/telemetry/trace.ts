import type { JudgedFault, JudgedRun } from '../verdict.ts';

export type Attributes = Readonly<Record<string, string | number | boolean | string[]>>;

/** A span before an SDK makes it one. Times are UTC, in milliseconds since 1970, with fractions. */
export interface SpanOf {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly atMs: number; readonly attributes: Attributes }[];
  readonly failed?: string;
  readonly children: readonly SpanOf[];
}

/**
 * A run as a trace, with the times of its journal: the run, in it its phases and its faults, in each fault its undo. What was
 * judged of each SLO is an event at its end.
 */
export function traceOf(run: JudgedRun): SpanOf {
  const originMs = Date.parse(run.run.startedAt) - run.run.startMs;
  const wallMs = (atMs: number): number => originMs + atMs;
  const endMs = wallMs(run.run.endMs);
  const { id, drill, title, seed, outcome } = run.run;
  return {
    name: `drill ${drill}`,
    fromMs: wallMs(run.run.startMs),
    toMs: endMs,
    attributes: {
      'firedrill.run': id,
      'firedrill.drill': drill,
      'firedrill.title': title,
      'firedrill.environment': run.environment.name,
      'firedrill.seed': seed,
      'firedrill.outcome': outcome ?? 'none',
      'firedrill.verdict': run.verdict.value,
      'firedrill.exit_code': run.verdict.exitCode,
      'firedrill.headline': run.verdict.headline,
    },
    events: run.slos.map((slo) => ({
      name: 'slo',
      atMs: endMs,
      attributes: {
        'firedrill.slo': slo.name,
        'firedrill.probe': slo.probe,
        'firedrill.verdict': slo.verdict,
        'firedrill.objective': slo.objective,
        'firedrill.measured': slo.measured,
      },
    })),
    ...(run.verdict.value === 'broken' ? { failed: run.verdict.headline } : {}),
    children: [
      ...run.phases.map(({ phase, fromMs, toMs }) => ({ name: `phase ${phase}`, fromMs: wallMs(fromMs), toMs: wallMs(toMs), attributes: { 'firedrill.phase': phase }, events: [], children: [] })),
      ...run.faults.map((fault) => faultSpan(run, fault, wallMs)),
    ],
  };
}

/** From its intent until it was undone; until it was injected where nothing is to be undone; until the run's end while it is open. */
function faultSpan(run: JudgedRun, fault: JudgedFault, wallMs: (atMs: number) => number): SpanOf {
  const { id, kind, says, targets, intentMs, injectedMs, undone, error, open } = fault;
  const endMs = undone?.atMs ?? (open ? run.run.endMs : (injectedMs ?? intentMs));
  const failed = error ?? (undone && !undone.verified ? undone.said : undefined);
  return {
    name: `fault ${id}`,
    fromMs: wallMs(intentMs),
    toMs: wallMs(endMs),
    attributes: { 'firedrill.fault': id, 'firedrill.kind': kind, 'firedrill.says': says, 'firedrill.targets': targets.map((target) => target.name), 'firedrill.open': open },
    events: injectedMs === null ? [] : [{ name: 'injected', atMs: wallMs(injectedMs), attributes: {} }],
    ...(failed === undefined ? {} : { failed }),
    children: undone ? [undoSpan(run, id, undone, wallMs)] : [],
  };
}

/** From the first call that was made for it. */
function undoSpan(run: JudgedRun, fault: string, undone: NonNullable<JudgedFault['undone']>, wallMs: (atMs: number) => number): SpanOf {
  const calls = (run.changes ?? []).filter((change) => change.fault === fault && change.during === 'undo');
  const fromMs = Math.min(undone.atMs, ...calls.map(({ atMs }) => atMs));
  return {
    name: `undo ${fault}`,
    fromMs: wallMs(fromMs),
    toMs: wallMs(undone.atMs),
    attributes: { 'firedrill.fault': fault, 'firedrill.verified': undone.verified, 'firedrill.said': undone.said },
    events: [],
    ...(undone.verified ? {} : { failed: undone.said }),
    children: [],
  };
}
