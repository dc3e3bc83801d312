import { randomUUID } from 'node:crypto';
import { done, presentAct, type Change } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { inFewWords, KubernetesFailure, type KubernetesCall } from './kubernetes-failure.ts';

/** The header by which the audit log's id of a call is given and told. */
export const auditHeader = 'Audit-ID';

/** The id that a call has in the audit log: ours, which the API server takes over unless something on the way gave it another. */
export interface AuditId {
  id: string;
}

/** What of a request tells whether it changes something. */
interface MaybeChange extends KubernetesCall {
  readonly method?: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly isProbing?: true;
}

/** Reviews are questions with a body, and dry runs keep nothing. */
export function isChange({ method = 'GET', resource, query, isProbing }: MaybeChange): boolean {
  return method !== 'GET' && !/^selfsubject\w+reviews$/.test(resource) && query?.['dryRun'] === undefined && !isProbing;
}

/**
 * Makes a call that changes something under an id of its own, and tells how it went.
 *
 * @param make makes it; puts the id in its place when the answer names another
 */
export async function toldOf<T>(
  { verb, resource, namespace, name }: KubernetesCall,
  { clock, changed }: { readonly clock: Clock; changed(change: Change): void },
  make: (audit: AuditId) => Promise<T>,
): Promise<T> {
  const audit: AuditId = { id: randomUUID() };
  const sentMs = clock.now();
  const tell = (outcome: string): void => {
    const target = [namespace, name].filter((part) => part !== undefined).join('/');
    changed({ service: 'kubernetes', action: `${verb} ${resource}`, target, requestId: audit.id, outcome, sentMs, endedMs: clock.now(), act: presentAct() });
  };
  try {
    const answer = await make(audit);
    tell(done);
    return answer;
  } catch (error) {
    const wasAnswered = error instanceof KubernetesFailure && error.status > 0;
    tell(wasAnswered ? inFewWords(error) : 'no answer');
    throw error;
  }
}
