import { kindOf, outcomes, steps, type EtcdHistory } from '../etcd-history.ts';
import type { OpenOperation } from './problem.ts';
import type { FreeRevisions } from './rooms.ts';

export interface Evidence {
  /** Whether what serializable reads saw counts. */
  readonly serializable: boolean;
  /** Whether what watches told counts. */
  readonly watches: boolean;
}

/**
 * Finds out when operations without an answer took effect: a value that only one of them writes was seen, with its revision.
 * What linearizable operations saw is a fact of the history; what watches told is only evidence, as a watch may lie.
 *
 * @param known the revisions of the writes that were answered
 */
export function settle(history: EtcdHistory, open: readonly OpenOperation[], known: FreeRevisions, evidence: Evidence): { placed: Float64Array; notUnique: string | undefined } {
  const placed = new Float64Array(history.length + history.leases.texts.length);
  if (open.length === 0) return { placed, notUnique: undefined };
  const { writers, unsure, notUnique } = writersOf(history, open);
  const saw = (key: number, value: number, mod: number): void => {
    const item = writers.get(key * 2 ** 31 + value);
    if (item !== undefined && placed[item] === 0 && !known.isOccupied(mod)) placed[item] = mod;
  };
  const rowsOf = (item: number): void => {
    const rowTo = history.rowFrom.data[history.stepFrom.data[item + 1]!]!;
    for (let row = history.rowFrom.data[history.stepFrom.data[item]!]!; row < rowTo; row += 1) {
      if (unsure[history.rowValue.data[row]!] === 1) saw(history.rowKey.data[row]!, history.rowValue.data[row]!, history.rowMod.data[row]!);
    }
  };
  const isRead = (item: number, serializable: number): boolean => history.outcome.data[item] === outcomes.ok && history.kind.data[item]! < kindOf.grant && history.serializable.data[item] === serializable;
  for (let item = 0; item < history.length; item += 1) if (isRead(item, 0)) rowsOf(item);
  if (evidence.serializable) for (let item = 0; item < history.length; item += 1) if (isRead(item, 1)) rowsOf(item);
  if (evidence.watches) fromWatches(history, open, known, placed, saw);
  return { placed, notUnique };
}

function writersOf(history: EtcdHistory, open: readonly OpenOperation[]): { writers: Map<number, number>; unsure: Uint8Array; notUnique: string | undefined } {
  const writers = new Map<number, number>();
  const unsure = new Uint8Array(history.values.texts.length);
  let notUnique: string | undefined;
  for (const { item } of open) {
    if (item >= history.length) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      if (history.stepKind.data[step] !== steps.put) continue;
      const value = history.stepValue.data[step]!;
      const both = history.stepLo.data[step]! * 2 ** 31 + value;
      if ((writers.get(both) ?? item) !== item) {
        notUnique ??= `two writes without an answer put the same value ${JSON.stringify(history.values.texts[value])} to ${JSON.stringify(history.keyText(history.stepLo.data[step]!))}: which of them was seen can't be told`;
      }
      writers.set(both, item);
      unsure[value] = 1;
    }
  }
  return { writers, unsure, notUnique };
}

function fromWatches(history: EtcdHistory, open: readonly OpenOperation[], known: FreeRevisions, placed: Float64Array, saw: (key: number, value: number, mod: number) => void): void {
  const values = new Map<string, number>();
  for (const { item, puts } of open) {
    if (puts.length === 0) continue;
    for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) {
      const value = history.stepValue.data[step]!;
      if (value >= 0) values.set(history.values.texts[value]!, value);
    }
  }
  const deletions = new Map<number, Set<number>>();
  for (const { events = [] } of history.watches) {
    for (const event of events) {
      const key = history.keyNumber(event[1]);
      if (key < 0) continue;
      if (event[0] === 'put') {
        const value = values.get(event[2]);
        if (value !== undefined) saw(key, value, event[3]);
      } else if (!known.isOccupied(event[2])) {
        deletions.set(event[2], (deletions.get(event[2]) ?? new Set()).add(key));
      }
    }
  }
  const taken = new Set<number>();
  for (const { item } of open) if (placed[item] !== 0) taken.add(placed[item]!);
  // Those that can only have been late first are of use to the later ones as well: the order of their bases is the right one.
  const deleting = open.filter(({ deletes }) => deletes.length > 0).sort((a, b) => Number(a.conditional) - Number(b.conditional) || a.base - b.base);
  for (const [revision, keys] of [...deletions].sort(([a], [b]) => a - b)) {
    if (taken.has(revision)) continue;
    const found = deleting.find(({ item, base, deletes }) => placed[item] === 0 && base < revision && [...keys].every((key) => deletes.includes(key)));
    if (found) placed[found.item] = revision;
  }
}
