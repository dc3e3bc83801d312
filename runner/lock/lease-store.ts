import { isConflict, isGone } from '../clients/kubernetes-failure.ts';
import type { KubernetesConnection, KubernetesRequest } from '../clients/kubernetes-connection.ts';
import { ExpectedError } from '../errors.ts';
import { lockRecord, type LockRecord, type LockStore } from './record.ts';

const annotation = 'firedrill.dev/lock';
const tries = 10;
const deadlineMs = 5_000;

interface Lease {
  readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * A lock in a Lease of `coordination.k8s.io`: it is seen from every machine that reaches the cluster. While the API is
 * away nobody can take it, and its holder keeps it.
 *
 * @param connect makes the connection when it is first needed
 */
export function leaseStore(lease: { readonly namespace: string; readonly name: string }, connect: () => Promise<KubernetesConnection>): LockStore {
  const folder = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(lease.namespace)}/leases`;
  const where = `Lease ${lease.namespace}/${lease.name}`;
  const request = async <T>(verb: string, rest: Partial<KubernetesRequest> = {}): Promise<T> => {
    const connection = await connect();
    const path = `${folder}/${encodeURIComponent(lease.name)}`;
    return connection.request<T>({ verb, resource: 'leases', namespace: lease.namespace, name: lease.name, path, isProbing: true, ...rest }, { deadlineMs });
  };
  const get = async (): Promise<Lease | undefined> => {
    try {
      return await request<Lease>('get');
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  };
  const put = async (next: LockRecord | undefined, before: Lease | undefined): Promise<void> => {
    const resourceVersion = before?.metadata.resourceVersion;
    if (!next) return request('delete', { method: 'DELETE', body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { resourceVersion } } });
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: lease.name, namespace: lease.namespace, ...(before ? { resourceVersion } : {}), annotations: { [annotation]: JSON.stringify(next) } },
      spec: { holderIdentity: next.run, leaseDurationSeconds: Math.ceil(next.lastsMs / 1_000), acquireTime: micro(next.since), renewTime: micro(next.renewed) },
    };
    await (before ? request('update', { method: 'PUT', body }) : request('create', { method: 'POST', path: folder, body }));
  };
  return {
    where,
    lookEveryMs: 1_000,
    read: async () => recordOf(await get()),
    async change(decide) {
      for (let attempt = 1; ; attempt += 1) {
        const before = await get();
        const held = recordOf(before);
        const next = decide(held);
        if (next === held) return held;
        try {
          await put(next, before);
          return next;
        } catch (error) {
          // Somebody was quicker, or had made it, or had deleted it: what is there now is another question.
          if (!isConflict(error) && !isGone(error)) throw error;
          if (attempt === tries) throw new ExpectedError(`${where} is changed by others all the time`, undefined, { cause: error });
        }
      }
    },
  };
}

/** What is there but is not ours (another tool's Lease of that name) is not read, and not overwritten either. */
function recordOf(lease: Lease | undefined): LockRecord | undefined {
  if (!lease) return undefined;
  const text = lease.metadata.annotations?.[annotation];
  const read = lockRecord.safeParse(jsonOf(text));
  if (read.success) return read.data;
  throw new ExpectedError('the Lease that the environment file names as its lock was not made by firedrill; name another');
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** As the API writes a MicroTime. */
function micro(at: string): string {
  return at.replace('Z', '000Z');
}
