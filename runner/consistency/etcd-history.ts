import { Bytes, Floats, Ints, Names } from './columns.ts';
import {
  BadRecord,
  type Compare,
  type HashRecord,
  type HistoryHead,
  type HistoryRecord,
  type Kv,
  type OperationRecord,
  type Relation,
  type Row,
  type Step,
  type StepAnswer,
  type Target,
  type WatchRecord,
} from './records.ts';

export const outcomes = { ok: 0, failed: 1, ambiguous: 2 } as const;
export const kinds = ['put', 'get', 'range', 'delete', 'txn', 'grant', 'keepalive', 'revoke'] as const;
export const kindOf = { put: 0, get: 1, range: 2, delete: 3, txn: 4, grant: 5, keepalive: 6, revoke: 7 } as const;
export const steps = { put: 0, read: 1, delete: 2 } as const;
/** `before` is what an operation tells of the state that it found, such as put's previous value. */
export const branches = { plain: 0, success: 1, failure: 2 } as const;
export const targets: readonly Target[] = ['value', 'version', 'create', 'mod', 'lease'];
export const relations: readonly Relation[] = ['=', '!=', '<', '>'];

/** A key range without an end. */
const toTheLast = '\0';

/** What a history's head tells of it. */
export type HistoryFacts = Omit<HistoryHead, 'firedrill' | 'version'>;

/**
 * A history of etcd in columns: each operation is a row of numbers, its requests and answers are runs of the columns for
 * steps, rows and comparisons. `add` the records, then `close`: from then on a key's number is its place in the order of keys.
 */
export class EtcdHistory {
  readonly keys = new Names();
  readonly values = new Names();
  readonly leases = new Names();
  readonly members = new Names();
  readonly watches: WatchRecord[] = [];
  readonly hashes: HashRecord[] = [];

  readonly client = new Ints();
  readonly member = new Ints();
  readonly call = new Floats();
  /** Infinity where it never returned or its outcome is ambiguous. */
  readonly ret = new Floats();
  readonly outcome = new Bytes();
  readonly kind = new Bytes();
  /** Of the answer's header; 0 without one. */
  readonly revision = new Floats();
  /** The revision that was asked for; 0 without one. */
  readonly at = new Floats();
  readonly serializable = new Bytes();
  /** Whether its answer says that it raised the revision. */
  readonly raises = new Bytes();
  readonly succeeded = new Bytes();
  readonly lease = new Ints();
  readonly ttl = new Floats();
  /** Where it stands in the file. */
  readonly line = new Ints();
  readonly stepFrom = new Ints();
  readonly compareFrom = new Ints();

  readonly stepKind = new Bytes();
  readonly stepBranch = new Bytes();
  readonly stepLo = new Ints();
  /** Behind the last key. Until `close`: -1 for a single key, or the number of the range's end among `#ends`. */
  readonly stepHi = new Ints();
  readonly stepValue = new Ints();
  readonly stepLease = new Ints();
  /** How many were deleted; -1 where it isn't told. */
  readonly stepCount = new Ints();
  readonly stepMore = new Bytes();
  readonly rowFrom = new Ints();

  readonly rowKey = new Ints();
  readonly rowValue = new Ints();
  readonly rowMod = new Floats();
  readonly rowCreate = new Floats();
  readonly rowVersion = new Ints();
  readonly rowLease = new Ints();

  readonly compareKey = new Ints();
  readonly compareTarget = new Bytes();
  readonly compareRelation = new Bytes();
  /** A number, or that of a value or a lease. */
  readonly compareOperand = new Floats();

  readonly head: HistoryFacts;
  readonly #ends = new Names();
  #text: string[] | undefined;

  constructor(head: HistoryFacts = {}) {
    this.head = head;
  }

  get length(): number {
    return this.client.length;
  }

  keyText(key: number): string {
    return (this.#text ?? this.keys.texts)[key]!;
  }

  get keyCount(): number {
    return this.keys.texts.length;
  }

  /**
   * @param line where the record stands in its file, from 1
   * @throws BadRecord
   */
  add(record: HistoryRecord, line = 0): void {
    if ('op' in record) this.#operation(record, line);
    else if ('watch' in record) this.watches.push(checkedWatch(record));
    else if ('hash' in record) this.hashes.push(checkedHash(record));
    else throw new BadRecord('neither an operation ("op"), nor of a watch ("watch"), nor a hash ("hash")');
  }

  /** No record is added from now on. */
  close(): void {
    this.stepFrom.push(this.stepKind.length);
    this.compareFrom.push(this.compareKey.length);
    this.rowFrom.push(this.rowKey.length);
    const texts = this.keys.texts;
    const sorted = texts.map((_, index) => index).sort((a, b) => (texts[a]! < texts[b]! ? -1 : 1));
    const rank = new Int32Array(texts.length);
    for (const [place, index] of sorted.entries()) rank[index] = place;
    this.#text = sorted.map((index) => texts[index]!);
    const hi = this.#ends.texts.map((end) => (end === toTheLast ? texts.length : firstNotBefore(this.#text!, end)));
    for (let step = 0; step < this.stepLo.length; step += 1) {
      const lo = rank[this.stepLo.data[step]!]!;
      const end = this.stepHi.data[step]!;
      this.stepLo.data[step] = lo;
      this.stepHi.data[step] = end < 0 ? lo + 1 : Math.max(lo, hi[end]!);
    }
    for (let row = 0; row < this.rowKey.length; row += 1) this.rowKey.data[row] = rank[this.rowKey.data[row]!]!;
    for (let compare = 0; compare < this.compareKey.length; compare += 1) this.compareKey.data[compare] = rank[this.compareKey.data[compare]!]!;
    this.values.close();
  }

  /** The number of a key in a closed history; -1 where no operation names it. */
  keyNumber(text: string): number {
    const place = firstNotBefore(this.#text!, text);
    return this.#text![place] === text ? place : -1;
  }

  #operation(record: OperationRecord, line: number): void {
    const kind = kindOf[record.op];
    if (kind === undefined) throw new BadRecord(`"op" is ${JSON.stringify(record.op)}; give one of ${kinds.join(', ')}`);
    const outcome = record.is === undefined ? outcomes.ok : outcomes[record.is];
    if (outcome === undefined) throw new BadRecord(`"is" is ${JSON.stringify(record.is)}; give failed or ambiguous, or leave it out for a success`);
    if (!Number.isInteger(record.c) || record.c < 0) throw new BadRecord(`"c" is ${JSON.stringify(record.c)}; give the client's number`);
    const [callMs, returnMs] = Array.isArray(record.t) ? record.t : [NaN, NaN];
    const ok = outcome === outcomes.ok;
    if (typeof callMs !== 'number' || !(returnMs === null ? !ok : returnMs >= callMs)) {
      throw new BadRecord(`"t" is ${JSON.stringify(record.t)}; give the call and the return, no earlier, in milliseconds`);
    }
    const revision = ok ? whole(record.r, '"r"') : 0;
    if (ok && revision < 1) throw new BadRecord(`"r" is ${record.r}; the revisions of etcd begin with 1`);

    this.client.push(record.c);
    this.member.push(this.members.indexOf(record.m ?? this.head.members?.[record.c] ?? ownMember(record.c)));
    this.call.push(callMs);
    this.ret.push(ok ? returnMs! : Infinity);
    this.outcome.push(outcome);
    this.kind.push(kind);
    this.revision.push(revision);
    this.line.push(line);
    this.stepFrom.push(this.stepKind.length);
    this.compareFrom.push(this.compareKey.length);
    const at = 'at' in record && record.at !== undefined ? whole(record.at, '"at"') : 0;
    this.at.push(at);
    this.serializable.push('serializable' in record && record.serializable === true ? 1 : 0);
    const isLease = kind >= kindOf.grant;
    this.lease.push(isLease ? this.leases.indexOf(text((record as { lease: string }).lease, '"lease"')) : -1);
    this.ttl.push('ttl' in record && record.ttl !== undefined ? record.ttl : 0);
    this.succeeded.push('succeeded' in record && record.succeeded === true ? 1 : 0);
    const raises = this.#requests(record, ok) && ok;
    if (raises && revision < 2) throw new BadRecord('"r" is 1; the first revision is that of the empty store, a change has a later one');
    this.raises.push(raises ? 1 : 0);
  }

  /** @returns whether it raised the revision, by its answer */
  #requests(record: OperationRecord, ok: boolean): boolean {
    switch (record.op) {
      case 'put':
        if (ok && record.prev !== undefined) this.#read(record.k, undefined, kvRows(record.k, record.prev), false, branches.plain);
        this.#step(steps.put, record.k, undefined, branches.plain, record.v, record.lease);
        return true;
      case 'get':
        if (ok) this.#read(record.k, undefined, kvRows(record.k, record.kv), false, branches.plain);
        return false;
      case 'range':
        if (ok) this.#read(record.k, text(record.end, '"end"'), rowsOf(record.rows, '"rows"'), record.more === true, branches.plain);
        return false;
      case 'delete': {
        const deleted = ok ? whole(record.deleted, '"deleted"') : -1;
        if (ok && record.prev !== undefined) this.#read(record.k, record.end, rowsOf(record.prev, '"prev"'), false, branches.plain);
        this.#step(steps.delete, record.k, record.end, branches.plain, undefined, undefined, deleted);
        return deleted > 0;
      }
      case 'txn':
        return this.#transaction(record, ok);
      case 'grant':
      case 'keepalive':
      case 'revoke':
        return false;
    }
  }

  #transaction(record: Extract<OperationRecord, { op: 'txn' }>, ok: boolean): boolean {
    for (const compare of list<Compare>(record.compare, '"compare"')) this.#compare(compare);
    if (!ok) {
      for (const step of list<Step>(record.success, '"success"')) this.#asked(step, branches.success);
      for (const step of list<Step>(record.failure ?? [], '"failure"')) this.#asked(step, branches.failure);
      return false;
    }
    if (typeof record.succeeded !== 'boolean') throw new BadRecord('"succeeded" is missing; give whether the comparisons held');
    const taken = list<Step>(record.succeeded ? record.success : (record.failure ?? []), record.succeeded ? '"success"' : '"failure"');
    const got = list<StepAnswer>(record.responses ?? [], '"responses"');
    let raises = false;
    for (const [index, step] of taken.entries()) {
      if (this.#answered(step, got[index] ?? null, record.succeeded ? branches.success : branches.failure)) raises = true;
    }
    return raises;
  }

  #asked(step: Step, branch: number): void {
    if (step[0] === 'put') this.#step(steps.put, step[1], undefined, branch, step[2], step[3]);
    else if (step[0] === 'delete') this.#step(steps.delete, step[1], step[2], branch);
  }

  #answered(step: Step, answer: StepAnswer, branch: number): boolean {
    switch (step[0]) {
      case 'put':
        this.#step(steps.put, step[1], undefined, branch, step[2], step[3]);
        return true;
      case 'get':
        this.#read(step[1], undefined, kvRows(step[1], answer as Kv | null), false, branch);
        return false;
      case 'range':
        this.#read(step[1], step[2], rowsOf(answer as readonly Row[], '"responses"'), false, branch);
        return false;
      case 'delete': {
        const deleted = whole(answer, '"responses", the number of deleted keys,');
        this.#step(steps.delete, step[1], step[2], branch, undefined, undefined, deleted);
        return deleted > 0;
      }
    }
    throw new BadRecord(`a step is ${JSON.stringify(step)}; give ["put", key, value], ["get", key], ["range", key, end] or ["delete", key]`);
  }

  #read(key: string, end: string | undefined, rows: readonly Row[], more: boolean, branch: number): void {
    this.#step(steps.read, key, end, branch, undefined, undefined, -1, more);
    let before = '';
    for (const row of rows) {
      const [rowKey, value, mod, create, version, lease] = row;
      if (rowKey < before) throw new BadRecord(`the key ${JSON.stringify(rowKey)} stands behind ${JSON.stringify(before)}; give rows in the order of their keys`);
      before = rowKey;
      this.rowKey.push(this.keys.indexOf(text(rowKey, 'a key')));
      this.rowValue.push(this.values.indexOf(text(value, 'a value')));
      const modified = whole(mod, 'a mod_revision');
      if (modified < 1) throw new BadRecord('a mod_revision is 0; what a read gave is placed by it');
      this.rowMod.push(modified);
      this.rowCreate.push(create === undefined ? 0 : whole(create, 'a create_revision'));
      this.rowVersion.push(version === undefined ? 0 : whole(version, 'a version'));
      this.rowLease.push(lease === undefined ? -1 : this.leases.indexOf(lease));
    }
  }

  #step(kind: number, key: string, end: string | undefined, branch: number, value?: string, lease?: string, count = -1, more = false): void {
    this.stepKind.push(kind);
    this.stepBranch.push(branch);
    this.stepLo.push(this.keys.indexOf(text(key, '"k"')));
    this.stepHi.push(end === undefined ? -1 : this.#ends.indexOf(end));
    this.stepValue.push(kind === steps.put ? this.values.indexOf(text(value, '"v"')) : -1);
    this.stepLease.push(lease === undefined ? -1 : this.leases.indexOf(lease));
    this.stepCount.push(count);
    this.stepMore.push(more ? 1 : 0);
    this.rowFrom.push(this.rowKey.length);
  }

  #compare([key, target, relation, operand]: Compare): void {
    const targetCode = targets.indexOf(target);
    const relationCode = relations.indexOf(relation);
    if (targetCode < 0 || relationCode < 0) throw new BadRecord(`a comparison is ${JSON.stringify([key, target, relation, operand])}; its second is one of ${targets.join(', ')}, its third one of ${relations.join(' ')}`);
    if (target === 'value' || target === 'lease') {
      if (relationCode > 1) throw new BadRecord(`a ${target} is compared by ${relation}; only = and != are understood`);
      const given = text(operand, `the ${target} of a comparison`);
      this.compareOperand.push(target === 'value' ? this.values.indexOf(given) : given === '0' ? -1 : this.leases.indexOf(given));
    } else this.compareOperand.push(whole(operand, `the ${target} of a comparison`));
    this.compareKey.push(this.keys.indexOf(text(key, 'the key of a comparison')));
    this.compareTarget.push(targetCode);
    this.compareRelation.push(relationCode);
  }
}

/** What the member is called that a client asks, where the history doesn't say. */
export function ownMember(client: number): string {
  return `the member of client ${client}`;
}

function kvRows(key: string, kv: Kv | null | undefined): readonly Row[] {
  if (kv === undefined) throw new BadRecord('the answer is missing; give "kv", null where there is no such key');
  if (kv === null) return [];
  if (!Array.isArray(kv)) throw new BadRecord(`a key's content is ${JSON.stringify(kv)}; give [value, mod, create, version]`);
  return [[key, ...(kv as Kv)]];
}

function rowsOf(rows: readonly Row[] | null | undefined, what: string): readonly Row[] {
  const found = list<Row>(rows, what);
  if (!found.every((row) => Array.isArray(row))) throw new BadRecord(`${what} is ${JSON.stringify(rows)}; give a list of [key, value, mod, create, version]`);
  return found;
}

function list<T>(value: unknown, what: string): readonly T[] {
  if (!Array.isArray(value)) throw new BadRecord(`${what} is ${JSON.stringify(value) ?? 'missing'}; give a list`);
  return value as T[];
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new BadRecord(`${what} is ${JSON.stringify(value) ?? 'missing'}; give a text`);
  return value;
}

function whole(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new BadRecord(`${what} is ${JSON.stringify(value) ?? 'missing'}; give a whole number`);
  return value;
}

function checkedWatch(record: WatchRecord): WatchRecord {
  text(record.watch, '"watch"');
  text(record.m, '"m"');
  if (typeof record.t !== 'number') throw new BadRecord('"t" is missing; give the arrival in milliseconds');
  for (const event of list<unknown>(record.events ?? [], '"events"')) {
    const known = Array.isArray(event) && typeof event[1] === 'string' && (event[0] === 'put' ? Number.isSafeInteger(event[3]) : event[0] === 'delete' && Number.isSafeInteger(event[2]));
    if (!known) throw new BadRecord(`an event is ${JSON.stringify(event)}; give ["put", key, value, mod, create, version] or ["delete", key, mod]`);
  }
  return record;
}

function checkedHash(record: HashRecord): HashRecord {
  text(record.hash, '"hash"');
  text(record.m, '"m"');
  whole(record.at, '"at"');
  whole(record.compact, '"compact"');
  return record;
}

function firstNotBefore(sorted: readonly string[], text: string): number {
  let lo = 0;
  let hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sorted[middle]! < text) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}
