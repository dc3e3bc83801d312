import assert from 'node:assert/strict';
import type { Change } from '../../../runner/changes.ts';
import { isPassing, KubernetesFailure } from '../../../runner/clients/kubernetes-failure.ts';
import { mayWe } from '../../../runner/clients/kubernetes-review.ts';
import { clientOn, type KubernetesClient } from '../../../runner/clients/kubernetes.ts';
import { connectTo, failure, startKubernetesServer, type Asked, type KubernetesServer, type Said } from './kubernetes-server.ts';

describe('the Kubernetes client', () => {
  let server: KubernetesServer;
  let client: KubernetesClient;
  const told: Change[] = [];
  let answer: (asked: Asked) => Said | Promise<Said>;

  before(async function () {
    // The library takes a while to load on a busy machine.
    this.timeout(30_000);
    server = await startKubernetesServer((asked) => answer(asked));
    client = clientOn(await connectTo(server.kubeconfig, 'lab', (change) => told.push(change)));
  });
  beforeEach(() => {
    server.asked.length = 0;
    told.length = 0;
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  const pod = { namespace: 'shop', name: 'web-1', uid: 'u-1' };

  it("speaks as the environment's context, not the kubeconfig's current one, and says who it is", async () => {
    answer = () => ({ status: 200, body: { metadata: { name: 'kube-system', uid: 'cluster-1' } } });
    assert.equal(await client.clusterUid(), 'cluster-1');
    assert.deepEqual(server.asked[0], {
      method: 'GET', path: '/api/v1/namespaces/kube-system', agent: 'firedrill/1.2.3 run/r1', token: 'Bearer secret-token', contentType: '', auditId: '', body: undefined,
    });
  });

  it('says who it is where a command is run in a container, too', async () => {
    answer = () => ({ status: 403, body: '' });
    await assert.rejects(client.exec({ namespace: 'shop', pod: 'web-1', container: 'app', command: ['true'] }), (error) => error instanceof KubernetesFailure && error.status === 403);
    const [asked] = server.asked;
    assert.match(asked!.path, /^\/api\/v1\/namespaces\/shop\/pods\/web-1\/exec\?/);
    assert.deepEqual([asked!.agent, asked!.token], ['firedrill/1.2.3 run/r1', 'Bearer secret-token']);
  });

  describe('tells of each call that changes something', () => {
    const inShort = () => told.map(({ service, action, target, outcome }) => [service, action, target, outcome].join(' | '));

    it('under the id that it gave to it, and not of those that look', async () => {
      answer = () => ({ status: 200, body: { kind: 'Pod' } });
      await client.podUid(pod);
      await client.deletePod(pod);
      await client.evictPod(pod);
      await client.create({ base: '/api/v1', name: 'pods' }, 'shop', {});
      assert.deepEqual(inShort(), [
        'kubernetes | delete pods | shop/web-1 | done', 'kubernetes | create pods/eviction | shop/web-1 | done', 'kubernetes | create pods | shop | done',
      ]);
      assert.deepEqual(told.map(({ requestId }) => requestId), server.asked.slice(1).map(({ auditId }) => auditId));
      assert.match(told[0]!.requestId!, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      assert.equal(new Set(told.map(({ requestId }) => requestId)).size, 3);
      assert.equal(server.asked[0]!.auditId, '');
    });

    it('under the id that the answer names, where something on the way gave it another', async () => {
      answer = () => (response) => response.writeHead(200, { 'audit-id': 'another' }).end('{"kind":"Pod"}');
      await client.deletePod(pod);
      assert.equal(told[0]!.requestId, 'another');
    });

    it('with the reason when it was refused', async () => {
      answer = () => failure(429, 'TooManyRequests', 'Cannot evict pod', { causes: [{ reason: 'DisruptionBudget', message: 'no' }] });
      await assert.rejects(client.evictPod(pod));
      assert.deepEqual(inShort(), ['kubernetes | create pods/eviction | shop/web-1 | 429 DisruptionBudget']);
    });

    it('also when no answer came: it may have been done all the same', async () => {
      answer = () => undefined;
      await assert.rejects(client.deletePod(pod, { deadlineMs: 100 }));
      assert.deepEqual(inShort(), ['kubernetes | delete pods | shop/web-1 | no answer']);
      assert.equal(told[0]!.requestId, server.asked[0]!.auditId);
    });

    it('of commands in containers too, whose answer comes from the kubelet and names no id', async () => {
      answer = () => ({ status: 403, body: '' });
      await assert.rejects(client.exec({ namespace: 'shop', pod: 'web-1', container: 'app', command: ['true'] }));
      assert.deepEqual(inShort(), ['kubernetes | create pods/exec | shop/web-1 | 403']);
      assert.equal(told[0]!.requestId, server.asked[0]!.auditId);
    });

    it('but not of questions about rights, nor of what probes write to ask', async () => {
      answer = () => ({ status: 201, body: { status: { allowed: true } } });
      await mayWe({ apiGroup: '', resource: 'pods', verb: 'delete', namespace: 'shop' }, client.connection);
      await client.connection.request({ verb: 'patch', resource: 'leases', method: 'PATCH', path: '/x', body: {}, isProbing: true });
      assert.deepEqual(told, []);
    });
  });

  it('keeps its connections', async () => {
    answer = () => ({ status: 200, body: { metadata: { uid: 'u' } } });
    await client.clusterUid();
    const before = server.connections.count;
    for (let n = 0; n < 5; n += 1) await client.clusterUid();
    assert.ok(server.connections.count <= before + 1, `${server.connections.count - before} new connections for five calls`);
  });

  it('puts grace and precondition of a deletion into its body: beside one, the server forgets the query', async () => {
    answer = () => ({ status: 200, body: { kind: 'Pod' } });
    await client.deletePod(pod, { graceSeconds: 0 });
    const [asked] = server.asked;
    assert.deepEqual([asked!.method, asked!.path], ['DELETE', '/api/v1/namespaces/shop/pods/web-1']);
    assert.deepEqual(asked!.body, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u-1' }, gracePeriodSeconds: 0 });
  });

  it('resizes one container of one very pod by a strategic patch, which leaves the others as they are', async () => {
    answer = () => ({ status: 200, body: { kind: 'Pod', metadata: { generation: 2 } } });
    assert.equal((await client.resizePod({ ...pod, resourceVersion: '7' }, 'app', { limit: '100m', request: '50m' })).metadata?.generation, 2);
    await client.resizePod(pod, 'app', { limit: '100m' }, { dryRun: true });
    const [asked, tried] = server.asked;
    assert.deepEqual([asked!.method, asked!.path, asked!.contentType], ['PATCH', '/api/v1/namespaces/shop/pods/web-1/resize', 'application/strategic-merge-patch+json']);
    assert.deepEqual(asked!.body, {
      metadata: { uid: 'u-1', resourceVersion: '7' },
      spec: { containers: [{ name: 'app', resources: { limits: { cpu: '100m' }, requests: { cpu: '50m' } } }] },
    });
    assert.equal(tried!.path, '/api/v1/namespaces/shop/pods/web-1/resize?dryRun=All');
    assert.deepEqual(tried!.body, { metadata: { uid: 'u-1' }, spec: { containers: [{ name: 'app', resources: { limits: { cpu: '100m' } } }] } });
    assert.deepEqual(told.map(({ action }) => action), ['patch pods/resize'], 'a dry run changes nothing');
  });

  it('lists page by page, and begins again when the pages have expired', async () => {
    let expired = false;
    answer = ({ path }) => {
      const asked = new URL(path, 'http://x').searchParams;
      assert.equal(asked.get('limit'), '500');
      const page = Number(asked.get('continue') ?? 0);
      if (page === 1 && !expired) {
        expired = true;
        return failure(410, 'Expired', 'The provided continue parameter is too old');
      }
      const items = [{ metadata: { name: `n-${page}`, uid: `u-${page}` } }];
      return { status: 200, body: { metadata: { resourceVersion: '7', ...(page < 2 ? { continue: String(page + 1) } : {}) }, items } };
    };
    assert.deepEqual((await client.nodes()).map(({ name }) => name), ['n-0', 'n-1', 'n-2']);
    assert.equal(server.asked.length, 5);
  });

  it('asks for the next page while one is still arriving, and keeps their order', async () => {
    const rest = Promise.withResolvers<void>();
    answer = ({ path }) => {
      const second = path.includes('continue=2');
      if (second) rest.resolve();
      return (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const [metadata, name] = second ? ['{"resourceVersion":"7"}', 'n-2'] : ['{"resourceVersion":"7","continue":"2"}', 'n-1'];
        response.write(`{"kind":"NodeList","metadata":${metadata},"items":[`);
        const end = (): unknown => response.end(`{"metadata":{"name":"${name}","uid":"u"}}]}`);
        rest.promise.then(end, end);
      };
    };
    assert.deepEqual((await client.nodes()).map(({ name }) => name), ['n-1', 'n-2']);
  });

  it('says what was wrong with a page, whichever it was', async () => {
    answer = ({ path }) =>
      path.includes('continue=2')
        ? failure(403, 'Forbidden', 'not you')
        : { status: 200, body: { metadata: { continue: '2' }, items: [{ metadata: { name: 'n-1', uid: 'u' } }] } };
    await assert.rejects(client.nodes(), /not you/);
  });

  const notAnswers: [string, string][] = [
    ['a page of a proxy', '<html>Back soon</html>'],
    ['nothing', ''],
    ['half an answer', '{"kind":"NodeList","metadata":{},"items":[{"metadata":{"name":"n-1"}},'],
    ['something without a kind', '{}'],
    ['a list', '[]'],
    ['null', 'null'],
  ];
  for (const [name, body] of notAnswers) {
    it(`does not take ${name} for "there are none"`, async () => {
      answer = () => ({ status: 200, body });
      await assert.rejects(client.nodes(), { exitCode: 4, message: /list nodes: what http:.* answered is not an answer of the API/ });
      await assert.rejects(client.clusterUid(), { exitCode: 4, message: /is not an answer of the API/ });
    });
  }

  it('reads an empty list that is null', async () => {
    answer = () => ({ status: 200, body: { metadata: {}, items: null } });
    assert.deepEqual(await client.namespaces(), []);
  });

  it('streams an answer line by line until its signal aborts', async () => {
    answer = () => (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"type":"ADDED"}\n');
    };
    const stop = new AbortController();
    const stream = await client.connection.stream({ verb: 'watch', resource: 'pods', path: '/api/v1/pods', query: { watch: true } }, { signal: stop.signal });
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const bytes of stream) {
        seen.push(Buffer.from(bytes).toString());
        stop.abort(new Error('enough'));
      }
    }, /enough/);
    assert.deepEqual(seen, ['{"type":"ADDED"}\n']);
  });

  const budget = { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 4 healthy pods and has 4 currently' }] };
  const refusals: { name: string; said: Said; says: RegExp; reason: string; passing: boolean }[] = [
    { name: 'an expired token', said: failure(401, 'Unauthorized', 'Unauthorized'), says: /does not accept the credentials of context lab \(401\).*expired; log in again/, reason: 'Unauthorized', passing: false },
    {
      name: 'a forbidden verb',
      said: failure(403, 'Forbidden', 'pods "web-1" is forbidden: User "x" cannot create resource "pods/eviction" in API group "" in the namespace "shop"'),
      says: /create pods\/eviction web-1 in namespace shop is not allowed .*403.*firedrill permissions.*User "x" cannot create/,
      reason: 'Forbidden',
      passing: false,
    },
    {
      name: 'a namespace that is terminating',
      said: failure(403, 'Forbidden', 'pods "x" is forbidden: unable to create new content in namespace shop because it is being terminated'),
      says: /the namespace is terminating/,
      reason: 'Forbidden',
      passing: false,
    },
    { name: 'a missing object', said: failure(404, 'NotFound', 'pods "web-1" not found'), says: /pods "web-1" not found \(404\)/, reason: 'NotFound', passing: false },
    { name: 'a CRD that is not there', said: { status: 404, body: '404 page not found\n' }, says: /this cluster has no resource pods\/eviction \(404\).*CRD missing/, reason: '', passing: false },
    { name: 'a pod of another uid', said: failure(409, 'Conflict', 'the UID in the precondition does not match'), says: /does not match \(409\)/, reason: 'Conflict', passing: false },
    { name: 'a disruption budget', said: failure(429, 'TooManyRequests', 'Cannot evict pod as it would violate it.', budget), says: /budget web needs 4 healthy pods and has 4 currently \(429\)/, reason: 'DisruptionBudget', passing: false },
    { name: 'too many calls', said: failure(429, 'TooManyRequests', 'too many requests, please try again later'), says: /429: the API server asks for fewer calls/, reason: 'TooManyRequests', passing: true },
    { name: 'an etcd without quorum', said: failure(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout'), says: /gave up waiting, as for an etcd without quorum \(504\)/, reason: 'Timeout', passing: true },
    { name: 'an internal error', said: failure(500, 'InternalError', 'etcdserver: leader changed'), says: /etcdserver: leader changed \(500\)/, reason: 'InternalError', passing: true },
  ];
  for (const { name, said, says, reason, passing } of refusals) {
    it(`tells ${name} in plain words`, async () => {
      answer = () => said;
      await assert.rejects(client.evictPod(pod), (error: unknown) => {
        assert.ok(error instanceof KubernetesFailure);
        assert.match(error.message, says);
        assert.equal(error.reason, reason);
        assert.equal(isPassing(error), passing);
        return true;
      });
    });
  }

  for (const [byMs, says] of [[-185_500, /log in again\. Mind that its clock is 18[56]s behind this machine's$/], [3_600_500, /log in again\. Mind that its clock is (1h|3599s) ahead of this machine's$/], [0, /log in again$/]] as const) {
    it(`tells with refused credentials how the clocks differ: by ${byMs} ms`, async () => {
      answer = () => (response) => response.writeHead(401, { date: new Date(Date.now() + byMs).toUTCString() }).end('{}');
      await assert.rejects(client.clusterUid(), says);
    });
  }

  it('gives up on a server that says nothing, at the deadline', async () => {
    answer = () => undefined;
    await assert.rejects(client.clusterUid({ deadlineMs: 50 }), /no answer from http:\/\/127.0.0.1:\d+ in time/);
  });

  it('tells a server that is not there', async () => {
    const gone = await startKubernetesServer(() => undefined);
    const lost = await connectTo(gone.kubeconfig);
    await gone.close();
    // The kubeconfig was read before its folder went with the server.
    await assert.rejects(clientOn(lost).clusterUid(), /can't be reached \(ECONNREFUSED\); check the kubeconfig and the network/);
  });

  const wrong: [name: string, context: string, says: RegExp][] = [
    ['a context that is not there', 'prod', /has no context prod; it has lab, other, nowhere: check kubernetes.context/],
    ['a context that leads nowhere', 'nowhere', /names cluster missing, which is not in it/],
  ];
  for (const [name, context, says] of wrong) {
    it(`refuses ${name}`, () => assert.rejects(connectTo(server.kubeconfig, context), says));
  }

  it('refuses a kubeconfig that is not there', () => assert.rejects(connectTo('/nowhere/config'), /kubeconfig \/nowhere\/config can't be read/));
});
