import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  configMaps,
  ConnectionError,
  createClient,
  createWorkQueue,
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
  leases,
  pods,
  standForElection,
  startInformer,
  type Client,
  type WatchEvent,
} from '../../../lab/kubernetes/client/index.ts';
import type { ConfigMap, Pod } from '../../../lab/kubernetes/objects.ts';
import { createFakeClient, until } from './fake-client.ts';
import { certificate, key } from './loopback-certificate.ts';

const named = (name: string, labels = {}): ConfigMap => ({ metadata: { name, namespace: 'shop', labels } });
const quick = { minMs: 1, maxMs: 4 };

describe('the lab’s Kubernetes client', () => {
  let server: Server;
  let client: Client;
  let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;

  before(async () => {
    server = createServer({ key, cert: certificate }, (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => answer(request, response, body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = createClient({ server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret', ca: certificate });
  });
  after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const reply = (response: ServerResponse, status: number, body: unknown): void => void response.writeHead(status).end(JSON.stringify(body));

  it('sends the token, the namespace and the kind, and puts the pages of a list together', async () => {
    const seen: string[] = [];
    answer = (request, response, body) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      const more = request.url?.includes('continue=') === false && request.method === 'GET';
      const page = { metadata: { resourceVersion: '7', ...(more ? { continue: 'next/1' } : {}) }, items: [named(more ? 'a' : 'b')] };
      reply(response, 200, request.method === 'GET' ? page : JSON.parse(body));
    };
    const list = await client.list(pods, { namespace: 'shop', labelSelector: 'app=web', limit: 1 });
    deepEqual([list.items.map(({ metadata }) => metadata.name), list.resourceVersion], [['a', 'b'], '7']);
    await client.create(configMaps, { metadata: { namespace: 'shop', generateName: 'c-' } });
    deepEqual(seen, [
      'GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=1 Bearer secret ',
      'GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=1&continue=next%2F1 Bearer secret ',
      'POST /api/v1/namespaces/shop/configmaps Bearer secret {"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","generateName":"c-"}}',
    ]);
  });

  it('tells apart what the server refuses, and says so in one line', async () => {
    const refusal = (code: number, reason: string) => (response: ServerResponse) => reply(response, code, { kind: 'Status', code, reason, message: `no: ${reason}` });
    const get = (): Promise<unknown> => client.get(pods, { namespace: 'shop', name: 'web' });
    for (const [code, reason, holds] of [
      [404, 'NotFound', isNotFound],
      [409, 'AlreadyExists', isAlreadyExists],
      [409, 'Conflict', isConflict],
      [410, 'Expired', isGone],
    ] as const) {
      answer = (_request, response) => refusal(code, reason)(response);
      await rejects(get, (error: Error) => holds(error) && error.message === `GET /api/v1/namespaces/shop/pods/web: ${code} no: ${reason}`);
    }
    answer = () => {};
    const impatient = createClient({ server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret', ca: certificate, timeoutMs: 100 });
    await rejects(
      () => impatient.get(pods, { namespace: 'shop', name: 'web' }),
      (error: Error) => error instanceof ConnectionError && /no answer within 100 ms/.test(error.message),
    );
    impatient.close();
  });

  it('reads a watch line by line, however it is cut into pieces, and fails when it breaks', async () => {
    const lines = ['ä', 'b'].map((name) => `${JSON.stringify({ type: 'ADDED', object: named(name) })}\n`).join('');
    answer = (_request, response) => {
      response.writeHead(200);
      const bytes = Buffer.from(`${lines}{"type":"ADD`);
      const cut = bytes.indexOf('ä') + 1;
      response.write(bytes.subarray(0, cut), () => setTimeout(() => response.write(bytes.subarray(cut), () => response.destroy()), 5));
    };
    const got: string[] = [];
    await rejects(async () => {
      for await (const { object } of client.watch(configMaps, { resourceVersion: '1', timeoutSeconds: 5, signal: AbortSignal.timeout(5000) })) got.push(object.metadata.name);
    }, ConnectionError);
    deepEqual(got, ['ä', 'b']);
  });

  it('throws the status of an ERROR event', async () => {
    answer = (_request, response) => void response.end('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n');
    const events: WatchEvent<Pod>[] = [];
    await rejects(async () => {
      for await (const event of client.watch(pods, { resourceVersion: '1', timeoutSeconds: 5, signal: AbortSignal.timeout(5000) })) events.push(event);
    }, isGone);
    equal(events.length, 0);
  });
});

describe('an informer', () => {
  const follow = (client: Client) => {
    const told: string[] = [];
    const informer = startInformer(client, configMaps, { backOff: quick });
    informer.on({
      added: ({ metadata }) => told.push(`+${metadata.name}`),
      changed: ({ metadata }, before) => told.push(`~${metadata.name} ${before.metadata.labels?.v}→${metadata.labels?.v}`),
      deleted: ({ metadata }) => told.push(`-${metadata.name}`),
    });
    return { told, informer };
  };

  it('tells what is there and what changes, and resumes where it was after a broken watch', async () => {
    const client = createFakeClient();
    await client.create(configMaps, named('a', { v: 1 }));
    const { told, informer } = follow(client);
    await informer.synced;
    client.cut();
    await client.patch(configMaps, { namespace: 'shop', name: 'a' }, 'merge', { metadata: { labels: { v: 2 } } });
    await client.create(configMaps, named('b'));
    await client.delete(configMaps, { namespace: 'shop', name: 'a' });
    await until(() => told.length === 4, 'four changes');
    informer.close();
    deepEqual(told, ['+a', '~a 1→2', '+b', '-a']);
    equal(client.requests.filter((request) => request.startsWith('LIST')).length, 1);
    deepEqual([...informer.store.values()].map(({ metadata }) => metadata.name), ['b']);
  });

  it('lists again when its position is too old, and tells what it missed', async () => {
    const client = createFakeClient();
    await client.create(configMaps, named('a'));
    await client.create(configMaps, named('b', { v: 1 }));
    const { told, informer } = follow(client);
    await informer.synced;
    client.cut();
    await client.delete(configMaps, { namespace: 'shop', name: 'a' });
    await client.patch(configMaps, { namespace: 'shop', name: 'b' }, 'merge', { metadata: { labels: { v: 2 } } });
    await client.create(configMaps, named('c'));
    client.compact();
    await until(() => told.length === 5, 'five changes');
    informer.close();
    deepEqual(told.slice(0, 2), ['+a', '+b']);
    deepEqual(told.slice(2).toSorted(), ['+c', '-a', '~b 1→2']);
  });

  it('takes in the answer to a write before the watch brings it, and tells it once', async () => {
    const client = createFakeClient();
    const { told, informer } = follow(client);
    informer.addIndex('label', ({ metadata }) => [metadata.labels?.['v']]);
    await informer.synced;
    const made = await client.create(configMaps, named('a', { v: 'x' }));
    informer.absorb(made);
    deepEqual(informer.store.by('label', 'x'), [made]);
    await client.create(configMaps, named('b'));
    await until(() => told.includes('+b'), 'the watch has got past');
    await client.delete(configMaps, { namespace: 'shop', name: 'a' });
    await until(() => told.includes('-a'), 'the end');
    informer.absorb(made);
    informer.close();
    deepEqual(told, ['+a', '+b', '-a']);
    deepEqual(informer.store.by('label', 'x'), []);
  });
});

describe('a work queue', () => {
  it('works once on a key that was added many times, and again on one that was added meanwhile', async () => {
    const worked: string[] = [];
    const queue = createWorkQueue({
      name: 'test',
      work: async (key) => {
        worked.push(key);
        if (worked.length === 1) queue.add('a');
      },
    });
    for (const key of ['a', 'a', 'b', 'a']) queue.add(key);
    await until(() => worked.length === 3, 'three turns');
    await queue.close();
    deepEqual(worked, ['a', 'b', 'a']);
  });

  it('brings a key that failed again, later each time, and logs why', async () => {
    const atMs: number[] = [];
    const lines: string[] = [];
    const queue = createWorkQueue({
      name: 'test',
      backOff: { minMs: 8, maxMs: 1000 },
      log: (line) => lines.push(line),
      work: async () => {
        atMs.push(performance.now());
        if (atMs.length < 4) throw new Error('not yet');
      },
    });
    queue.add('a');
    await until(() => atMs.length === 4, 'four attempts');
    await queue.close();
    ok(atMs[3]! - atMs[2]! >= 31, 'the third pause is four times the first');
    match(lines[0]!, /^test a: Error: not yet/);
  });
});

describe('a key that is due later', () => {
  it('comes at the earliest of its times, once', async () => {
    let worked = 0;
    const queue = createWorkQueue({ name: 'test', work: async () => void (worked += 1) });
    for (const delayMs of [60_000, 5, 30_000, 20]) queue.addAfter('a', delayMs);
    await until(() => worked === 1, 'its turn');
    await new Promise((resolve) => setTimeout(resolve, 40));
    await queue.close();
    equal(worked, 1);
  });
});

describe('the election of a leader', () => {
  const timing = { leaseMs: 1_000, renewDeadlineMs: 200, retryMs: 10 };
  const candidate = (client: Client, identity: string, leaders: string[]) =>
    standForElection({
      client,
      namespace: 'kube-system',
      name: 'test',
      identity,
      timing,
      lead: async () => {
        leaders.push(identity);
        return { close: async () => void leaders.push(`${identity} stops`) };
      },
    });

  it('has one leader, and another one at once when it lets go', async () => {
    const client = createFakeClient();
    const leaders: string[] = [];
    const first = candidate(client, 'one', leaders);
    await until(() => leaders.length === 1, 'a leader');
    const second = candidate(client, 'two', leaders);
    await new Promise((resolve) => setTimeout(resolve, 200));
    deepEqual(leaders, ['one']);
    await first.close();
    await until(() => leaders.length === 3, 'the next leader');
    await second.close();
    deepEqual(leaders, ['one', 'one stops', 'two', 'two stops']);
    equal(client.all(leases)[0]?.spec.leaseTransitions, 1);
  });

  it('stops leading when it cannot renew, before anybody else may start', async () => {
    const client = createFakeClient();
    const leaders: string[] = [];
    let cutOff = false;
    const first = candidate(
      { ...client, update: (resource, object) => (cutOff ? Promise.reject(new ConnectionError('cut off')) : client.update(resource, object)) },
      'one',
      leaders,
    );
    await until(() => leaders.length === 1, 'a leader');
    const second = candidate(client, 'two', leaders);
    cutOff = true;
    await until(() => leaders.includes('two'), 'the next leader');
    deepEqual(leaders, ['one', 'one stops', 'two']);
    await Promise.all([first.close(), second.close()]);
  });
});
