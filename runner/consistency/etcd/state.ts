import { kindOf, branches, steps, targets, type EtcdHistory } from '../etcd-history.ts';

/**
 * A moment that isn't known as a number yet: the revision of an operation that was put between others. Told from real ones
 * by being negative.
 */
export type Revision = number;

export type ConflictKind = 'row' | 'absent' | 'outside' | 'count' | 'compare' | 'lease' | 'no effect' | 'lease ended' | 'future';

/** Why an operation can't come next, and what would have to stand before it so that it could. */
export interface Conflict {
  readonly kind: ConflictKind;
  /** The operation's number, or, from the history's length on, the end of a lease. */
  readonly item: number;
  readonly key: number;
  readonly row: number;
  readonly step: number;
  readonly need: Need;
}

/** An operation with an effect of this kind on one of the keys, later than `lo` and before `hi` (at it, for what only reads). */
export interface Need {
  readonly effect: 'none' | 'put' | 'delete' | 'any';
  readonly keys: readonly number[];
  readonly lo: Revision;
  readonly hi: Revision;
  /** Nothing else than exactly this revision will do; 0 when any does. */
  readonly exactly: Revision;
}

/** The log's entries: of a key, or of something else, told by a negative first number. */
const entryLength = 8;
const endOfLease = -1;
const newPin = -2;

export const nothing: Need = { effect: 'none', keys: [], lo: 0, hi: 0, exactly: 0 };

/**
 * What etcd holds, as its documentation tells: a put sets mod_revision and counts the version up, or begins a new life of the
 * key with create_revision; a deletion ends it; all of a transaction has one revision. Operations are applied one by one,
 * and their answers are compared with what is held.
 */
export class EtcdState {
  readonly value: Int32Array;
  /** 0 where there is no such key. */
  readonly mod: Float64Array;
  readonly create: Float64Array;
  readonly version: Int32Array;
  readonly lease: Int32Array;
  readonly ended: Uint8Array;
  /** When the key went away last; 0 where it never did. */
  readonly gone: Float64Array;
  /** Up to when all that happened to the key is told by an answer: nothing more can stand before that in this life of the key. */
  readonly told: Float64Array;
  /** 0 for keys that are left out. */
  readonly active: Uint8Array;
  /** Revisions that became known, of those that weren't. */
  readonly pins = new Map<Revision, Revision>();
  conflict: Conflict | undefined;
  /** Something was asked of a revision that isn't known, which makes a positive answer one of several. */
  undecided = false;
  readonly #history: EtcdHistory;
  readonly #keysOfLease: readonly (readonly number[])[];
  readonly #isOccupied: (revision: Revision) => boolean;
  /** What was changed, as it was before: runs of eight numbers. */
  #log = new Float64Array(1024);
  #logged = 0;
  #searching = false;

  /** @param isOccupied whether another operation is known to have this revision */
  constructor(history: EtcdHistory, keysOfLease: readonly (readonly number[])[], active: Uint8Array, isOccupied: (revision: Revision) => boolean) {
    this.#isOccupied = isOccupied;
    const count = history.keyCount;
    this.#history = history;
    this.#keysOfLease = keysOfLease;
    this.value = new Int32Array(count).fill(-1);
    this.mod = new Float64Array(count);
    this.create = new Float64Array(count);
    this.version = new Int32Array(count);
    this.lease = new Int32Array(count).fill(-1);
    this.ended = new Uint8Array(history.leases.texts.length);
    this.gone = new Float64Array(count);
    this.told = new Float64Array(count);
    this.active = active;
  }

  /** What was changed so far stays; what is changed from now on can be taken back. */
  settle(): void {
    this.#logged = 0;
  }

  /** As {@link settle}, for a search: it also has to know what answers have told. */
  search(): void {
    this.settle();
    this.#searching = true;
  }

  get mark(): number {
    return this.#logged;
  }

  /** Takes all back that was changed since `mark`. */
  rewind(mark: number): void {
    const log = this.#log;
    while (this.#logged > mark) {
      const at = (this.#logged -= entryLength);
      const key = log[at]!;
      if (key >= 0) {
        this.value[key] = log[at + 1]!;
        this.mod[key] = log[at + 2]!;
        this.create[key] = log[at + 3]!;
        this.version[key] = log[at + 4]!;
        this.lease[key] = log[at + 5]!;
        this.gone[key] = log[at + 6]!;
        this.told[key] = log[at + 7]!;
      } else if (key === endOfLease) this.ended[log[at + 1]!] = 0;
      else this.pins.delete(log[at + 1]!);
    }
  }

  /**
   * Applies an operation that was answered, if its answer is right.
   *
   * @param at the revision of the state that its answer is about; its own, when it changed something
   * @returns whether it could come next; if not, `conflict` says why
   */
  check(item: number, at: Revision): boolean {
    const history = this.#history;
    const hi = history.raises.data[item] === 1 ? at - 1 : at;
    const compareTo = history.compareFrom.data[item + 1]!;
    const compareFrom = history.compareFrom.data[item]!;
    if (compareTo > compareFrom && !this.#compares(item, compareFrom, compareTo, hi)) return false;
    if (history.kind.data[item] === kindOf.revoke) return this.#revoked(item, hi);
    const stepTo = history.stepFrom.data[item + 1]!;
    for (let step = history.stepFrom.data[item]!; step < stepTo; step += 1) {
      const kind = history.stepKind.data[step];
      if (kind === steps.put) {
        const key = history.stepLo.data[step]!;
        if (this.active[key] === 0) continue;
        const lease = history.stepLease.data[step]!;
        if (lease >= 0 && this.ended[lease] === 1) return this.#fails('lease ended', item, key, -1, step, nothing);
        this.#put(key, history.stepValue.data[step]!, lease, at);
      } else if (kind === steps.read) {
        if (!this.#read(item, step, hi)) return false;
      } else if (!this.#deleted(item, step, hi)) return false;
    }
    return true;
  }

  /**
   * Applies one without an answer.
   *
   * @returns whether it changed anything
   */
  take(item: number, revision: Revision): boolean {
    const history = this.#history;
    let changed = false;
    if (item >= history.length) {
      const lease = item - history.length;
      for (const key of this.#keysOfLease[lease]!) {
        if (this.active[key] === 1 && this.mod[key] !== 0 && this.lease[key] === lease) {
          this.#remove(key, revision);
          changed = true;
        }
      }
      this.#rememberOther(endOfLease, lease);
      this.ended[lease] = 1;
      return changed;
    }
    let branch: number = branches.success;
    for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) {
      if (!this.#holds(compare, undefined)) branch = branches.failure;
    }
    const stepTo = history.stepFrom.data[item + 1]!;
    const stepFrom = history.stepFrom.data[item]!;
    for (let step = stepFrom; step < stepTo; step += 1) {
      const lease = history.stepLease.data[step]!;
      if (this.#isTaken(step, branch) && lease >= 0 && this.ended[lease] === 1) return false;
    }
    for (let step = stepFrom; step < stepTo; step += 1) {
      if (!this.#isTaken(step, branch)) continue;
      const lo = history.stepLo.data[step]!;
      if (history.stepKind.data[step] === steps.put) {
        if (this.active[lo] === 0) continue;
        this.#put(lo, history.stepValue.data[step]!, history.stepLease.data[step]!, revision);
        changed = true;
      } else {
        for (let key = lo; key < history.stepHi.data[step]!; key += 1) {
          if (this.active[key] === 0 || this.mod[key] === 0) continue;
          this.#remove(key, revision);
          changed = true;
        }
      }
    }
    return changed;
  }

  /** A settled operation that changes nothing where it was seen to. */
  hadNoEffect(item: number, key: number, keys: readonly number[], at: Revision): void {
    this.#fails('no effect', item, key, -1, -1, { effect: 'any', keys, lo: 0, hi: at - 1, exactly: 0 });
  }

  #isTaken(step: number, branch: number): boolean {
    const own = this.#history.stepBranch.data[step];
    return own === branches.plain || own === branch;
  }

  #put(key: number, value: number, lease: number, revision: Revision): void {
    this.#remember(key);
    if (this.mod[key] === 0) {
      this.create[key] = revision;
      this.version[key] = 1;
    } else this.version[key]! += 1;
    this.value[key] = value;
    this.mod[key] = revision;
    this.lease[key] = lease;
  }

  #remove(key: number, revision: Revision): void {
    this.#remember(key);
    this.gone[key] = revision;
    this.value[key] = -1;
    this.mod[key] = 0;
    this.create[key] = 0;
    this.version[key] = 0;
    this.lease[key] = -1;
  }

  #remember(key: number): void {
    if (this.#logged + entryLength > this.#log.length) this.#growLog();
    const log = this.#log;
    const at = this.#logged;
    log[at] = key;
    log[at + 1] = this.value[key]!;
    log[at + 2] = this.mod[key]!;
    log[at + 3] = this.create[key]!;
    log[at + 4] = this.version[key]!;
    log[at + 5] = this.lease[key]!;
    log[at + 6] = this.gone[key]!;
    log[at + 7] = this.told[key]!;
    this.#logged = at + entryLength;
  }

  #rememberOther(what: number, value: number): void {
    if (this.#logged + entryLength > this.#log.length) this.#growLog();
    this.#log[this.#logged] = what;
    this.#log[this.#logged + 1] = value;
    this.#logged += entryLength;
  }

  #growLog(): void {
    const grown = new Float64Array(this.#log.length * 2);
    grown.set(this.#log);
    this.#log = grown;
  }

  #read(item: number, step: number, hi: Revision): boolean {
    const history = this.#history;
    let row = history.rowFrom.data[step]!;
    const rowTo = history.rowFrom.data[step + 1]!;
    const lo = history.stepLo.data[step]!;
    // Behind the last row of an answer that was cut short nothing is told.
    const end = history.stepMore.data[step] === 0 ? history.stepHi.data[step]! : row === rowTo ? lo : history.rowKey.data[rowTo - 1]! + 1;
    for (let key = lo; key < end; key += 1) {
      const has = row < rowTo && history.rowKey.data[row] === key;
      if (this.active[key] === 1) {
        if (has) {
          if (!this.#isRow(item, key, row, step, hi)) return false;
        } else if (this.mod[key] !== 0) {
          return this.#fails('absent', item, key, -1, step, { effect: 'delete', keys: [key], lo: this.mod[key]!, hi, exactly: 0 });
        }
      }
      if (has) row += 1;
    }
    if (row < rowTo) return this.#fails('outside', item, history.rowKey.data[row]!, row, step, nothing);
    return true;
  }

  #isRow(item: number, key: number, row: number, step: number, hi: Revision): boolean {
    const history = this.#history;
    const mod = history.rowMod.data[row]!;
    const create = history.rowCreate.data[row]!;
    const version = history.rowVersion.data[row]!;
    const lease = history.rowLease.data[row]!;
    if (this.mod[key] === mod && this.value[key] === history.rowValue.data[row]) {
      const created = this.pins.get(this.create[key]!) ?? this.create[key]!;
      // Which lease a key has is not told by every tool.
      if (lease >= 0 && lease !== this.lease[key]) return this.#fails('row', item, key, row, step, nothing);
      if (create === 0 || created === create || (created < 0 && this.#pin(created, create))) {
        if (version === 0 || this.version[key] === version) {
          if (this.#searching && version > 0 && create > 0) {
            this.#remember(key);
            this.told[key] = hi;
          }
          return true;
        }
        const lo = Math.max(create, this.told[key]!);
        const need: Need = version > this.version[key]! ? { effect: 'put', keys: [key], lo, hi: mod - 1, exactly: 0 } : nothing;
        return this.#fails('row', item, key, row, step, need);
      }
      if (created < 0 || create > created) {
        return this.#fails('row', item, key, row, step, { effect: 'delete', keys: [key], lo: Math.max(created, 0), hi: create - 1, exactly: 0 });
      }
      return this.#fails('row', item, key, row, step, { effect: 'put', keys: [key], lo: create - 1, hi: create, exactly: create });
    }
    return this.#fails('row', item, key, row, step, nothing);
  }

  #deleted(item: number, step: number, hi: Revision): boolean {
    const history = this.#history;
    const lo = history.stepLo.data[step]!;
    const end = history.stepHi.data[step]!;
    const told = history.stepCount.data[step]!;
    let count = 0;
    let whole = true;
    for (let key = lo; key < end; key += 1) {
      if (this.active[key] === 0) whole = false;
      else if (this.mod[key] !== 0) {
        count += 1;
        this.#remove(key, hi + 1);
      }
    }
    if (!whole || told < 0 || count === told) return true;
    if (end - lo > 1) return this.#fails('count', item, lo, -1, step, { effect: 'any', keys: range(lo, end), lo: 0, hi, exactly: 0 });
    const effect = told > count ? 'put' : 'delete';
    return this.#fails('count', item, lo, -1, step, { effect: told > 1 ? 'none' : effect, keys: [lo], lo: Math.max(effect === 'put' ? this.gone[lo]! : 0, 0), hi, exactly: 0 });
  }

  #compares(item: number, from: number, to: number, hi: Revision): boolean {
    const history = this.#history;
    const succeeded = history.succeeded.data[item] === 1;
    let failed = -1;
    for (let compare = from; compare < to; compare += 1) {
      if (this.active[history.compareKey.data[compare]!] === 0) {
        if (succeeded) continue;
        // One of those that are left out may be the one that failed.
        return true;
      }
      if (!this.#holds(compare, succeeded)) {
        if (!succeeded) return true;
        failed = compare;
        break;
      }
    }
    if (succeeded && failed < 0) return true;
    if (to - from === 1) return this.#fails('compare', item, history.compareKey.data[from]!, from, -1, this.#changeFor(from, succeeded, hi));
    const keys = succeeded ? [history.compareKey.data[failed]!] : [...history.compareKey.data.subarray(from, to)];
    return this.#fails('compare', item, keys[0]!, succeeded ? failed : from, -1, { effect: 'any', keys, lo: 0, hi, exactly: 0 });
  }

  /** What would have to happen to a key so that a comparison comes out as it did. */
  #changeFor(compare: number, succeeded: boolean, hi: Revision): Need {
    const history = this.#history;
    const key = history.compareKey.data[compare]!;
    const target = targets[history.compareTarget.data[compare]!]!;
    const last = Math.max(this.mod[key]!, this.gone[key]!, 0);
    const isNumber = target === 'version' || target === 'create' || target === 'mod';
    if (isNumber && history.compareOperand.data[compare] === 0 && history.compareRelation.data[compare] !== 2) {
      const wantsAbsent = (history.compareRelation.data[compare] === 0) === succeeded;
      return { effect: wantsAbsent ? 'delete' : 'put', keys: [key], lo: last, hi, exactly: 0 };
    }
    return { effect: 'any', keys: [key], lo: target === 'version' || target === 'create' ? 0 : last, hi, exactly: 0 };
  }

  /** @param wanted what the answer says, if there is one: a revision that isn't known can be made to be so */
  #holds(compare: number, wanted: boolean | undefined): boolean {
    const history = this.#history;
    const key = history.compareKey.data[compare]!;
    const operand = history.compareOperand.data[compare]!;
    const target = targets[history.compareTarget.data[compare]!]!;
    const relation = history.compareRelation.data[compare]!;
    const absent = this.mod[key] === 0;
    let held: number;
    if (target === 'value') {
      // etcd: a comparison of the value of a key that isn't there fails, whatever it is.
      if (absent) return false;
      held = this.value[key]!;
    } else held = this[target][key]!;
    if ((target === 'create' || target === 'mod') && held < 0) {
      const pinned = this.pins.get(held);
      if (pinned === undefined) {
        if (relation === 0 && wanted === true && operand > 0) return this.#pin(held, operand);
        if (operand > 0 && (relation > 1 || !this.#isOccupied(operand))) this.undecided = true;
        return operand === 0 ? relation === 1 || relation === 3 : relation === 1 || (relation > 1 && wanted === true);
      }
      held = pinned;
    }
    if (relation === 0) return held === operand;
    if (relation === 1) return held !== operand;
    return relation === 2 ? held < operand : held > operand;
  }

  #pin(symbol: Revision, revision: Revision): boolean {
    const pinned = this.pins.get(symbol);
    if (pinned !== undefined) return pinned === revision;
    if (this.#isOccupied(revision)) return false;
    this.#rememberOther(newPin, symbol);
    this.pins.set(symbol, revision);
    return true;
  }

  #revoked(item: number, hi: Revision): boolean {
    const lease = this.#history.lease.data[item]!;
    for (const key of this.#keysOfLease[lease]!) {
      if (this.active[key] === 1 && this.mod[key] !== 0 && this.lease[key] === lease) {
        return this.#fails('lease', item, key, -1, -1, { effect: 'delete', keys: [key], lo: this.mod[key]!, hi, exactly: 0 });
      }
    }
    return true;
  }

  #fails(kind: ConflictKind, item: number, key: number, row: number, step: number, need: Need): false {
    this.conflict = { kind, item, key, row, step, need };
    return false;
  }
}

function range(lo: number, hi: number): number[] {
  return Array.from({ length: hi - lo }, (_, index) => lo + index);
}
