import { kindOf, outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import type { Counterexample, Finding } from '../verdict.ts';
import { named, shown } from './shown.ts';

const check = 'durability';

/**
 * Is every acknowledged write in the final state, or was it overwritten? The final state of a key is what the linearizable
 * operation of the highest revision told of it that was called after all its acknowledged writes had returned.
 */
export function judgeDurability(history: EtcdHistory): Finding {
  const count = history.keyCount;
  const written = new Int32Array(count).fill(-1);
  const returned = new Float64Array(count).fill(-Infinity);
  const mayHaveGone = new Uint8Array(count);
  for (let item = 0; item < history.length; item += 1) {
    const outcome = history.outcome.data[item];
    if (outcome === outcomes.failed) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      const kind = history.stepKind.data[step];
      if (kind === steps.read) continue;
      for (let key = history.stepLo.data[step]!; key < history.stepHi.data[step]!; key += 1) {
        if (kind === steps.put && history.stepLease.data[step]! >= 0) mayHaveGone[key] = 1;
        if (outcome === outcomes.ambiguous) {
          if (kind === steps.delete) mayHaveGone[key] = 1;
        } else if (history.raises.data[item] === 1) {
          if (written[key]! < 0 || history.revision.data[item]! > history.revision.data[written[key]!]!) written[key] = item;
          returned[key] = Math.max(returned[key]!, history.ret.data[item]!);
        }
      }
    }
  }
  const seen = new Int32Array(count).fill(-1);
  const row = new Int32Array(count).fill(-1);
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] !== outcomes.ok || history.serializable.data[item] === 1 || history.at.data[item]! > 0 || history.raises.data[item] === 1) continue;
    if (history.kind.data[item] !== kindOf.get && history.kind.data[item] !== kindOf.range) continue;
    const step = history.stepFrom.data[item]!;
    let next = history.rowFrom.data[step]!;
    const rowTo = history.rowFrom.data[step + 1]!;
    const end = history.stepMore.data[step] === 0 ? history.stepHi.data[step]! : next === rowTo ? 0 : history.rowKey.data[rowTo - 1]! + 1;
    for (let key = history.stepLo.data[step]!; key < end; key += 1) {
      while (next < rowTo && history.rowKey.data[next]! < key) next += 1;
      if (history.call.data[item]! <= returned[key]! || (seen[key]! >= 0 && history.revision.data[item]! < history.revision.data[seen[key]!]!)) continue;
      seen[key] = item;
      row[key] = next < rowTo && history.rowKey.data[next] === key ? next : -1;
    }
  }
  const unseen: string[] = [];
  let keys = 0;
  for (let key = 0; key < count; key += 1) {
    if (written[key]! < 0) continue;
    keys += 1;
    if (seen[key]! < 0) unseen.push(history.keyText(key));
    else {
      const counterexample = lost(history, key, written[key]!, seen[key]!, row[key]!, mayHaveGone[key] === 1);
      if (counterexample) return { check, verdict: 'broken', says: `an acknowledged write is lost: key ${history.keyText(key)}`, counterexample };
    }
  }
  if (unseen.length > 0) return { check, verdict: 'unknown', says: `${unseen.length === 1 ? `${unseen[0]} was` : `${unseen[0]} and ${unseen.length - 1} more keys were`} not read after the last write` };
  return { check, verdict: 'held', says: `the last acknowledged write of each of ${keys} keys is in the final state, or was overwritten` };
}

function lost(history: EtcdHistory, key: number, write: number, read: number, row: number, mayHaveGone: boolean): Counterexample | undefined {
  const revision = history.revision.data[write]!;
  const put = lastStep(history, write, key);
  let why: string | undefined;
  if (row < 0) {
    if (history.stepKind.data[put] === steps.put && !mayHaveGone) why = 'nothing is there, and nobody may have deleted it';
  } else if (history.rowMod.data[row]! < revision) why = 'what is there is older';
  else if (history.rowMod.data[row] === revision && (history.stepKind.data[put] !== steps.put || history.stepValue.data[put] !== history.rowValue.data[row])) why = 'something else is there in its place';
  if (why === undefined) return undefined;
  return { says: `${named(history, write)} was acknowledged; by ${named(history, read)} ${why}`, operations: [shown(history, write), shown(history, read, true)], stuckAtMs: history.call.data[read]! };
}

function lastStep(history: EtcdHistory, item: number, key: number): number {
  let last = -1;
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
    if (history.stepKind.data[step] !== steps.read && history.stepLo.data[step]! <= key && key < history.stepHi.data[step]!) last = step;
  }
  return last;
}
