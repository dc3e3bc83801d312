import { areaScores, type AreaScore } from '../score.ts';
import type { VerdictValue } from '../verdict.ts';
import type { RunSummary } from './summary.ts';

/** A run in a list, and where its reports are. */
export interface ListedRun {
  readonly summary: RunSummary;
  /** The name of its folder, in the folder of runs. */
  readonly folder: string;
  /** Whether `report.html` is there. */
  readonly hasPage: boolean;
  /** What is wrong with its journal, one line each. */
  readonly problems: readonly string[];
}

/** All that is in a folder of runs. */
export interface Listing {
  /** Newest first. */
  readonly runs: readonly ListedRun[];
  /** Of the runs that are listed. */
  readonly areas: readonly AreaScore[];
  /** Folders that are no run's, or of which nothing can be told, each with the reason. */
  readonly odd: readonly { readonly folder: string; readonly why: string }[];
}

export interface Filter {
  readonly drill?: string;
  readonly verdict?: VerdictValue;
  /** Milliseconds since 1970: those that began then or later, and those that began before. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** Those runs that a filter lets through, newest first. Pure. */
export function listingOf(runs: readonly ListedRun[], odd: Listing['odd'], { drill, verdict, sinceMs = -Infinity, untilMs = Infinity }: Filter): Listing {
  const shown = runs.filter(({ summary }) => {
    const beganMs = Date.parse(summary.startedAt);
    return (drill === undefined || summary.drill === drill) && (verdict === undefined || summary.verdict === verdict) && beganMs >= sinceMs && beganMs < untilMs;
  });
  const inOrder = shown.toSorted((a, b) => (a.summary.startedAt < b.summary.startedAt ? 1 : -1));
  return { runs: inOrder, areas: areaScores(inOrder.map(({ summary }) => summary)), odd };
}
