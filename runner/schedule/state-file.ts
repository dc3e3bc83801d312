import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import { recordSchema, type RecordOf, type ScheduleRecord } from './record.ts';

export const stateFileName = 'schedule.ndjson';

/** The record without what the file adds to it. */
export type NewRecord = { [T in ScheduleRecord['type']]: Omit<RecordOf<T>, 'at'> }[ScheduleRecord['type']];

/** The records of a schedule on disk, to which lines are added. */
export interface StateFile {
  readonly records: readonly ScheduleRecord[];
  /**
   * Adds a line. Resolves when it is on the disk itself (fsync).
   *
   * @throws ExpectedError when it can't be written: nothing may be begun then
   */
  append(record: NewRecord): Promise<ScheduleRecord>;
  close(): Promise<void>;
}

/**
 * Reads what a schedule has written down. A last line that is cut short is left out: its writer died at it.
 *
 * @param folder the state folder; one that isn't there has no records
 * @throws ExpectedError when a line before the last is no record
 */
export async function readRecords(folder: string): Promise<ScheduleRecord[]> {
  return (await readWhole(join(folder, stateFileName))).records;
}

/** @throws ExpectedError when the folder or the file can't be made, or a line before the last is no record */
export async function openStateFile(folder: string, clock: Clock): Promise<StateFile> {
  const path = join(folder, stateFileName);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { records, wholeBytes, isWhole } = await readWhole(path);
    const file = await open(path, 'a', 0o600);
    if (!isWhole) await file.truncate(wholeBytes);
    await syncFolder(folder);
    return {
      records,
      async append(record) {
        const whole = recordSchema.parse({ ...record, at: new Date(clock.wall()).toISOString() });
        try {
          await file.appendFile(`${JSON.stringify(whole)}\n`);
          await file.sync();
        } catch (error) {
          throw new ExpectedError(`the state of the schedule can't be written, so nothing more is begun: ${path}: ${messageOf(error)}`, undefined, { cause: error });
        }
        records.push(whole);
        return whole;
      },
      close: () => file.close(),
    };
  } catch (error) {
    if (error instanceof ExpectedError) throw error;
    throw new ExpectedError(`the state of the schedule can't be kept in ${folder}: ${messageOf(error)}`, undefined, { cause: error });
  }
}

async function readWhole(path: string): Promise<{ records: ScheduleRecord[]; wholeBytes: number; isWhole: boolean }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { records: [], wholeBytes: 0, isWhole: true };
    throw new ExpectedError(`the state of the schedule can't be read: ${messageOf(error)}`, undefined, { cause: error });
  }
  // A line counts once its end is there: what was cut short was not on the disk when something was begun.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const records = whole.split('\n').slice(0, -1).map((line, index) => recordOf(line, `${path}:${index + 1}`));
  return { records, wholeBytes: Buffer.byteLength(whole), isWhole: whole.length === text.length };
}

function recordOf(line: string, where: string): ScheduleRecord {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new ExpectedError(`${where} is no line of a schedule's state: ${line.slice(0, 60)}; another version wrote it, or somebody has edited it: give another --state, or mend that line`, undefined, { cause: error });
  }
}

/** A file that was made is there after a crash only when its folder is on the disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
