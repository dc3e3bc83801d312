import type { EtcdHistory } from '../etcd-history.ts';
import type { Budget, Finding } from '../verdict.ts';
import { judgeDurability } from './durability.ts';
import { explain } from './explain.ts';
import { judgeLeases } from './leases.ts';
import { judgeEtcd, type Judged } from './linearizability.ts';
import { judgeMembers } from './members.ts';
import { judgeSerializable } from './serializable.ts';
import { judgeWatches } from './watch.ts';

/**
 * All checks of a history of etcd, each with its own verdict. Linearizability first, which is about linearizable operations
 * alone: what watches and serializable reads tell is used to find a solution, never to deny one.
 */
export function checkEtcd(history: EtcdHistory, budget: Budget): readonly Finding[] {
  const all = judgeEtcd(history, { serializable: true, watches: true }, budget);
  const alone = all.verdict === 'held' ? all : judgeEtcd(history, { serializable: false, watches: false }, budget);
  const together = all.verdict === 'held' || alone.verdict !== 'held' ? all : judgeEtcd(history, { serializable: true, watches: false }, budget);
  return [
    linearizability(history, alone),
    judgeWatches(history, alone.verdict === 'held' ? alone.problem.placed : undefined),
    judgeDurability(history),
    judgeSerializable(together, alone),
    judgeMembers(history),
    judgeLeases(history),
  ];
}

function linearizability(history: EtcdHistory, judged: Judged): Finding {
  const check = 'linearizability';
  if (judged.verdict === 'held') {
    const { open } = judged.problem;
    const lost = open.length === 0 ? '' : `, ${open.length} more whose effect nobody saw or needs`;
    return { check, verdict: 'held', says: `linearizable: ${judged.problem.order.length} of ${history.length} operations on ${history.keyCount === 1 ? 'one key' : `${history.keyCount} keys`} in one order${lost}` };
  }
  if (judged.verdict === 'unknown') return { check, verdict: 'unknown', says: judged.why ?? 'not known' };
  return { check, verdict: 'broken', says: 'not linearizable', counterexample: explain(judged) };
}
