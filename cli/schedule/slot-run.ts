import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { outsideHours, type Calendar } from '../../runner/calendar.ts';
import type { Clock } from '../../runner/clock.ts';
import { longestDrillMs } from '../../runner/drill-length.ts';
import { exitCodes } from '../../runner/errors.ts';
import { findRunOf } from '../../runner/schedule/find-run.ts';
import { recentHits, tooSoon } from '../../runner/schedule/hits.ts';
import type { SlotEnd } from '../../runner/schedule/scheduler.ts';
import type { SlotDrill } from '../../runner/schedule/slot-drills.ts';
import type { Slot } from '../../runner/schedule/slots.ts';
import type { StateFile } from '../../runner/schedule/state-file.ts';
import { worstOf } from '../../runner/worst.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { planDrill, runDrill, type ChildOptions, type Planned } from './drill-child.ts';

export interface SlotRunInput {
  readonly folder: string;
  readonly state: StateFile;
  readonly clock: Clock;
  readonly child: ChildOptions;
  readonly calendar: Calendar;
  /** At least so long between two kills of one group; any time when left out. */
  readonly betweenKillsMs: number | undefined;
  /** See `platformKey`. */
  readonly platform: string;
  /** A broken SLO ends the slot: nobody is there to be asked. */
  readonly stopsWhenBroken: boolean;
  drillsOf(slot: Slot): Promise<readonly SlotDrill[]>;
  scenarioOf(drill: SlotDrill): Promise<Scenario>;
  note(text: string): void;
}

/** Exit codes of a run that has touched nothing. */
const untouched: ReadonlySet<number> = new Set([exitCodes.badInput, exitCodes.refused]);

/**
 * Runs the drills of a slot one after another, each as `firedrill run` of what `firedrill plan` has just shown. It is skipped
 * as a whole when the first of them may not run.
 */
export async function runSlotDrills(slot: Slot, input: SlotRunInput, stop: AbortSignal): Promise<SlotEnd> {
  const { state, clock, child, folder, note } = input;
  const exits: number[] = [];
  for (const drill of await input.drillsOf(slot)) {
    if (stop.aborted) break;
    const planned = await planDrill(drill, child, stop);
    if (stop.aborted) break;
    const wait = planned.plan && (await whyNot(drill, { plan: planned.plan }, input));
    if (planned.hash === undefined || planned.exit !== exitCodes.held || wait !== undefined) {
      const why = `drill ${drill.drill}: ${wait ?? planned.said}`;
      const exit = wait === undefined ? planned.exit || exitCodes.inconclusive : undefined;
      if (exits.length === 0) return { skipped: why, ...(exit === undefined ? {} : { exit }) };
      note(`the rest of slot ${slot.key} is left out: ${why}`);
      exits.push(exit ?? exitCodes.held);
      break;
    }
    const { drill: name, seed } = drill;
    const begunMs = clock.wall();
    await state.append({ type: 'begun', slot: slot.key, drill: name, seed });
    const log = join(folder, 'logs', `${slot.key.replaceAll(/[^\w.-]+/g, '_')}.log`);
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
    note(`drill ${name} of slot ${slot.key} begins; what it says is in ${log}`);
    const { exit, said } = await runDrill(drill, planned.hash, child, log, stop);
    const run = await findRunOf(child.out, seed, begunMs);
    const says = untouched.has(exit) || run === undefined ? { says: said } : {};
    await state.append({ type: 'finished', slot: slot.key, drill: name, exit, ...(run === undefined ? {} : { run: join(child.out, run) }), ...says });
    note(`drill ${name} of slot ${slot.key} has ended with exit code ${exit}${run === undefined ? `: ${said}` : `; ${join(child.out, run)}`}`);
    if (exits.length === 0 && untouched.has(exit)) return { skipped: `drill ${name}: ${said}`, exit };
    exits.push(exit);
    if (exit === exitCodes.notUndone || exit === exitCodes.interrupted || (exit !== exitCodes.held && input.stopsWhenBroken)) break;
  }
  if (exits.length === 0) return { skipped: 'the scheduler was ended before a drill of it had begun' };
  return { exit: worstOf(exits, exitCodes.notUndone) };
}

/** What only the schedule forbids: the rest is the guard's. */
async function whyNot(drill: SlotDrill, { plan }: Required<Pick<Planned, 'plan'>>, input: SlotRunInput): Promise<string | undefined> {
  const { clock, child, betweenKillsMs, calendar, platform } = input;
  const wallMs = clock.wall();
  const takesMs = longestDrillMs(await input.scenarioOf(drill), plan.faults);
  const outside = outsideHours(calendar, { wallMs, takesMs });
  if (outside.length > 0) return outside.join('; ');
  if (betweenKillsMs === undefined) return undefined;
  return tooSoon(plan.faults, await recentHits(child.out, wallMs - betweenKillsMs, platform), betweenKillsMs, wallMs);
}
