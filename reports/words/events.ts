import type { Milestone } from '../../runner/journal.ts';
import type { JudgedFault, JudgedRun } from '../../runner/verdict.ts';
import { callOf, purposeOf } from './changes.ts';
import { cut, listed } from './lists.ts';
import type { Cut } from './lists.ts';
import { calledOf } from './targets.ts';
import { moment, nothing, outageLength } from './times.ts';

/** What sort of thing happened. The first are kept when there are too many to be shown. */
export const eventKinds = ['run', 'phase', 'fault', 'undo', 'outage', 'note', 'platform', 'call'] as const;

/** Something that happened at an instant, in words. */
export interface RunEvent {
  readonly atMs: number;
  readonly kind: (typeof eventKinds)[number];
  readonly what: string;
  /** Whom it is about; empty when it is the whole platform. */
  readonly subjects: readonly string[];
}

/** What happened, in the order of time. */
export function eventsOf(run: JudgedRun): RunEvent[] {
  return [...ofRun(run), ...ofPhases(run), ...run.faults.flatMap(ofFault), ...ofOutages(run), ...ofNotes(run), ...run.milestones.map(ofMilestone), ...ofCalls(run)]
    .filter(({ atMs }) => Number.isFinite(atMs))
    .sort((left, right) => left.atMs - right.atMs);
}

/** So many of them at most, those that matter most, in the order of time. */
export function cutEvents(events: readonly RunEvent[], most: number): Cut<RunEvent> {
  const rank = ({ kind }: RunEvent): number => eventKinds.indexOf(kind);
  const { shown, more } = cut([...events].sort((left, right) => rank(left) - rank(right)), most);
  return { shown: [...shown].sort((left, right) => left.atMs - right.atMs), more };
}

function ofRun({ run }: JudgedRun): RunEvent[] {
  const ended = run.outcome === null ? 'the journal ends here: the run did not end' : `the run ended: ${run.outcome}${run.outcomeReason === '' ? '' : `, ${run.outcomeReason}`}`;
  return [
    { atMs: run.startMs, kind: 'run', what: 'the run started', subjects: [] },
    { atMs: run.endMs, kind: 'run', what: ended, subjects: [] },
  ];
}

function ofPhases(run: JudgedRun): RunEvent[] {
  return run.phases.map(({ phase, fromMs }) => ({ atMs: fromMs, kind: 'phase', what: `${phase} began`, subjects: [] }));
}

function ofFault({ id, kind, says, targets, intentMs, injectedMs, error, undone, open }: JudgedFault): RunEvent[] {
  const subjects = targets.map(calledOf);
  const on = targets.length > 0 ? ` on ${listed(subjects)}` : '';
  return [
    { atMs: intentMs, kind: 'fault', what: `${id} is about to be injected: ${says}`, subjects },
    ...(injectedMs === null ? [] : [{ atMs: injectedMs, kind: 'fault' as const, what: `${id} injected: ${kind}${on}`, subjects }]),
    ...(error === null ? [] : [{ atMs: injectedMs ?? intentMs, kind: 'fault' as const, what: `${id} failed: ${error}`, subjects }]),
    ...(undone === null ? [] : [{ atMs: undone.atMs, kind: 'undo' as const, what: `${id} ${undone.verified ? 'undone' : 'undo not verified'}: ${undone.said}${open ? '; it may still be in place' : ''}`, subjects }]),
  ];
}

function ofOutages(run: JudgedRun): RunEvent[] {
  return run.probes.flatMap(({ streams }) =>
    streams.flatMap(({ name, outages }) =>
      outages.flatMap((outage): RunEvent[] => {
        const subjects = name.split('/').slice(1);
        const end = outage.end === null ? [] : [{ atMs: outage.end.max, kind: 'outage' as const, what: `${name} is good again, after ${outageLength(outage)}`, subjects }];
        return [{ atMs: outage.start.max, kind: 'outage', what: `${name} is away${outage.why === '' ? '' : `: ${outage.why}`}`, subjects }, ...end];
      }),
    ),
  );
}

function ofNotes(run: JudgedRun): RunEvent[] {
  return run.notes.map(({ atMs, text }) => ({ atMs, kind: 'note', what: text, subjects: [] }));
}

function ofMilestone({ facet, subject, state, notYet, seen, source }: Milestone): RunEvent {
  const since = notYet === null ? 'at the first look' : `not yet at ${moment(notYet)}`;
  return { atMs: seen, kind: 'platform', what: `${subject}: ${facet} ${state} (${source}, ${since})`, subjects: [subject] };
}

function ofCalls(run: JudgedRun): RunEvent[] {
  return (run.changes ?? []).map((change) => {
    const purpose = purposeOf(change);
    return { atMs: change.atMs, kind: 'call', what: `${callOf(change)} on ${change.target}: ${change.outcome}${purpose === nothing ? '' : `, for ${purpose}`}`, subjects: [] };
  });
}
