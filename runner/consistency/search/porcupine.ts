import { BadRecord } from '../records.ts';
import type { Call, PlainOperation } from './history.ts';
import { Pairing } from './jepsen.ts';

const linePattern = /^\s*\{\s*:process\s+(\S+?),?\s+:type\s+:(invoke|ok|info|fail),?\s+:f\s+:(get|put|append),?\s+:key\s+("(?:[^"\\]|\\.)*"),?\s+:value\s+("(?:[^"\\]|\\.)*"|nil)\s*\}\s*$/;

/** The lines of porcupine's tests of a key-value store, such as `{:process 0, :type :invoke, :f :put, :key "0", :value "x"}`. */
export class PorcupineReader {
  readonly #pairing = new Pairing();
  #found = 0;

  static matches(line: string): boolean {
    return /^\s*\{\s*:process /.test(line);
  }

  /** @throws BadRecord */
  take(line: string, number: number): void {
    if (line.trim() === '') return;
    const match = linePattern.exec(line);
    if (!match) throw new BadRecord('is no operation; give such as {:process 0, :type :invoke, :f :put, :key "0", :value "x"}');
    const [, process, type, f, key, value] = match as unknown as [string, string, 'invoke' | 'ok' | 'info' | 'fail', 'get' | 'put' | 'append', string, string];
    this.#found += 1;
    if (type === 'invoke') this.#pairing.invoked(process, textOf(key), callOf(f, value), number);
    else if (type === 'ok') this.#pairing.ended(process, 'ok', f === 'get' && value !== 'nil' ? textOf(value) : null, number);
    else this.#pairing.ended(process, type === 'info' ? 'lost' : 'nothing', null, number);
  }

  /** @throws BadRecord when there was none */
  end(): PlainOperation[] {
    if (this.#found === 0) throw new BadRecord('has no operation');
    return this.#pairing.all();
  }
}

function callOf(f: 'get' | 'put' | 'append', value: string): Call {
  if (f === 'get') return { f: 'read' };
  if (value === 'nil') throw new BadRecord(`:${f} has no value`);
  return { f: f === 'put' ? 'write' : 'append', value: textOf(value) };
}

/** The text that stands in quotes, as Clojure and JSON both write it. */
function textOf(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadRecord(`${quoted} is no text`);
    throw error;
  }
}
