import { isConflict, isGone } from '../clients/kubernetes-failure.ts';
import type { KubernetesConnection, KubernetesRequest } from '../clients/kubernetes-connection.ts';
import type { Entry } from '../journal.ts';
import type { UndoRecords } from './record.ts';

const deadlineMs = 10_000;
const environmentKey = 'environment.json';
const runKey = 'run';
const readyKey = 'ready';

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

/** What the harness and its watchdog in the cluster share: the environment, and the undo records. */
export interface SharedSecret extends UndoRecords {
  /** @param environment as the watchdog is to read it */
  create(run: string, environment: object): Promise<void>;
  /** What is in it; undefined when it is gone. */
  read(): Promise<{ readonly run: string; readonly environment: unknown; readonly entries: readonly Entry[]; readonly ready: boolean } | undefined>;
  /** The watchdog says that it watches. */
  markReady(): Promise<void>;
  /** Of one that is gone already nothing is said. */
  remove(): Promise<void>;
}

/**
 * A Secret, as environment files may hold credentials. One key for each entry, so that entries add up by patches alone.
 *
 * @param annotations of the object, by which a sweep knows whose it is
 */
export function sharedSecret({ namespace, name }: SecretName, connection: Pick<KubernetesConnection, 'request'>, annotations: Readonly<Record<string, string>> = {}): SharedSecret {
  const folder = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  const call = <T>(verb: string, rest: Partial<KubernetesRequest> = {}): Promise<T> =>
    connection.request<T>({ verb, resource: 'secrets', namespace, name, path: `${folder}/${encodeURIComponent(name)}`, ...rest }, { deadlineMs });
  const put = (data: Record<string, string>): Promise<unknown> =>
    call('patch', { method: 'PATCH', contentType: 'application/merge-patch+json', body: { stringData: data } });
  return {
    where: `Secret ${namespace}/${name}`,
    async create(run, environment) {
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, annotations }, type: 'Opaque', stringData: { [runKey]: run, [environmentKey]: JSON.stringify(environment) } };
      try {
        await call('create', { method: 'POST', path: folder, body });
      } catch (error) {
        // The answer to an earlier try was lost.
        if (!isConflict(error)) throw error;
      }
    },
    async read() {
      let secret: Secret;
      try {
        secret = await call<Secret>('get');
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
      const data = Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
      const entries = Object.entries(data).flatMap(([key, text]) => (key.startsWith('entry-') ? [JSON.parse(text) as Entry] : []));
      return {
        run: data[runKey] ?? '',
        environment: JSON.parse(data[environmentKey] ?? 'null') as unknown,
        entries: entries.sort((a, b) => a.seq - b.seq),
        ready: data[readyKey] !== undefined,
      };
    },
    add: async (entry) => void (await put({ [`entry-${entry.seq}`]: JSON.stringify(entry) })),
    markReady: async () => void (await put({ [readyKey]: 'yes' })),
    async remove() {
      try {
        await call('delete', { method: 'DELETE' });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}
