import { chartsMarkup, nowMarkup, phaseWord, slosMarkup, type WallState } from '../../reports/wall/wall.ts';
import type { Clock } from '../../runner/clock.ts';
import type { Followed } from '../../runner/follow-journal.ts';
import type { Entry } from '../../runner/journal.ts';
import { judge, type JudgeOptions } from '../../runner/judge.ts';
import { follow, newProgress } from '../live/progress.ts';

/** After so long without an entry somebody should be told; probes are written down more often. Milliseconds. */
const silentAfterMs = 10_000;

/** What the live page shows of a run, kept up to date from its journal. */
export interface Wall {
  /** @param recorded the histories that these entries say are whole */
  take(followed: Followed, recorded?: JudgeOptions['recorded']): void;
  /** What a watcher sees at once, as JSON. */
  now(): string;
  /** Objectives and charts, as JSON; undefined before there is anything to judge. Takes longer, the longer the run. */
  picture(): string | undefined;
  /** Tells those who watch what came of the wish to stop. */
  saidOfStop(text: string): void;
  /** The run's name; undefined before its first entry. */
  run(): string | undefined;
}

export function createWall(clock: Clock): Wall {
  let progress = newProgress();
  let entries: Entry[] = [];
  let heardMs = clock.now();
  let stopSaid = '';
  let recorded: NonNullable<JudgeOptions['recorded']> = new Map();

  const state = (): WallState => ({
    title: progress.title,
    drill: progress.drill,
    environment: progress.environment,
    run: progress.run,
    phase: progress.phase,
    faults: [...progress.faults].map(([id, fault]) => ({ id, ...fault })),
    missing: [...progress.missing].map(([name, last]) => ({ name, last })),
    streams: [...progress.streams].map(([name, { value, why }]) => ({ name, value, why })),
    ended: progress.ended,
    stopSaid,
  });

  return {
    take({ entries: added, again }, more = new Map()) {
      if (again) {
        progress = newProgress();
        entries = [];
        recorded = new Map();
      }
      recorded = new Map([...recorded, ...more]);
      for (const entry of added) {
        entries.push(entry);
        follow(progress, entry);
      }
      heardMs = clock.now();
    },
    now() {
      const seen = state();
      const ended = seen.ended !== undefined;
      const quietMs = clock.now() - heardMs;
      return JSON.stringify({
        title: seen.title || 'waiting for a run',
        place: [seen.drill, seen.environment && `in ${seen.environment}`, seen.run].filter(Boolean).join(' · '),
        phase: phaseWord(seen),
        clock: { runMs: entries.length === 0 ? null : progress.lastMs + (ended ? 0 : quietMs), zeroMs: progress.firstFaultMs ?? null, ended },
        silent: !ended && entries.length > 0 && quietMs > silentAfterMs ? `Nothing new in the journal for ${Math.round(quietMs / 1_000)} s: the run stands still, or its process is gone.` : '',
        ended: seen.ended ?? '',
        now: nowMarkup(seen).text,
        stopSaid,
      });
    },
    picture() {
      if (!entries.some(({ type }) => type === 'run.started')) return undefined;
      const run = judge(entries, { recorded });
      const bad = new Set(run.probes.filter(({ streams }) => streams.some(({ name }) => progress.streams.get(name)?.value === 'b')).map(({ name }) => name));
      const verdict = progress.ended === undefined ? '' : run.verdict.headline;
      return JSON.stringify({ verdict, slos: slosMarkup(run, bad).text, charts: chartsMarkup(run).text });
    },
    saidOfStop(text) {
      stopSaid = text;
    },
    run: () => progress.run || undefined,
  };
}
