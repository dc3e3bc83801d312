import type { EtcdStore } from '../clients/etcd-store.ts';
import { EtcdFailure } from '../clients/etcd.ts';
import { withDeadline, type Clock } from '../clock.ts';
import type { OperationRecord } from '../consistency/records.ts';
import { messageOf } from '../errors.ts';
import { slackMs } from '../patience.ts';
import type { Request } from './requests.ts';

export interface AskInput {
  readonly client: number;
  readonly store: EtcdStore;
  readonly request: Request;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** A moment of the clock on the history's, in milliseconds. */
  time(clockMs: number): number;
}

/** Asks once, and gives the record of what came of it. Never throws, and never takes longer than the deadline. */
export async function ask({ client, store, request, timeoutMs, clock, time }: AskInput): Promise<OperationRecord> {
  const callMs = clock.now();
  try {
    const answer = await withDeadline(clock, timeoutMs + slackMs, 'etcd', () => answerTo(store, request, timeoutMs));
    return { c: client, t: [time(callMs), time(clock.now())], ...request, ...answer };
  } catch (error) {
    const is = outcomeOf(request, error);
    const why = error instanceof EtcdFailure ? error.message : messageOf(error);
    return { c: client, t: [time(callMs), is === 'failed' ? time(clock.now()) : null], ...request, is, why };
  }
}

function answerTo(store: EtcdStore, request: Request, timeoutMs: number) {
  switch (request.op) {
    case 'put':
      return store.put(request.k, request.v, request.lease, timeoutMs);
    case 'get':
      return store.get(request.k, request, timeoutMs);
    case 'range':
      return store.range(request.k, request.end, request, timeoutMs);
    case 'delete':
      return store.delete(request.k, timeoutMs);
    case 'txn':
      return store.txn(request.compare, request.success, request.failure, timeoutMs);
    case 'grant':
      return store.grant(request.lease, request.ttl, timeoutMs);
    case 'revoke':
      return store.revoke(request.lease, timeoutMs);
  }
}

/** What etcd says before it proposes a request to the others, or when it has found that it can't be applied. */
const certainlyNot = /too many requests|requested lease not found|lease already exists|required revision|database space exceeded|permission denied|user name is empty|invalid auth token|not capable/;

/**
 * A read that failed had no effect. A write had none when nothing of it was sent, or when etcd says so. All else is not known:
 * also "request timed out" and "leader changed" are said of requests that take effect afterwards.
 */
export function outcomeOf({ op }: Pick<Request, 'op'>, error: unknown): 'failed' | 'ambiguous' {
  if (op === 'get' || op === 'range') return 'failed';
  if (!(error instanceof EtcdFailure)) return 'ambiguous';
  return error.unsent || (error.kind === 'answered' && certainlyNot.test(error.message)) ? 'failed' : 'ambiguous';
}
