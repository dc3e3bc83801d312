import { isDeepStrictEqual } from 'node:util';
import type { OperationRecord } from '../../../runner/consistency/records.ts';
import { ModelEtcd } from './etcd-model.ts';

interface Event {
  readonly record: OperationRecord | undefined;
  /** The end of this lease. */
  readonly lease?: string;
  readonly call: number;
  readonly ret: number;
  readonly optional: boolean;
}

/**
 * Whether operations are linearizable, by trying every order that real time allows, every subset of those without an answer,
 * and every revision that those may have had. For a handful of operations only.
 */
export function bruteForce(records: readonly OperationRecord[]): boolean {
  const events: Event[] = [];
  const leases = new Map<string, number>();
  for (const record of records) {
    if (record.is === 'failed') continue;
    const isRead = record.op === 'get' || record.op === 'range';
    if (record.is === 'ambiguous' && isRead) continue;
    if (isRead && record.serializable) continue;
    if (record.op === 'keepalive') continue;
    if (record.op === 'grant') leases.set(record.lease, record.t[0]);
    else if (record.op === 'put' && record.lease !== undefined && !leases.has(record.lease)) leases.set(record.lease, -Infinity);
    if (record.is === 'ambiguous' && (record.op === 'grant' || record.op === 'revoke')) continue;
    events.push({ record, call: record.t[0], ret: record.is === 'ambiguous' ? Infinity : record.t[1]!, optional: record.is === 'ambiguous' });
  }
  for (const [lease, call] of leases) events.push({ record: undefined, lease, call, ret: Infinity, optional: true });
  const highest = Math.max(1, ...records.map((record) => record.r ?? 0)) + 1;
  return extend(events, new ModelEtcd(), { highest, deadEnds: new Set(), looksBack: records.some((record) => 'at' in record) });
}

interface Search {
  readonly highest: number;
  /** Where it was and found no way on. */
  readonly deadEnds: Set<string>;
  /** Whether a read asks for an older state. */
  readonly looksBack: boolean;
}

function extend(left: readonly Event[], store: ModelEtcd, search: Search): boolean {
  if (left.every(({ optional }) => optional)) return true;
  const here = JSON.stringify([left.map(({ record, lease }) => lease ?? [record!.c, record!.t]), store.revision, inOrder(store.keys), [...store.ended].sort(), search.looksBack ? [...store.past.values()].map(inOrder) : 0]);
  if (search.deadEnds.has(here)) return false;
  if (goesOn(left, store, search)) return true;
  search.deadEnds.add(here);
  return false;
}

function goesOn(left: readonly Event[], store: ModelEtcd, search: Search): boolean {
  const soonest = Math.min(...left.map(({ ret }) => ret));
  for (const event of left) {
    if (event.call > soonest) continue;
    const rest = left.filter((other) => other !== event);
    if (event.record === undefined || event.optional) {
      for (let revision = store.revision; revision < search.highest; revision += 1) {
        const next = new ModelEtcd(store);
        next.foreign(revision);
        if (event.record === undefined) next.endLease(event.lease!);
        else next.apply(event.record);
        if (extend(rest, next, search)) return true;
        // Without a change of its own there is nothing to tell the revisions apart.
        if (next.revision === revision) break;
      }
      continue;
    }
    const { record } = event;
    // Others may write before it, and what it changes is one revision more than what it finds.
    for (const before of [record.r!, record.r! - 1]) {
      if (before < store.revision || ('at' in record && record.at !== undefined && record.at > before)) continue;
      const next = new ModelEtcd(store);
      next.foreign(before);
      const wasAttached = record.op === 'revoke' && [...next.keys.values()].some(({ lease }) => lease === record.lease);
      // The answer to a revocation comes when the lease has ended; when that was is told by nothing.
      if (wasAttached) continue;
      const answer = record.op === 'grant' || record.op === 'revoke' ? { r: next.revision } : next.apply(record);
      if (next.revision === record.r && answer.r === record.r && isAnswer(record, answer) && extend(rest, next, search)) return true;
    }
  }
  return false;
}

function inOrder<T>(keys: ReadonlyMap<string, T>): [string, T][] {
  return [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
}

function isAnswer(record: OperationRecord, answer: object): boolean {
  return Object.entries(answer).every(([name, value]) => isDeepStrictEqual(value, (record as unknown as Record<string, unknown>)[name]));
}
