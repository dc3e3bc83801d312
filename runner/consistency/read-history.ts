import { ExpectedError } from '../errors.ts';
import type { EtcdHistory } from './etcd-history.ts';
import { EtcdHistoryReader, excerpt } from './history-file.ts';
import { readLines } from './read-lines.ts';
import { BadRecord } from './records.ts';
import type { PlainOperation } from './search/history.ts';
import { JepsenReader } from './search/jepsen.ts';
import type { PlainModel } from './search/models.ts';
import { PorcupineReader } from './search/porcupine.ts';
import type { Budget } from './verdict.ts';

export type ReadHistory =
  | { readonly kind: 'etcd'; readonly history: EtcdHistory }
  /** `usual`: the model that histories of this format are of. */
  | { readonly kind: 'plain'; readonly operations: readonly PlainOperation[]; readonly usual: PlainModel }
  | { readonly kind: 'unknown'; readonly why: string };

export type HistoryFormat = 'firedrill' | 'jepsen' | 'porcupine';

const linesBetweenLooks = 4096;

class OutOfBudget extends Error {}

/**
 * Reads a history, line by line.
 *
 * @param format `auto` tells it by the first line that says something
 * @throws ExpectedError with file and line where a line is none of its format
 */
export async function readHistory(path: string, format: HistoryFormat | 'auto', budget: Budget): Promise<ReadHistory> {
  let reader: EtcdHistoryReader | JepsenReader | PorcupineReader | undefined = format === 'auto' ? undefined : readerOf(format, path);
  let bytes = 0;
  try {
    await readLines(path, (line, number, torn) => {
      bytes += line.length;
      if (number % linesBetweenLooks === 0 && (budget.over() || bytes > budget.memoryBytes)) throw new OutOfBudget();
      if (!reader && line.trim() !== '') {
        const found = formatOf(line);
        if (found) reader = readerOf(found, path);
        // Logs begin with lines of other loggers.
        else if (number > 1000) throw new BadRecord('and all before it are of no format that is known; give --format');
      }
      if (!reader) return;
      try {
        reader.take(line, number, torn);
      } catch (error) {
        if (error instanceof BadRecord && torn && !(reader instanceof EtcdHistoryReader)) return;
        if (error instanceof BadRecord) throw new ExpectedError(`${path}:${number} ${error.message}: ${excerpt(line)}`, undefined, { cause: error });
        throw error;
      }
    });
    if (!reader) throw new BadRecord('has no line of a format that is known; give --format firedrill, jepsen or porcupine');
    if (reader instanceof EtcdHistoryReader) return { kind: 'etcd', history: reader.end() };
    return { kind: 'plain', operations: reader.end(), usual: reader instanceof JepsenReader ? 'cas-register' : 'kv' };
  } catch (error) {
    if (error instanceof OutOfBudget) return { kind: 'unknown', why: budget.over() ? 'the time was over before the history was read' : 'the history is larger than the memory that it may take' };
    if (error instanceof BadRecord) throw new ExpectedError(`${path} ${error.message}`, undefined, { cause: error });
    throw error;
  }
}

function formatOf(line: string): HistoryFormat | undefined {
  if (JepsenReader.matches(line)) return 'jepsen';
  if (PorcupineReader.matches(line)) return 'porcupine';
  return line.startsWith('{') ? 'firedrill' : undefined;
}

function readerOf(format: HistoryFormat, path: string): EtcdHistoryReader | JepsenReader | PorcupineReader {
  if (format === 'jepsen') return new JepsenReader();
  return format === 'porcupine' ? new PorcupineReader() : new EtcdHistoryReader(path);
}
