import { BadRecord } from '../records.ts';
import type { Call, PlainOperation, Value } from './history.ts';

const linePattern = /jepsen\.util - (\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)(?:\s+(.*?))?\s*$/;

/** Puts the calls and the ends of operations together, as logs tell them. Time is the place in the log. */
export class Pairing {
  readonly #open = new Map<string, { key: string; call: Call; callMs: number; line: number }>();
  readonly #done: PlainOperation[] = [];

  invoked(client: string, key: string, call: Call, line: number): void {
    if (this.#open.has(client)) throw new BadRecord(`process ${client} calls before it has the answer to its last call`);
    this.#open.set(client, { key, call, callMs: line, line });
  }

  /** @param end how it ended; `nothing`: it certainly had no effect, `differs`: a comparison found another value */
  ended(client: string, end: 'ok' | 'nothing' | 'differs' | 'lost', answer: Value, line: number): void {
    const open = this.#open.get(client);
    if (!open) throw new BadRecord(`process ${client} has an answer to nothing that it called`);
    this.#open.delete(client);
    if (end === 'nothing' || (end === 'lost' && open.call.f === 'read')) return;
    this.#done.push({ ...open, client, answer, returnMs: end === 'lost' ? Infinity : line, ...(end === 'differs' ? { differs: true as const } : {}) });
  }

  /** What never ended may have taken effect. */
  all(): PlainOperation[] {
    for (const [client, open] of this.#open) if (open.call.f !== 'read') this.#done.push({ ...open, client, answer: null, returnMs: Infinity });
    this.#open.clear();
    return this.#done.toSorted((a, b) => a.callMs - b.callMs);
  }
}

/** Jepsen's log lines, such as `INFO  jepsen.util - 0 :invoke :write 4`: one register. Lines of other loggers are passed over. */
export class JepsenReader {
  readonly #pairing = new Pairing();
  readonly #asked = new Map<string, string>();
  #found = 0;

  static matches(line: string): boolean {
    return /jepsen\.util - /.test(line);
  }

  /** @throws BadRecord */
  take(line: string, number: number): void {
    if (!JepsenReader.matches(line)) return;
    const match = linePattern.exec(line);
    if (!match) throw new BadRecord('is no operation; give such as "INFO  jepsen.util - 0 :invoke :write 4"');
    const [, process, type, f, argument = ''] = match as unknown as [string, string, string, string, string?];
    if (process === ':nemesis') return;
    if (f !== 'read' && f !== 'write' && f !== 'cas') throw new BadRecord(`its operation is :${f}; :read, :write and :cas are understood`);
    this.#found += 1;
    if (type === 'invoke') {
      this.#asked.set(process, f);
      this.#pairing.invoked(process, '', callOf(f, argument), number);
      return;
    }
    if (this.#asked.get(process) !== f) throw new BadRecord(`process ${process} has an answer to nothing that it called`);
    if (type === 'ok') this.#pairing.ended(process, 'ok', f === 'read' ? valueOf(argument) : null, number);
    else if (type === 'info') this.#pairing.ended(process, 'lost', null, number);
    // A failure that gives another reason than its own operands may have been refused without a look.
    else this.#pairing.ended(process, f === 'cas' && /^\[[^\]]*\]$/.test(argument) ? 'differs' : 'nothing', null, number);
  }

  /** @throws BadRecord when there was none */
  end(): PlainOperation[] {
    if (this.#found === 0) throw new BadRecord('has no operation');
    return this.#pairing.all();
  }
}

function callOf(f: 'read' | 'write' | 'cas', argument: string): Call {
  if (f === 'read') return { f };
  if (f === 'write') {
    if (argument === '') throw new BadRecord('writes nothing; give a value');
    return { f, value: argument };
  }
  const both = /^\[(\S+)[ ,]+(\S+)\]$/.exec(argument);
  if (!both) throw new BadRecord(`compares by "${argument}"; give two values such as [0 3]`);
  return { f, from: both[1]!, to: both[2]! };
}

function valueOf(argument: string): Value {
  return argument === 'nil' || argument === '' ? null : argument;
}
