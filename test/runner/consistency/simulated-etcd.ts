import { seeded, type Rng } from '../../../runner/rng.ts';
import type { Compare, OperationRecord, Step } from '../../../runner/consistency/records.ts';
import { ModelEtcd } from './etcd-model.ts';

export interface Workload {
  readonly seed: number;
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** How many of the answers are lost, from 0 to 1. */
  readonly lost?: number;
  /** How many writes of others come between, from 0 to 1 for each operation. */
  readonly foreign?: number;
  readonly leases?: boolean;
  readonly transactions?: boolean;
  /** Serializable reads as well. */
  readonly serializable?: boolean;
}

interface Due {
  readonly at: number;
  readonly record: OperationRecord;
  readonly answered: boolean;
  readonly happens: boolean;
}

/**
 * A history of a store that is linearizable for sure: every operation takes effect at one moment between its call and its
 * return. Lost answers are ambiguous, and some of them took effect, some of these late.
 */
export function simulate(workload: Workload): OperationRecord[] {
  const rng = seeded(workload.seed);
  const next = (count: number): number => Math.floor(rng.next() * count);
  const due: Due[] = [];
  const clock = Array.from({ length: workload.clients }, () => next(3));
  for (let index = 0; index < workload.operations; index += 1) {
    const client = next(workload.clients);
    const call = clock[client]! + next(3);
    const effect = call + rng.next() * 3;
    const ret = Math.ceil(effect) + next(3);
    clock[client] = ret + next(2);
    const lost = rng.next() < (workload.lost ?? 0);
    const happens = !lost || rng.next() < 0.6;
    const late = lost && rng.next() < 0.4 ? rng.next() * 12 : 0;
    const asked = ask(workload, rng, index);
    due.push({ at: effect + late, answered: !lost, happens, record: { ...asked, c: client, t: [call, ret], ...(lost ? { is: 'ambiguous' } : {}) } as unknown as OperationRecord });
  }
  due.sort((a, b) => a.at - b.at);
  const store = new ModelEtcd();
  const done: OperationRecord[] = [];
  for (const { record, answered, happens } of due) {
    if (rng.next() < (workload.foreign ?? 0)) store.foreign(store.revision + 1 + next(2));
    if (!happens) {
      done.push(record);
      continue;
    }
    const asked = 'at' in record && record.at !== undefined ? { ...record, at: Math.max(1, store.revision - record.at) } : record;
    const answer = store.apply(asked);
    // A put with a lease that has ended is refused.
    if (answer.r === undefined) done.push({ ...asked, is: 'failed' });
    else done.push(answered ? ({ ...asked, ...answer } as OperationRecord) : asked);
  }
  return done;
}

function ask(workload: Workload, rng: Rng, index: number): object {
  const next = (count: number): number => Math.floor(rng.next() * count);
  const key = (): string => `k${next(workload.keys)}`;
  const value = `v${index}`;
  const lease = workload.leases && rng.next() < 0.5 ? { lease: `l${next(2)}` } : {};
  const dice = rng.next();
  if (dice < 0.35) return { op: 'put', k: key(), v: value, ...lease };
  if (dice < 0.6) return { op: 'get', k: key(), ...(rng.next() < 0.2 ? { at: next(3) } : {}) };
  if (dice < 0.68) return { op: 'range', k: 'k0', end: 'k9' };
  if (dice < 0.82) return rng.next() < 0.8 ? { op: 'delete', k: key() } : { op: 'delete', k: 'k0', end: 'k9' };
  if (workload.leases && dice < 0.9) return { op: rng.next() < 0.7 ? 'revoke' : 'keepalive', lease: `l${next(2)}`, ttl: 60 };
  if (workload.transactions === false) return { op: 'put', k: key(), v: value };
  return { op: 'txn', compare: Array.from({ length: 1 + next(2) }, () => compare(rng, key(), index)), success: branch(rng, key(), `${value}a`), failure: rng.next() < 0.5 ? [] : branch(rng, key(), `${value}b`) };
}

function compare(rng: Rng, key: string, index: number): Compare {
  const next = (count: number): number => Math.floor(rng.next() * count);
  const dice = next(5);
  if (dice === 0) return [key, 'value', rng.next() < 0.7 ? '=' : '!=', `v${next(index + 1)}`];
  const relations = ['=', '=', '!=', '<', '>'] as const;
  return [key, (['version', 'create', 'mod', 'mod'] as const)[dice - 1]!, relations[next(5)]!, next(4)];
}

function branch(rng: Rng, key: string, value: string): Step[] {
  const dice = rng.next();
  if (dice < 0.4) return [['put', key, value]];
  if (dice < 0.6) return [['put', 'k0', value], ['put', 'k1', value]];
  if (dice < 0.75) return [['get', key]];
  if (dice < 0.9) return [['delete', key]];
  return [['get', key], ['put', key, value], ['get', key]];
}
