import type { RecordOf, ScheduleRecord } from './record.ts';

/** What a schedule's records come to. Times UTC, in milliseconds since 1970. */
export interface ScheduleState {
  /** Of each recurring thing, what it recurs by, and until when its slots have been looked at. */
  readonly seen: ReadonlyMap<string, { readonly recurs: string; readonly untilMs: number }>;
  /** Slots that were claimed: none of them is ever run again. */
  readonly claimed: ReadonlySet<string>;
  /** Claimed, and not ended: somebody is at it, or has died at it. */
  readonly open: readonly OpenSlot[];
  /** The last drills that ended, by drill. */
  readonly last: ReadonlyMap<string, RecordOf<'finished'>>;
  /** What the last scheduler was started with. */
  readonly started: RecordOf<'started'> | undefined;
  /** When the last line was written; undefined when there is none. */
  readonly lastMs: number | undefined;
}

export interface OpenSlot {
  readonly claimed: RecordOf<'claimed'>;
  /** The drill of it that had begun and not finished. */
  readonly begun: RecordOf<'begun'> | undefined;
}

/** Works out where a schedule stands. Pure. */
export function stateOf(records: readonly ScheduleRecord[]): ScheduleState {
  const seen = new Map<string, { recurs: string; untilMs: number }>();
  const claimed = new Set<string>();
  const open = new Map<string, OpenSlot>();
  const last = new Map<string, RecordOf<'finished'>>();
  let started: RecordOf<'started'> | undefined;
  const look = (of: string, due: string): void => {
    const before = seen.get(of);
    if (before) seen.set(of, { ...before, untilMs: Math.max(before.untilMs, Date.parse(due)) });
  };
  for (const record of records) {
    switch (record.type) {
      case 'started':
        for (const name of seen.keys()) if (!record.entries.some((entry) => entry.name === name)) seen.delete(name);
        for (const { name, cron, timeZone, since } of record.entries) {
          const recurs = `${cron} ${timeZone}`;
          if (seen.get(name)?.recurs !== recurs) seen.set(name, { recurs, untilMs: Date.parse(since) });
        }
        started = record;
        break;
      case 'clock':
        // What comes a second time is looked at a second time; what was claimed stays claimed.
        for (const [name, { recurs, untilMs }] of seen) seen.set(name, { recurs, untilMs: Math.min(untilMs, Date.parse(record.at)) });
        break;
      case 'claimed':
        claimed.add(record.slot);
        open.set(record.slot, { claimed: record, begun: undefined });
        look(record.of, record.due);
        break;
      case 'begun':
      case 'finished': {
        const one = open.get(record.slot);
        if (one) open.set(record.slot, { ...one, begun: record.type === 'begun' ? record : undefined });
        if (record.type === 'finished') last.set(record.drill, record);
        break;
      }
      case 'ended':
      case 'interrupted':
        open.delete(record.slot);
        break;
      case 'skipped':
      case 'missed':
        open.delete(record.slot);
        look(record.of, record.due);
        break;
      case 'stopped':
        break;
    }
  }
  const lastAt = records.at(-1)?.at;
  return { seen, claimed, open: [...open.values()], last, started, lastMs: lastAt === undefined ? undefined : Date.parse(lastAt) };
}
