import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';
import type { Cloud } from '../cloud.ts';
import { recordOf, type Answered, type TrailRecord } from './record.ts';

/** What a lab's CloudTrail remembers, and where it writes it down. */
export interface Trail {
  /** Takes a call down; it can be looked up, and is in the file, once it is delivered. */
  add(call: Answered): void;
  /** What has been delivered, newest first. */
  delivered(): readonly TrailRecord[];
}

/** Reads come by the thousand, and must not wash out what was changed. */
const most = { changes: 4_000, reads: 1_000 };
const largestFileBytes = 5_000_000;
/** CloudTrail says within 5 minutes on average, and up to 15. */
const delayMs = { fast: 1_000, aws: 300_000 } as const;
const secondMs = 1_000;

/**
 * @param file where records of calls that changed something go, one a line; when it has grown large it is moved to `<file>.1`,
 * in place of the one before
 */
export function createTrail(cloud: Cloud, file: string | undefined): Trail {
  const changes: TrailRecord[] = [];
  const reads: TrailRecord[] = [];

  const deliver = (record: TrailRecord): void => {
    const list = record.readOnly ? reads : changes;
    list.push(record);
    if (list.length > (record.readOnly ? most.reads : most.changes)) list.shift();
    if (record.readOnly || file === undefined) return;
    if (existsSync(file) && statSync(file).size > largestFileBytes) renameSync(file, `${file}.1`);
    appendFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  };

  return {
    add(call) {
      const { sabotage, timers, timing } = cloud;
      if (sabotage.isOn('audit-lost')) return;
      const record = recordOf(cloud, call);
      const late = sabotage.isOn('audit-late') ? sabotage.amount('audit-late') * secondMs : delayMs[timing.name];
      timers.after(late, () => deliver(record));
    },
    delivered: () => [...changes, ...reads].sort((a, b) => (a.eventTime === b.eventTime ? 0 : a.eventTime < b.eventTime ? 1 : -1)),
  };
}
