import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFileName, recordLine, type HistoryHead, type HistoryRecord } from '../consistency/records.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';

/** The file of a history in the making. */
export class HistoryWriter {
  readonly #file: FileHandle;
  readonly #mask: Mask;
  #queued: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #lines = 0;

  private constructor(file: FileHandle, mask: Mask) {
    this.#file = file;
    this.#mask = mask;
  }

  /**
   * @param folder the run's
   * @throws ExpectedError when the file can't be made, or is there: a run has one history
   */
  static async create(folder: string, head: HistoryHead, mask: Mask): Promise<HistoryWriter> {
    const path = join(folder, historyFileName);
    let file: FileHandle;
    try {
      file = await open(path, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new ExpectedError(`${path} is there already; give a drill one probe of kind etcd-consistency`);
      throw new ExpectedError(`${path} can't be made: ${messageOf(error)}`, undefined, { cause: error });
    }
    const writer = new HistoryWriter(file, mask);
    writer.#add(head);
    return writer;
  }

  /** It is on its way to disk, not there yet. Never throws. */
  record(record: HistoryRecord): void {
    this.#add('why' in record ? this.#mask.data(record) : record);
  }

  /** @returns how many lines it has; undefined when not all could be written, with the reason in {@link failure} */
  async close(): Promise<number | undefined> {
    await this.#writing;
    await this.#file.close();
    return this.#failure === undefined ? this.#lines : undefined;
  }

  get failure(): string {
    return this.#failure ?? '';
  }

  #add(record: HistoryHead | HistoryRecord): void {
    this.#lines += 1;
    this.#queued.push(recordLine(record));
    this.#writing = this.#writing.then(() => this.#drain());
  }

  /** Once something could not be written nothing more is: a hole in the middle would look like a lie of etcd. */
  async #drain(): Promise<void> {
    const batch = this.#queued.join('');
    this.#queued = [];
    if (batch === '' || this.#failure !== undefined) return;
    try {
      await this.#file.appendFile(batch);
    } catch (error) {
      this.#failure = messageOf(error);
    }
  }
}
