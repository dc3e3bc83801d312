import type { DayJournal } from '../../runner/gameday/day-file.ts';
import { lineFor } from '../live/lines.ts';
import { follow, newProgress } from '../live/progress.ts';
import type { Conversation } from './conversation.ts';
import type { DrillEvents } from './drill-runner.ts';

/** A drill that is followed. */
export interface WatchedDrill {
  readonly events: DrillEvents;
  /** The name of its run, once it is known. */
  run(): string | null;
  /** Resolves when what it said is in the day's journal. @throws ExpectedError when that can't be written */
  written(): Promise<void>;
}

/**
 * Shows what a drill does as it does it, and keeps in the day's journal which run it is and when it first broke something.
 *
 * @param began told when the run's clock began, in milliseconds since 1970
 */
export function watchDrill(step: number, journal: DayJournal, conversation: Conversation, began: (originMs: number) => void): WatchedDrill {
  const progress = newProgress();
  const writing: Promise<void>[] = [];
  let run: string | null = null;
  const keep = (written: Promise<void>): void => {
    writing.push(written);
    // Told by written(); until then it is nobody's.
    written.catch(() => undefined);
  };
  return {
    events: {
      onEntry(entry) {
        if (entry.type === 'run.started') {
          run = entry.run;
          began(Date.parse(entry.at) - entry.t);
          keep(journal.append('drill.running', { step, run }));
        }
        if (entry.type === 'fault.intent' && progress.firstFaultMs === undefined) keep(journal.append('drill.broke', { step, faultAt: entry.at, says: entry.says }));
        follow(progress, entry);
        const line = lineFor(entry, progress.firstFaultMs);
        if (line !== undefined) conversation.say(line);
      },
      onLine: (line) => conversation.say(line),
    },
    run: () => run,
    written: async () => void (await Promise.all(writing)),
  };
}
