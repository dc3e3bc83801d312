import { cronOf } from '../../scenarios/cron.ts';
import { seeded, seedFor } from '../rng.ts';
import { momentOf, utcOf, wallTimeAt, type WallTime } from '../wall-time.ts';

/** What comes again and again. */
export interface Recurring {
  readonly name: string;
  /** Five fields; see `cronProblem`. */
  readonly cron: string;
  /** In which the expression is told; of the IANA database. */
  readonly timeZone: string;
  /** Each run begins up to this much after its slot, by chance. */
  readonly jitterMs: number;
  /** How long after that it may still begin; then it is missed. */
  readonly lateMs: number;
}

/** One time at which something is to run. All times UTC, in milliseconds since 1970. */
export interface Slot {
  /** The same whenever it is worked out, on every machine: `weekly@2026-10-25T01:30[Europe/London]`. */
  readonly key: string;
  /** Whose it is, by its name. */
  readonly of: string;
  /** What the clocks of its zone show then. */
  readonly wall: WallTime;
  readonly timeZone: string;
  readonly atMs: number;
  /** With the jitter, which the key draws. */
  readonly startMs: number;
  /** From when on it counts as missed. */
  readonly lateFromMs: number;
  /** What the expression says, where the clocks never show that on this day. */
  readonly asked?: WallTime;
}

/** Clocks are put forward or back by no more than this. */
const mostShiftMs = 3 * 3_600_000;

/**
 * The slots of one recurring thing after a moment, in order, without an end unless the expression has one. What counts is
 * what the clocks on the walls show. A time that they show twice is one slot, the first; one that they skip is due at the
 * moment at which they are put forward past it; slots that fall onto one moment are one.
 */
export function* slotsAfter(recurring: Recurring, afterMs: number): Generator<Slot, void> {
  const { cron, timeZone } = recurring;
  const expression = cronOf(cron);
  let shown: Date | null = new Date(utcOf(wallTimeAt(timeZone, afterMs)) - mostShiftMs);
  let lastMs = afterMs;
  for (;;) {
    shown = expression.nextRun(shown);
    if (!shown) return;
    const wall = shown.toISOString().slice(0, 16);
    const { atMs, comes } = momentOf(timeZone, wall);
    if (atMs <= lastMs) continue;
    lastMs = atMs;
    yield slotAt(recurring, atMs, comes === 'never' ? wall : undefined);
  }
}

function slotAt({ name, timeZone, jitterMs, lateMs }: Recurring, atMs: number, asked: WallTime | undefined): Slot {
  const wall = wallTimeAt(timeZone, atMs);
  const key = `${name}@${wall}[${timeZone}]`;
  const startMs = atMs + Math.floor(seeded(seedFor(0, `jitter ${key}`)).next() * jitterMs);
  return { key, of: name, wall, timeZone, atMs, startMs, lateFromMs: startMs + lateMs, ...(asked === undefined ? {} : { asked }) };
}
