import { formatDuration } from '../../scenarios/duration.ts';
import { ExpectedError, exitCodes, type ExitCode } from '../errors.ts';
import type { DayBodies, DayEntry, DayOutcome, DayRun, SkippedFor } from './day.ts';
import type { PlannedDrill, PlannedStep } from './draw.ts';
import { worstOf } from '../worst.ts';

/** All that the report of a day shows. A pure function of the day's journal. */
export interface JudgedDay {
  readonly schemaVersion: 1;
  readonly day: {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly why: string | null;
    readonly environment: string;
    readonly seed: number;
    /** The command that runs the same day again. */
    readonly command: string;
    readonly by: string;
    readonly firedrillVersion: string;
    readonly nodeVersion: string;
    /** UTC. */
    readonly startedAt: string;
    /** Of the journal's last entry. */
    readonly endedAt: string;
    /** Null when the journal stops without an end: the day was killed, or is still going on. */
    readonly outcome: DayOutcome | null;
    readonly outcomeReason: string;
    /** Nobody was asked: --yes, all day or since it was gone on with. */
    readonly unattended: boolean;
  };
  /** The worst of all drills; never 0 when one of them was not run. */
  readonly exitCode: ExitCode;
  readonly announcement: string | null;
  readonly drills: readonly DayDrill[];
  readonly timeline: readonly DayMoment[];
}

export interface DayDrill {
  /** Where it stands among the day's drills, from 1. */
  readonly number: number;
  readonly planned: PlannedDrill;
  /** `died`: it began, and its end is not known. */
  readonly state: 'run' | 'skipped' | 'not run' | 'died';
  readonly skippedFor: SkippedFor | null;
  /** The exit code of its process, or what its being skipped counts as; null when it was killed or never began. */
  readonly exitCode: number | null;
  /** What is known of its run; null when it had none that could be judged. */
  readonly run: DayRun | null;
  /** The name of its run, once that was known. */
  readonly runId: string | null;
  /** Why it was not run, or has no verdict; empty otherwise. */
  readonly why: string;
}

/** Something that happened, in the order in which it did. */
export interface DayMoment {
  /** UTC. */
  readonly at: string;
  readonly kind: 'day' | 'announcement' | 'question' | 'answer' | 'decision' | 'drill' | 'fault' | 'note' | 'pause' | 'skipped';
  readonly text: string;
  /** Who said so. */
  readonly who: string | null;
  /** Since the first fault of the drill that was under way, in milliseconds; null when nothing was broken then. */
  readonly tMs: number | null;
}

/**
 * Tells what a day came to. Takes a journal that was cut off anywhere behind its first entry: then the day did not end.
 *
 * @throws ExpectedError when there is no `day.started` at the beginning
 */
export function judgeDay(entries: readonly DayEntry[]): JudgedDay {
  const started = entries[0];
  if (started?.type !== 'day.started') throw new ExpectedError('this is no journal of a game day: it does not begin with its start');
  const end = entries.findLast((entry) => entry.type === 'day.ended' || entry.type === 'day.resumed');
  const ended = end?.type === 'day.ended' ? end : undefined;
  const drills = drillsOf(entries, started.steps);
  const announced = entries.find((entry) => entry.type === 'announcement');
  return {
    schemaVersion: 1,
    day: {
      id: started.day,
      name: started.gameday.name,
      title: started.gameday.title,
      why: started.gameday.why ?? null,
      environment: started.environment,
      seed: started.seed,
      command: started.command,
      by: started.by,
      firedrillVersion: started.firedrill,
      nodeVersion: started.node,
      startedAt: started.at,
      endedAt: entries.at(-1)!.at,
      outcome: ended?.outcome ?? null,
      outcomeReason: ended?.reason ?? 'the journal stops before the day ended',
      unattended: entries.some((entry) => (entry.type === 'day.started' || entry.type === 'day.resumed') && entry.unattended),
    },
    exitCode: exitCodeOf(drills, ended?.outcome ?? null),
    announcement: announced?.text ?? null,
    drills,
    timeline: entries.flatMap((entry) => momentOf(entry, started.steps, entries)),
  };
}

function drillsOf(entries: readonly DayEntry[], steps: readonly PlannedStep[]): DayDrill[] {
  const drills = steps.flatMap((planned, step) => (planned.kind === 'drill' ? [{ step, planned }] : []));
  return drills.map(({ step, planned }, index) => {
    const own = entries.filter((entry) => 'step' in entry && entry.step === step);
    const ended = own.findLast((entry) => entry.type === 'drill.ended');
    const skipped = own.findLast((entry) => entry.type === 'step.skipped');
    const running = own.findLast((entry) => entry.type === 'drill.running');
    const begun = own.some((entry) => entry.type === 'drill.begun');
    const base = { number: index + 1, planned, skippedFor: skipped?.because ?? null, exitCode: ended?.code ?? skipped?.code ?? null, run: ended?.run ?? null, runId: ended?.run?.id ?? running?.run ?? null };
    if (skipped) return { ...base, state: 'skipped', why: skipped.why };
    // Refused after all: what people said go to was no longer what would have been hit.
    const isRefused = ended?.run === null && (ended.code === exitCodes.refused || ended.code === exitCodes.badInput);
    if (isRefused) return { ...base, state: 'skipped', skippedFor: 'refused', why: endOf(ended) };
    if (ended) return { ...base, state: ended.code === null ? 'died' : 'run', why: ended.run && ended.code !== null ? '' : endOf(ended) };
    if (begun) return { ...base, state: 'died', why: 'the day was killed while it was under way' };
    return { ...base, state: 'not run', why: 'the day ended before it' };
  });
}

/** How a drill ended that has no verdict of its own. */
function endOf({ code, signal, said }: DayBodies['drill.ended']): string {
  const how = code === null ? `its process was killed${signal === null ? '' : `, by ${signal}`}` : `it ended with exit code ${code}`;
  return said.length === 0 ? how : `${how}: ${said.join(' ')}`;
}

function exitCodeOf(drills: readonly DayDrill[], outcome: DayOutcome | null): ExitCode {
  const codes = drills.map(({ state, exitCode, run }) => {
    if (state === 'died') return run?.open.length ? exitCodes.notUndone : exitCodes.inconclusive;
    return exitCode ?? exitCodes.inconclusive;
  });
  const own = outcome === 'interrupted' ? exitCodes.interrupted : outcome === 'finished' ? exitCodes.held : exitCodes.inconclusive;
  return worstOf([...codes, own]);
}

const decidedBy = { people: '', '--yes': ': nobody was asked (--yes)', nobody: ': nobody was there to answer' } as const;

function momentOf(entry: DayEntry, steps: readonly PlannedStep[], entries: readonly DayEntry[]): DayMoment[] {
  const moment = (kind: DayMoment['kind'], text: string, who: string | null = null, tMs: number | null = null): DayMoment[] => [{ at: entry.at, kind, text, who, tMs }];
  const title = 'step' in entry && entry.step !== null ? titleOf(steps[entry.step]) : 'the day';
  switch (entry.type) {
    case 'day.started': return moment('day', `the day began, with seed ${entry.seed}${entry.unattended ? '; nobody is asked (--yes)' : ''}`, entry.by);
    case 'day.resumed': return moment('day', `the day was gone on with${entry.unattended ? '; nobody is asked (--yes)' : ''}`, entry.by);
    case 'announcement': return moment('announcement', 'the announcement was made');
    case 'question': return moment('question', entry.text);
    case 'answer': return moment('answer', `${entry.go ? 'go' : 'no-go'}${entry.why === '' ? '' : `: ${entry.why}`}`, entry.who);
    case 'decision': return moment('decision', `${entry.go ? 'go' : 'no-go'} for ${entry.about === 'step' ? title : `going on after ${title}`}${decidedBy[entry.by]}`);
    case 'pause': return moment('pause', `a pause of ${formatDuration(entry.forMs)} began`);
    case 'pause.ended': return moment('pause', 'the pause ended');
    case 'countdown': return [];
    case 'drill.begun': return moment('drill', `${title} began`);
    case 'drill.running': return [];
    case 'drill.broke': return [{ at: entry.faultAt, kind: 'fault', text: `the first fault of ${title}: ${entry.says}`, who: null, tMs: 0 }];
    case 'drill.ended': return moment('drill', `${title} ended: ${entry.run && entry.code !== null ? entry.run.verdict.headline : endOf(entry)}`);
    case 'step.skipped': return moment('skipped', `${title} was not run: ${entry.why}`);
    case 'note': return moment('note', entry.text, null, sinceFault(entry, entries));
    case 'day.ended': return moment('day', `the day ended (${entry.outcome}): ${entry.reason}`);
  }
}

/** Counts from the fault that the drill's own report counts from. */
function sinceFault({ at, step, runMs }: DayEntry & { type: 'note' }, entries: readonly DayEntry[]): number | null {
  if (runMs === null) return null;
  const ofDrill = entries.filter((entry) => 'step' in entry && entry.step === step);
  const broke = ofDrill.findLast((entry) => entry.type === 'drill.broke');
  const ended = ofDrill.findLast((entry) => entry.type === 'drill.ended');
  const zero = ended?.run?.firstFaultAt ?? broke?.faultAt;
  return zero === undefined ? null : Date.parse(at) - Date.parse(zero);
}

function titleOf(step: PlannedStep | undefined): string {
  return step?.kind === 'drill' ? `“${step.title}”` : step?.kind === 'question' ? `“${step.ask}”` : 'the pause';
}

/** What a day that is gone on with has behind it. */
export interface DayProgress {
  /** The first step that nothing is known to have come of. */
  readonly next: number;
  /** A drill that had begun, and of which the day's journal knows no end. */
  readonly cutOff: { readonly step: number; readonly run: string | null } | null;
}

/** Where a day that was killed stopped. */
export function progressOf(entries: readonly DayEntry[]): DayProgress {
  const done = new Set(entries.flatMap((entry) => (['drill.ended', 'step.skipped', 'pause.ended'].includes(entry.type) && 'step' in entry ? [entry.step] : [])));
  const started = entries[0] as DayEntry & { type: 'day.started' };
  const answered = entries.flatMap((entry) => (entry.type === 'decision' && entry.go && entry.step !== null && started.steps[entry.step]?.kind === 'question' ? [entry.step] : []));
  for (const step of answered) done.add(step);
  const begun = entries.findLast((entry) => entry.type === 'drill.begun');
  const running = entries.findLast((entry) => entry.type === 'drill.running');
  const cutOff = begun && !done.has(begun.step) ? { step: begun.step, run: running?.step === begun.step ? running.run : null } : null;
  if (cutOff) done.add(cutOff.step);
  const open = started.steps.findIndex((_, step) => !done.has(step));
  return { next: open === -1 ? started.steps.length : open, cutOff };
}
