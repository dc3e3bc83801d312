/**
 * What the lanes say over time: the page's script reads it from a block of JSON, so that the crosshair can name what is
 * below it as exactly as the judge knows it, however coarse the drawing is. Instants are milliseconds as everywhere.
 */
export interface Readings {
  /** UTC of `t+0`, in milliseconds since 1970; null when the run's times can't be read. */
  readonly zeroMs: number | null;
  /** Texts that spans name by their place: most are said very often. */
  readonly texts: readonly string[];
  readonly lanes: readonly LaneReading[];
}

/** One lane. */
export interface LaneReading {
  /** Lanes of one group are told together, such as all members. */
  readonly group: string;
  readonly name: string;
  /** Three numbers each: from, how long, and which text; in order of time, and none within another. */
  readonly spans: readonly number[];
}

/** What a group says at an instant: those of its lanes that say the same are told at once. */
export interface GroupReading {
  readonly group: string;
  readonly said: readonly { readonly text: string; readonly lanes: readonly string[] }[];
}

/** The text of a lane at an instant; null where it says nothing. */
export function readAt({ spans }: LaneReading, atMs: number, texts: readonly string[]): string | null {
  let low = 0;
  let high = spans.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[3 * middle]! <= atMs) low = middle + 1;
    else high = middle;
  }
  const at = 3 * (low - 1);
  if (low === 0 || atMs > spans[at]! + spans[at + 1]!) return null;
  return texts[spans[at + 2]!] ?? null;
}

/** What all groups say at an instant, in the order of their lanes; those that say nothing are left out. */
export function readAll({ lanes, texts }: Readings, atMs: number): GroupReading[] {
  const groups = new Map<string, Map<string, string[]>>();
  for (const lane of lanes) {
    const text = readAt(lane, atMs, texts);
    if (text === null) continue;
    const said = groups.get(lane.group) ?? new Map<string, string[]>();
    groups.set(lane.group, said.set(text, [...(said.get(text) ?? []), lane.name]));
  }
  return [...groups].map(([group, said]) => ({ group, said: [...said].map(([text, names]) => ({ text, lanes: names })) }));
}
