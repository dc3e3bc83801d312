import { kindOf, kinds, outcomes, ownMember, relations, steps, targets, type EtcdHistory } from '../etcd-history.ts';
import { short } from '../short.ts';
import type { ShownOperation } from '../verdict.ts';

/** An operation as a counterexample shows it. */
export function shown(history: EtcdHistory, item: number, impossible = false): ShownOperation {
  if (item >= history.length) {
    const lease = history.leases.texts[item - history.length]!;
    return { client: 'etcd', callMs: 0, returnMs: null, text: `the end of lease ${lease}`, impossible, line: 0 };
  }
  const client = history.client.data[item]!;
  const member = history.members.texts[history.member.data[item]!]!;
  return {
    client: member === ownMember(client) ? String(client) : `${client} (${member})`,
    callMs: history.call.data[item]!,
    returnMs: history.ret.data[item] === Infinity ? null : history.ret.data[item]!,
    text: textOf(history, item),
    impossible,
    line: history.line.data[item]!,
  };
}

/** An operation in a sentence. */
export function named(history: EtcdHistory, item: number): string {
  if (item >= history.length) return `the end of lease ${history.leases.texts[item - history.length]!}`;
  const line = history.line.data[item]!;
  return `${textOf(history, item)}, by client ${history.client.data[item]}${line > 0 ? ` (line ${line})` : ''}`;
}

export function textOf(history: EtcdHistory, item: number): string {
  const outcome = history.outcome.data[item];
  const end = outcome === outcomes.ambiguous ? ', answer lost' : outcome === outcomes.failed ? ', failed' : ` at revision ${history.revision.data[item]}`;
  const kind = kinds[history.kind.data[item]!]!;
  if (kind === 'grant' || kind === 'keepalive' || kind === 'revoke') return `${kind} of lease ${history.leases.texts[history.lease.data[item]!]}${end}`;
  const parts: string[] = [];
  for (let step = history.stepFrom.data[item]!; step < history.stepFrom.data[item + 1]!; step += 1) parts.push(stepText(history, item, step));
  if (kind !== 'txn') return `${history.serializable.data[item] === 1 ? 'serializable ' : ''}${parts.join(', then ')}${end}`;
  const compares: string[] = [];
  for (let compare = history.compareFrom.data[item]!; compare < history.compareFrom.data[item + 1]!; compare += 1) compares.push(compareText(history, compare));
  const came = outcome !== outcomes.ok ? '' : history.succeeded.data[item] === 1 ? ', which held' : ', which did not hold';
  return `transaction [${compares.length === 0 ? '' : `if ${compares.join(' and ')}${came}: `}${parts.join(', ')}]${end}`;
}

export function compareText(history: EtcdHistory, compare: number): string {
  const target = targets[history.compareTarget.data[compare]!]!;
  const operand = history.compareOperand.data[compare]!;
  const value = target === 'value' ? short(history.values.texts[operand]!) : target === 'lease' ? (history.leases.texts[operand] ?? 'none') : operand;
  return `${target} of ${history.keyText(history.compareKey.data[compare]!)} ${relations[history.compareRelation.data[compare]!]} ${value}`;
}

function stepText(history: EtcdHistory, item: number, step: number): string {
  const lo = history.stepLo.data[step]!;
  const wide = history.stepHi.data[step]! - lo > 1;
  const key = history.keyText(lo) + (wide ? ` and the keys behind it` : '');
  const kind = history.stepKind.data[step];
  if (kind === steps.put) return `put ${key} = ${short(history.values.texts[history.stepValue.data[step]!]!)}`;
  if (kind === steps.delete) {
    const count = history.stepCount.data[step]!;
    return `delete ${key}${count < 0 ? '' : ` (${count} deleted)`}`;
  }
  const at = history.at.data[item]! > 0 && history.kind.data[item] !== kindOf.txn ? ` as of revision ${history.at.data[item]}` : '';
  const rows: string[] = [];
  for (let row = history.rowFrom.data[step]!; row < history.rowFrom.data[step + 1]! && rows.length < 4; row += 1) rows.push(`${wide ? `${history.keyText(history.rowKey.data[row]!)} = ` : ''}${rowText(history, row)}`);
  return `get ${key}${at} → ${rows.length === 0 ? 'nothing' : rows.join('; ')}`;
}

export function rowText(history: EtcdHistory, row: number): string {
  const more = [`mod ${history.rowMod.data[row]}`];
  if (history.rowCreate.data[row]! > 0) more.push(`create ${history.rowCreate.data[row]}`);
  if (history.rowVersion.data[row]! > 0) more.push(`version ${history.rowVersion.data[row]}`);
  return `${short(history.values.texts[history.rowValue.data[row]!]!)} (${more.join(', ')})`;
}
