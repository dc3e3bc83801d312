import { resolve } from 'node:path';
import { realClock } from '../../runner/clock.ts';
import { ExpectedError, exitCodes } from '../../runner/errors.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { platformKey } from '../../runner/platform-key.ts';
import { drillsOf, type SlotDrill } from '../../runner/schedule/slot-drills.ts';
import { runSchedule } from '../../runner/schedule/scheduler.ts';
import type { Recurring, Slot } from '../../runner/schedule/slots.ts';
import { openStateFile } from '../../runner/schedule/state-file.ts';
import { worstOf } from '../../runner/worst.ts';
import { namedIn, readGameday, type Gameday, type GamedaySlot } from '../../scenarios/gameday.ts';
import { thisProgram } from '../child.ts';
import { chooseEnvironment } from '../environment-file.ts';
import { candidates, scenarioOf } from '../gameday/drills.ts';
import { platformOptions } from '../gameday/platform.ts';
import { interruptSignal } from '../interrupt.ts';
import { visibleLines } from '../visible-lines.ts';
import { whatItLeft } from './interrupted.ts';
import { runSlotDrills } from './slot-run.ts';
import { lockState } from './state-lock.ts';

export interface ScheduleOptions {
  readonly state?: string;
  readonly env?: string;
  readonly lab?: string;
  readonly out: string;
  readonly once?: boolean;
  readonly allowProtected?: string;
}

/**
 * `firedrill gameday schedule`: runs the drills of a game day's schedule, each slot once, until it is told to end.
 *
 * @param file the game day's
 * @returns the exit code: 0 when it ended between two drills; that of the drill that it ended; with `once` the worst of what was run
 * @throws ExpectedError when the file has no schedule, no platform is named, or another scheduler works with the state
 */
export async function scheduleCommand(file: string, options: ScheduleOptions): Promise<number> {
  const gameday = await readGameday(file);
  const schedule = scheduleOf(gameday);
  const { state: folder } = options;
  if (folder === undefined) throw new ExpectedError('say where the state of the schedule is kept, with --state: by it each slot is run once');
  const platform = platformOptions(gameday, file, options);
  const chosen = await chooseEnvironment(platform);
  if (!chosen) throw new ExpectedError('say on which platform the drills run, with --env or --lab, or with environment in the file');
  const kinds = await loadKinds();
  const out = resolve(options.out);
  const note = (text: string): void => void process.stdout.write(`${new Date(realClock.wall()).toISOString()} ${visibleLines(text)}\n`);
  const tagged = schedule.some(({ draw }) => draw && 'tag' in draw.of) ? await candidates(kinds, chosen.environment) : [];
  const named = (drill: string): string => namedIn(file, drill);
  const drills = async (slot: Slot): Promise<SlotDrill[]> => drillsOf(slot, schedule.find(({ name }) => name === slot.of)!, tagged, named);
  // A drill that can't be loaded is told now, not in the night.
  for (const drill of schedule.flatMap((slot) => slot.drills ?? [])) await scenarioOf(drillsOf({ key: '' }, { drills: [drill] }, tagged, named)[0]!, kinds);

  const interrupt = interruptSignal('still ending: a drill that is under way undoes what it did');
  const state = await openStateFile(folder, realClock);
  try {
    const lock = await lockState(folder, realClock, note);
    try {
      const stop = AbortSignal.any([interrupt, lock.ended]);
      const child = { program: thisProgram(), ...platform, out, allowProtected: options.allowProtected };
      const calendar = { timeZone: gameday.timeZone, windows: gameday.windows, blackouts: gameday.blackouts };
      const exits = await runSchedule({
        recurring: schedule.map((slot) => recurringOf(slot, gameday)),
        calendar,
        state,
        clock: realClock,
        stop,
        note,
        ...(options.once ? { once: true } : {}),
        look: (open) => whatItLeft(open, out, chosen),
        run: (slot, signal) =>
          runSlotDrills(slot, {
            folder, state, clock: realClock, child, calendar, note,
            scenarioOf: (drill) => scenarioOf(drill, kinds),
            betweenKillsMs: gameday.betweenKills,
            platform: platformKey(chosen.environment),
            stopsWhenBroken: gameday.onBroken !== 'go-on',
            drillsOf: drills,
          }, signal),
      });
      if (options.once) return worstOf(exits, exitCodes.notUndone);
      const last = exits.at(-1);
      return last === exitCodes.notUndone || last === exitCodes.interrupted ? last : exitCodes.held;
    } finally {
      await lock.release();
    }
  } finally {
    await state.close();
  }
}

/** @throws ExpectedError when it has none */
export function scheduleOf({ schedule, name }: Gameday): readonly GamedaySlot[] {
  if (schedule) return schedule;
  throw new ExpectedError(`game day ${name} has no schedule, only a day: firedrill gameday run`);
}

/** A slot of the file as what recurs. */
export function recurringOf({ name, cron, timeZone, jitter = 0, late }: GamedaySlot, gameday: Gameday): Recurring {
  // The file is refused when neither says it.
  return { name, cron, timeZone: timeZone ?? gameday.timeZone!, jitterMs: jitter, lateMs: late };
}
