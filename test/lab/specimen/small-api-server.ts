import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createClient, type Client } from '../../../lab/kubernetes/client/index.ts';
import type { ConfigMap, KubeObject, Pod } from '../../../lab/kubernetes/objects.ts';
import type { Endpoints } from '../../../lab/kubernetes/workload-objects.ts';
import { certificate, key } from '../kubernetes/loopback-certificate.ts';

/** A real server on loopback that knows Endpoints, ConfigMaps and Pods: lists, watches from a resourceVersion on, and merges of annotations. */
export interface SmallApiServer {
  put(object: Endpoints | ConfigMap | Pod): void;
  remove(object: Endpoints | ConfigMap | Pod): void;
  /** As it is now; undefined when there is none. */
  get(plural: string, namespace: string, name: string): KubeObject | undefined;
  /** Watches stay open and say nothing; what happens meanwhile is told afterwards. */
  stall(on: boolean): void;
  /** Ends all watches; positions before now are too old. */
  compact(): void;
  /** Answers nobody, and ends all connections. */
  away(on: boolean): void;
  /** Lists and watches so far. */
  readonly requests: string[];
  client(): Client;
  close(): void;
}

interface Change {
  readonly revision: number;
  readonly plural: string;
  readonly line: string;
}

function pluralOf(object: object): string {
  if ('data' in object) return 'configmaps';
  return 'spec' in object ? 'pods' : 'endpoints';
}

interface Annotated {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> };
}

export async function startSmallApiServer(): Promise<SmallApiServer> {
  const stored = new Map<string, { plural: string; object: KubeObject }>();
  const changes: Change[] = [];
  const watches = new Set<{ plural: string; from: number; response: ServerResponse }>();
  const requests: string[] = [];
  let [revision, oldest, stalled, isAway] = [1, 0, false, false];

  const deliver = (): void => {
    if (stalled) return;
    for (const watch of watches) {
      for (const { plural, revision: at, line } of changes) if (plural === watch.plural && at > watch.from) watch.response.write(line);
      watch.from = revision;
    }
  };
  const change = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void => {
    revision += 1;
    const plural = pluralOf(object);
    const id = `${plural} ${object.metadata.namespace}/${object.metadata.name}`;
    const written = { ...object, metadata: { uid: id, ...object.metadata, resourceVersion: String(revision) } };
    if (type === 'DELETED') stored.delete(id);
    else stored.set(id, { plural, object: written });
    changes.push({ revision, plural, line: `${JSON.stringify({ type, object: written })}\n` });
    deliver();
  };

  /** Merges annotations, as the only change that anybody makes here. */
  const patch = (path: string, { metadata }: Annotated): KubeObject => {
    const [namespace, plural, name] = path.split('/').slice(-3);
    const { object } = stored.get(`${plural} ${namespace}/${name}`)!;
    const merged = Object.entries({ ...object.metadata.annotations, ...metadata.annotations }).filter((entry): entry is [string, string] => entry[1] !== null);
    const changed = { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(merged) } };
    change('MODIFIED', changed);
    return changed;
  };

  const server = createServer({ key, cert: certificate }, (request, response) => {
    if (isAway) return void request.socket.destroy();
    const url = new URL(request.url ?? '', 'https://api');
    if (request.method === 'PATCH') return void text(request).then((body) => response.end(JSON.stringify(patch(url.pathname, JSON.parse(body) as Annotated))), (error: Error) => response.destroy(error));
    const plural = url.pathname.split('/').at(-1)!;
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (!url.searchParams.has('watch')) {
      requests.push(`LIST ${plural}`);
      const items = [...stored.values()].filter((each) => each.plural === plural).map(({ object }) => object);
      return void response.end(JSON.stringify({ metadata: { resourceVersion: String(revision) }, items }));
    }
    requests.push(`WATCH ${plural}`);
    response.writeHead(200).flushHeaders();
    if (from < oldest) return void response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`);
    const watch = { plural, from, response };
    watches.add(watch);
    response.on('close', () => watches.delete(watch));
    deliver();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = (): void => {
    for (const { response } of watches) response.end();
    watches.clear();
  };
  return {
    requests,
    put: (object) => change(stored.has(`${pluralOf(object)} ${object.metadata.namespace}/${object.metadata.name}`) ? 'MODIFIED' : 'ADDED', object),
    get: (plural, namespace, name) => stored.get(`${plural} ${namespace}/${name}`)?.object,
    remove: (object) => change('DELETED', object),
    stall(on) {
      stalled = on;
      deliver();
    },
    compact() {
      oldest = revision + 1;
      revision += 1;
      end();
    },
    away(on) {
      isAway = on;
      if (on) server.closeAllConnections();
    },
    client: () => createClient({ server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret', ca: certificate, userAgent: 'linkerd' }),
    close() {
      end();
      server.closeAllConnections();
      server.close();
    },
  };
}
