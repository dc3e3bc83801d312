import type { EtcdHistory } from '../etcd-history.ts';
import type { HashRecord } from '../records.ts';
import type { Finding } from '../verdict.ts';

const check = 'members agree';

/** Do all members hold the same at one revision, by HashKV? Hashes that begin at different compactions aren't comparable. */
export function judgeMembers({ hashes }: EtcdHistory): Finding {
  const groups = new Map<string, HashRecord[]>();
  for (const hash of hashes) {
    const name = `${hash.at} ${hash.compact}`;
    const group = groups.get(name);
    if (group) group.push(hash);
    else groups.set(name, [hash]);
  }
  let compared = 0;
  for (const group of groups.values()) {
    const members = new Set(group.map(({ m }) => m));
    if (members.size > 1) compared += 1;
    const other = group.find(({ hash }) => hash !== group[0]!.hash);
    if (!other) continue;
    const first = group[0]!;
    const says = first.m === other.m
      ? `member ${other.m} has had two contents at revision ${other.at}`
      : `members ${first.m} and ${other.m} hold different data at revision ${other.at}`;
    const operations = [first, other].map((one) => ({ client: one.m, callMs: one.t, returnMs: one.t, text: `HashKV at revision ${one.at} is ${one.hash}`, impossible: one === other, line: 0 }));
    return { check, verdict: 'broken', says, counterexample: { says, operations, stuckAtMs: other.t } };
  }
  if (compared === 0) return { check, verdict: 'unknown', says: 'no two members told their hash at one revision' };
  return { check, verdict: 'held', says: `the members held the same at ${compared === 1 ? 'one revision' : `${compared} revisions`}` };
}
