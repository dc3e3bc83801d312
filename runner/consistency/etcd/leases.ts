import { kindOf, outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import type { Finding } from '../verdict.ts';
import { named, shown } from './shown.ts';

const check = 'leases';

/**
 * Does no lease end before its time? A key that was put with a lease must be there as long as the lease was granted or kept
 * alive for, counted from the call of the last grant or keepalive that was answered, unless something may have deleted it,
 * put it again, or revoked the lease.
 */
export function judgeLeases(history: EtcdHistory): Finding {
  const refreshed = new Map<number, { item: number; callMs: number; untilMs: number; returnMs: number }[]>();
  const revokedMs = new Map<number, number>();
  for (let item = 0; item < history.length; item += 1) {
    const kind = history.kind.data[item]!;
    if (kind < kindOf.grant || history.outcome.data[item] === outcomes.failed) continue;
    const lease = history.lease.data[item]!;
    if (kind === kindOf.revoke) revokedMs.set(lease, Math.min(revokedMs.get(lease) ?? Infinity, history.call.data[item]!));
    else if (history.outcome.data[item] === outcomes.ok && history.ttl.data[item]! > 0) {
      const callMs = history.call.data[item]!;
      refreshed.set(lease, [...(refreshed.get(lease) ?? []), { item, callMs, untilMs: callMs + history.ttl.data[item]! * 1000, returnMs: history.ret.data[item]! }]);
    }
  }
  if (refreshed.size === 0) return { check, verdict: 'held', says: 'there was none' };
  const puts = attachments(history, refreshed);
  const others = changes(history);
  let looks = 0;
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] !== outcomes.ok || history.at.data[item]! > 0 || history.serializable.data[item] === 1) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      if (history.stepKind.data[step] !== steps.read || history.stepMore.data[step] === 1 || history.stepHi.data[step]! - history.stepLo.data[step]! !== 1) continue;
      if (history.rowFrom.data[step] !== history.rowFrom.data[step + 1]) continue;
      const key = history.stepLo.data[step]!;
      const put = puts.get(key)?.findLast((one) => history.ret.data[one.item]! < history.call.data[item]!);
      if (!put) continue;
      looks += 1;
      // Gone when the read returned at the latest: it ends too early when it was to live until after that.
      const goneMs = history.ret.data[item]!;
      const alive = refreshed.get(put.lease)!.findLast((one) => one.returnMs < history.call.data[item]! && goneMs < one.untilMs);
      if (!alive || (revokedMs.get(put.lease) ?? Infinity) <= goneMs) continue;
      const excused = others.get(key)!.some((other) => other !== put.item && other !== item && history.call.data[other]! <= goneMs && history.ret.data[other]! >= history.call.data[put.item]!);
      if (excused) continue;
      const name = history.leases.texts[put.lease]!;
      const says = `lease ${name} was to live until ${alive.untilMs} ms at least by ${named(history, alive.item)}, but ${history.keyText(key)}, put with it, was gone by ${goneMs} ms: ${named(history, item)}`;
      const operations = [...new Set([alive.item, put.item])].map((one) => shown(history, one));
      return { check, verdict: 'broken', says: `lease ${name} ended before its time`, counterexample: { says, operations: [...operations, shown(history, item, true)], stuckAtMs: goneMs } };
    }
  }
  return { check, verdict: 'held', says: `${refreshed.size === 1 ? 'one lease' : `${refreshed.size} leases`}, and ${looks} reads of keys that were gone: none ended before its time` };
}

function attachments(history: EtcdHistory, leases: ReadonlyMap<number, unknown>): Map<number, { item: number; lease: number }[]> {
  const found = new Map<number, { item: number; lease: number }[]>();
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] !== outcomes.ok) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      const lease = history.stepLease.data[step]!;
      if (!leases.has(lease)) continue;
      const key = history.stepLo.data[step]!;
      found.set(key, [...(found.get(key) ?? []), { item, lease }]);
    }
  }
  return found;
}

/** By key: what may have put or deleted it. */
function changes(history: EtcdHistory): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] === outcomes.failed) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      if (history.stepKind.data[step] === steps.read) continue;
      for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) {
        const own = found.get(key);
        if (own) own.push(item);
        else found.set(key, [item]);
      }
    }
  }
  return found;
}
