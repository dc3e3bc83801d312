import type { Kv, OperationRecord } from '../consistency/records.ts';
import { ask, type AskInput } from './ask.ts';
import { leaseTtlSeconds, type Chooser, type Memory, type Request } from './requests.ts';

export interface ClientInput extends Omit<AskInput, 'request'> {
  readonly chooser: Chooser;
  readonly firstRevision: number;
  record(record: OperationRecord): void;
}

/** One client: it asks one member, one question at a time, and never the same again. */
export class Client {
  readonly #input: ClientInput;
  readonly #mods = new Map<string, number>();
  #lastRevision: number;
  #lease: Memory['lease'];

  constructor(input: ClientInput) {
    this.#input = input;
    this.#lastRevision = input.firstRevision;
  }

  /** Asks what the chooser draws for it. */
  async next(): Promise<OperationRecord> {
    const { chooser, client, clock, firstRevision } = this.#input;
    const memory = { mods: this.#mods, firstRevision, lastRevision: this.#lastRevision, lease: this.#lease };
    return this.ask(chooser.next(client, memory, clock.now()));
  }

  async ask(request: Request): Promise<OperationRecord> {
    const record = await ask({ ...this.#input, request });
    this.#input.record(record);
    this.#learn(record);
    return record;
  }

  #learn(record: OperationRecord): void {
    const { op, is, r = 0 } = record;
    if (op === 'grant') this.#lease = is === undefined ? { id: record.lease, attached: false, endsAtMs: this.#input.clock.now() + leaseTtlSeconds * 1000 } : undefined;
    else if (op === 'revoke' || (op === 'put' && record.lease !== undefined && is !== undefined)) this.#lease = undefined;
    else if (op === 'put' && record.lease !== undefined && this.#lease) this.#lease = { ...this.#lease, attached: true };
    if (is !== undefined) return;
    // A member that lies may tell of older ones.
    this.#lastRevision = Math.max(this.#lastRevision, r);
    if (op === 'put') this.#mods.set(record.k, r);
    else if (op === 'delete') this.#mods.set(record.k, 0);
    else if (op === 'get' && record.at === undefined) this.#mods.set(record.k, record.kv?.[1] ?? 0);
    else if (op === 'range') for (const [key, , mod] of record.rows ?? []) this.#mods.set(key, mod);
    else if (op === 'txn') this.#learnFrom(record, r);
  }

  #learnFrom({ success, failure = [], succeeded = false, responses = [] }: OperationRecord & { readonly op: 'txn' }, r: number): void {
    for (const [index, [kind, key]] of (succeeded ? success : failure).entries()) {
      if (kind === 'put') this.#mods.set(key, r);
      else if (kind === 'get') this.#mods.set(key, (responses[index] as Kv | null)?.[1] ?? 0);
    }
  }
}
