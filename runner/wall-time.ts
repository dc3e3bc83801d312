/** What the clocks on the walls of a time zone show: `2026-10-25T01:30`. In the order of time as texts. */
export type WallTime = string;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * What the clocks of a time zone show at a moment.
 *
 * @param timeZone of the IANA database
 * @param atMs UTC, milliseconds since 1970
 */
export function wallTimeAt(timeZone: string, atMs: number): WallTime {
  const parts = Object.fromEntries(formatOf(timeZone).formatToParts(atMs).map(({ type, value }) => [type, value]));
  return `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}`;
}

/** When the clocks of a time zone show a time, and how often they do on that day. */
export interface Moment {
  /** The first time that they do; where they never do, the moment at which they are put forward past it. UTC, milliseconds since 1970. */
  readonly atMs: number;
  readonly comes: 'once' | 'twice' | 'never';
}

/** When the clocks of a time zone show this. */
export function momentOf(timeZone: string, wall: WallTime): Moment {
  const asUtcMs = utcOf(wall);
  // What is shown differs from UTC by what holds a day before or a day after: no zone changes twice within that.
  const offsets = [-dayMs, dayMs].map((aside) => offsetAt(timeZone, asUtcMs + aside));
  const candidates = [...new Set(offsets.map((offsetMs) => asUtcMs - offsetMs))].sort((a, b) => a - b);
  const shown = candidates.filter((atMs) => wallTimeAt(timeZone, atMs) === wall);
  if (shown[0] !== undefined) return { atMs: shown[0], comes: shown.length > 1 ? 'twice' : 'once' };
  return { atMs: firstPast(timeZone, wall, candidates[0]! - minuteMs, candidates.at(-1)! + minuteMs), comes: 'never' };
}

/** How far ahead of UTC its clocks are at a moment, in milliseconds. */
export function offsetAt(timeZone: string, atMs: number): number {
  return utcOf(wallTimeAt(timeZone, atMs)) - Math.floor(atMs / minuteMs) * minuteMs;
}

/** A time on the wall, read as if it were UTC: milliseconds since 1970. */
export function utcOf(wall: WallTime): number {
  return Date.parse(`${wall}:00Z`);
}

/** The first full minute at which the clocks show more than this, between two moments of which the second does. */
function firstPast(timeZone: string, wall: WallTime, beforeMs: number, afterMs: number): number {
  let [low, high] = [Math.floor(beforeMs / minuteMs), Math.ceil(afterMs / minuteMs)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTimeAt(timeZone, middle * minuteMs) > wall) high = middle;
    else low = middle;
  }
  return high * minuteMs;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
