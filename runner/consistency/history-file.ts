import { ExpectedError } from '../errors.ts';
import { EtcdHistory } from './etcd-history.ts';
import { BadRecord, historyVersion, type HistoryHead, type HistoryRecord } from './records.ts';

/** Takes the lines of firedrill's own format, from the first on. */
export class EtcdHistoryReader {
  readonly #path: string;
  #history: EtcdHistory | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws ExpectedError with the file and the line where it is no record; a last line that was cut short is left out */
  take(line: string, number: number, torn: boolean): void {
    if (line === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // The process died while it wrote it.
      if (torn && this.#history) return;
      throw this.#bad(number, `no JSON: ${excerpt(line)}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#bad(number, `no record: ${excerpt(line)}`);
    try {
      if (this.#history) this.#history.add(value as HistoryRecord, number);
      else this.#history = new EtcdHistory(checkedHead(value as HistoryHead));
    } catch (error) {
      if (error instanceof BadRecord) throw this.#bad(number, error.message);
      // A record of another shape than its own name says.
      if (error instanceof TypeError) throw this.#bad(number, `no record: ${excerpt(line)}`);
      throw error;
    }
  }

  /** @throws ExpectedError when there was nothing */
  end(): EtcdHistory {
    if (!this.#history) throw new ExpectedError(`${this.#path} is empty; give the file of a history`);
    this.#history.close();
    return this.#history;
  }

  #bad(line: number, why: string): ExpectedError {
    return new ExpectedError(`${this.#path}:${line} ${why}`);
  }
}

function checkedHead(head: HistoryHead): HistoryHead {
  if (head.firedrill !== 'etcd-history') throw new BadRecord(`is no head of a history; it begins with {"firedrill":"etcd-history","version":${historyVersion}}`);
  if (!(head.version <= historyVersion)) throw new BadRecord(`"version" is ${JSON.stringify(head.version)}; this firedrill reads up to ${historyVersion}`);
  if (head.members !== undefined && !(Array.isArray(head.members) && head.members.every((member) => typeof member === 'string'))) throw new BadRecord('"members" is no list of names');
  if (head.alone !== undefined && !(Array.isArray(head.alone) && head.alone.every((ms) => typeof ms === 'number'))) throw new BadRecord('"alone" is no list of milliseconds');
  if (head.startedAt !== undefined && !(Date.parse(head.startedAt) > 0)) throw new BadRecord('"startedAt" is no time');
  return head;
}

export function excerpt(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
