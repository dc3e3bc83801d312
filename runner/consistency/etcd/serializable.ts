import { kindOf, outcomes } from '../etcd-history.ts';
import type { Finding } from '../verdict.ts';
import { explain } from './explain.ts';
import type { Judged } from './linearizability.ts';
import { named, shown } from './shown.ts';

const check = 'serializable reads';

/**
 * Serializable reads may be of the past, but on one member never further back than what that member had shown before, and of
 * a state that was.
 *
 * @param together what comes out when their answers have to fit as well; held: they show what was
 * @param alone what comes out without them
 */
export function judgeSerializable(together: Judged, alone: Judged): Finding {
  const { history } = together.problem;
  const back = findBackwards(together);
  if (back) {
    const [earlier, later] = back;
    const says = `member ${history.members.texts[history.member.data[later]!]} went back in time: ${named(history, earlier)} had returned before ${named(history, later)} was called`;
    return { check, verdict: 'broken', says: 'a member went back in time', counterexample: { says, operations: [shown(history, earlier), shown(history, later, true)], stuckAtMs: history.call.data[later]! } };
  }
  let reads = 0;
  for (let item = 0; item < history.length; item += 1) if (history.serializable.data[item] === 1 && history.outcome.data[item] === outcomes.ok) reads += 1;
  if (together.verdict === 'held') return { check, verdict: 'held', says: `${reads} serializable reads: none went back, each of a state that was` };
  if (reads === 0) return { check, verdict: 'held', says: 'there was none' };
  if (alone.verdict === 'held' && together.verdict === 'broken' && !together.outOfTime && !together.sameRevision) {
    return { check, verdict: 'broken', says: 'a serializable read shows what never was', counterexample: explain(together) };
  }
  return { check, verdict: 'unknown', says: alone.verdict === 'held' ? (together.why ?? 'what they show can not be compared') : 'there is no order of the writes to compare them with' };
}

/** Two answers of one member whose revisions contradict time. */
function findBackwards({ problem: { history } }: Judged): readonly [number, number] | undefined {
  const byMember = new Map<number, number[]>();
  const serializable = new Set<number>();
  for (let item = 0; item < history.length; item += 1) if (history.serializable.data[item] === 1) serializable.add(history.member.data[item]!);
  if (serializable.size === 0) return undefined;
  for (let item = 0; item < history.length; item += 1) {
    if (history.outcome.data[item] !== outcomes.ok || history.kind.data[item] === kindOf.keepalive) continue;
    const member = history.member.data[item]!;
    const own = byMember.get(member);
    if (own) own.push(item);
    else byMember.set(member, [item]);
  }
  for (const member of serializable) {
    const byRevision = (byMember.get(member) ?? []).sort((a, b) => history.revision.data[a]! - history.revision.data[b]!);
    // Of those with lower revisions the one that was called last.
    let last = -1;
    for (let from = 0; from < byRevision.length; ) {
      let to = from;
      const revision = history.revision.data[byRevision[from]!]!;
      for (; to < byRevision.length && history.revision.data[byRevision[to]!] === revision; to += 1) {
        const item = byRevision[to]!;
        if (last >= 0 && history.ret.data[item]! < history.call.data[last]! && (history.serializable.data[item] === 1 || history.serializable.data[last] === 1)) return [item, last];
      }
      for (; from < to; from += 1) if (last < 0 || history.call.data[byRevision[from]!]! > history.call.data[last]!) last = byRevision[from]!;
    }
  }
  return undefined;
}
