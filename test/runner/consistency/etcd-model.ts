import type { Compare, Kv, OperationRecord, Row, Step, StepAnswer } from '../../../runner/consistency/records.ts';

type Held = { value: string; mod: number; create: number; version: number; lease: string | undefined };

/** etcd's key-value store as its documentation tells, written without a look at the checker: plain, slow, and one object a state. */
export class ModelEtcd {
  revision: number;
  keys: Map<string, Held>;
  ended: Set<string>;
  /** The states that there were, by revision. */
  past: Map<number, Map<string, Held>>;

  constructor(from?: ModelEtcd) {
    this.revision = from?.revision ?? 1;
    this.keys = new Map(from?.keys ?? []);
    this.ended = new Set(from?.ended ?? []);
    this.past = new Map(from?.past ?? [[1, new Map()]]);
  }

  /** Others write other keys until this revision is reached. */
  foreign(revision: number): void {
    while (this.revision < revision) this.#commit();
  }

  #commit(): void {
    this.revision += 1;
    this.past.set(this.revision, new Map(this.keys));
  }

  /** Does what was asked for, and gives what an answer to it would tell. */
  apply(asked: OperationRecord): Partial<OperationRecord> {
    switch (asked.op) {
      case 'put': {
        const { answers } = this.#change([['put', asked.k, asked.v, asked.lease]]);
        return answers ? { r: this.revision } : {};
      }
      case 'get':
        return { kv: contentOf(this.#row(this.#at(asked.at), asked.k)), r: this.revision };
      case 'range':
        return { rows: this.#rows(this.#at(asked.at), asked.k, asked.end), r: this.revision };
      case 'delete': {
        const { answers } = this.#change([['delete', asked.k, asked.end]]);
        return { deleted: answers![0] as number, r: this.revision };
      }
      case 'txn': {
        const succeeded = asked.compare.every((compare) => this.#holds(compare));
        const { answers } = this.#change(succeeded ? asked.success : (asked.failure ?? []));
        return { succeeded, responses: answers!, r: this.revision };
      }
      case 'grant':
      case 'keepalive':
        return { r: this.revision };
      case 'revoke':
        this.endLease(asked.lease);
        return { r: this.revision };
    }
  }

  endLease(lease: string): boolean {
    this.ended.add(lease);
    const attached = [...this.keys].filter(([, held]) => held.lease === lease).map(([key]) => key);
    for (const key of attached) this.keys.delete(key);
    if (attached.length > 0) this.#commit();
    return attached.length > 0;
  }

  #at(revision: number | undefined): Map<string, Held> {
    return revision === undefined ? this.keys : this.past.get(revision)!;
  }

  #change(asked: readonly Step[]): { answers: StepAnswer[] | undefined } {
    if (asked.some((step) => step[0] === 'put' && step[3] !== undefined && this.ended.has(step[3]))) return { answers: undefined };
    const next = this.revision + 1;
    let changed = false;
    const answers = asked.map((step): StepAnswer => {
      if (step[0] === 'put') {
        const before = this.keys.get(step[1]);
        this.keys.set(step[1], { value: step[2], mod: next, create: before?.create ?? next, version: (before?.version ?? 0) + 1, lease: step[3] });
        changed = true;
        return null;
      }
      if (step[0] === 'get') return contentOf(this.#row(this.keys, step[1]));
      if (step[0] === 'range') return this.#rows(this.keys, step[1], step[2]);
      const keys = this.#within(this.keys, step[1], step[2]);
      for (const key of keys) this.keys.delete(key);
      if (keys.length > 0) changed = true;
      return keys.length;
    });
    if (changed) this.#commit();
    return { answers };
  }

  #within(keys: Map<string, Held>, from: string, end: string | undefined): string[] {
    return [...keys.keys()].filter((key) => (end === undefined ? key === from : key >= from && (end === '\0' || key < end))).sort();
  }

  #rows(keys: Map<string, Held>, from: string, end: string): Row[] {
    return this.#within(keys, from, end).map((key) => this.#row(keys, key)!);
  }

  #row(keys: Map<string, Held>, key: string): Row | undefined {
    const held = keys.get(key);
    return held && (held.lease === undefined ? [key, held.value, held.mod, held.create, held.version] : [key, held.value, held.mod, held.create, held.version, held.lease]);
  }

  #holds([key, target, relation, operand]: Compare): boolean {
    const held = this.keys.get(key);
    if (target === 'value' && !held) return false;
    const own = target === 'lease' ? (held?.lease ?? '0') : held ? held[target] : 0;
    if (relation === '=') return own === operand;
    if (relation === '!=') return own !== operand;
    return relation === '<' ? own < operand : own > operand;
  }
}

function contentOf(row: Row | undefined): Kv | null {
  if (!row) return null;
  const [, ...kv] = row;
  return kv;
}
