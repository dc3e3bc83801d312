import type { Entry, EntryBodies } from '../journal.ts';
import type { JudgedRun } from '../verdict.ts';
import type { Occasion } from './settings.ts';

/** What receivers are told, before it is put into the form that each of them takes. */
export interface Notice {
  /** The same for the same message, however often it comes. */
  readonly id: string;
  readonly about: Occasion;
  /** UTC, of what it tells of. */
  readonly at: string;
  readonly run: { readonly id: string; readonly drill: string; readonly title: string; readonly environment: string; readonly seed: number };
  /** One sentence. */
  readonly says: string;
  /** Of a verdict alone. */
  readonly verdict?: {
    readonly value: JudgedRun['verdict']['value'];
    readonly exitCode: number;
    /** The command that runs it again. */
    readonly command: string;
    readonly slos: readonly { readonly name: string; readonly verdict: string; readonly objective: string; readonly measured: string }[];
  };
}

type Started = Extract<Entry, { type: 'run.started' }>;

/** That a run has started: its baseline is measured, and nothing is broken yet. */
export function startNotice(started: Started): Notice {
  const { title } = started.scenario;
  return noticeOf(started, 'start', started.at, `A drill starts in ${started.environment.name}: ${title}. Nothing is broken before its baseline is steady.`);
}

/** That a run ends before its time. */
export function abortNotice(started: Started, at: string, why: string): Notice {
  return noticeOf(started, 'abort', at, `The drill is aborted, and what it broke is put back: ${why}`);
}

/** How a run was judged. */
export function verdictNotice({ run, verdict, environment, slos }: JudgedRun): Notice {
  return {
    id: `${run.id}/verdict`,
    about: 'verdict',
    at: run.endedAt,
    run: { id: run.id, drill: run.drill, title: run.title, environment: environment.name, seed: run.seed },
    says: verdict.headline,
    verdict: {
      value: verdict.value,
      exitCode: verdict.exitCode,
      command: run.command,
      slos: slos.map(({ name, verdict: value, objective, measured }) => ({ name, verdict: value, objective, measured })),
    },
  };
}

/** Why a run ends early, where an entry is the first to say so; undefined for all other entries. */
export function whyAborted(entry: Entry): string | undefined {
  switch (entry.type) {
    case 'abort':
      return entry.reason;
    case 'fault.failed':
      return `fault ${entry.fault} could not be injected: ${entry.error}`;
    case 'phase':
      return entry.phase === 'undo' ? 'it was interrupted, or could not go on' : undefined;
    default:
      return undefined;
  }
}

function noticeOf({ run, seed, scenario, environment }: EntryBodies['run.started'], about: Occasion, at: string, says: string): Notice {
  return { id: `${run}/${about}`, about, at, run: { id: run, drill: scenario.name, title: scenario.title, environment: environment.name, seed }, says };
}
