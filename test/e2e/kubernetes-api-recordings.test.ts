import { deepEqual } from 'node:assert/strict';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';
import { replay, readRecording, type Replay } from './kubernetes-replay.ts';
import { send, type ApiAnswer, type ApiRequest } from './kubernetes-request.ts';

// The lab's API server against what a real one said: the same requests, and the answers compared field by field. There are no
// controllers and kubelets here; what they did when it was recorded is done by hand.

describe('the API server answers as the recorded one', () => {
  let server: LocalApiServer;
  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
    for (const name of ['demo', 'pages', 'wtch', 'gone']) await post('/api/v1/namespaces', { metadata: { name } });
    for (const name of ['node-1', 'node-2', 'node-3']) {
      await post('/api/v1/nodes', { metadata: { name }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.11' }] } });
    }
  });
  after(async () => server?.close());

  const ask = (request: ApiRequest): Promise<ApiAnswer> => send(server, request.headers?.['Authorization'] ? undefined : server.adminToken, request);
  const post = async (path: string, body: object): Promise<ApiAnswer['body']> => {
    const answer = await ask({ method: 'POST', path, body });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const patch = async (path: string, body: object): Promise<ApiAnswer['body']> => {
    const answer = await ask({ method: 'PATCH', path, body, headers: { 'Content-Type': 'application/merge-patch+json' } });
    if (answer.status !== 200) throw new Error(`PATCH ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const remove = async (path: string, body?: object): Promise<void> => {
    await ask({ method: 'DELETE', path, ...(body ? { body } : {}) });
  };
  const check = async (name: string, options: Partial<Replay> = {}): Promise<void> => {
    deepEqual(await replay(name, { send: ask, ...options }), []);
  };

  const sentWas = 'the recording shows the body as it was changed afterwards, not as it was sent';
  const container = { name: 'app', image: 'registry.example/app:1' };
  const workload = (name: string, more: object = {}) => ({
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container], automountServiceAccountToken: false } },
      ...more,
    },
  });
  const deployments = '/apis/apps/v1/namespaces/demo/deployments';
  const pods = '/api/v1/namespaces/demo/pods';
  /** A Pod as a kubelet has it running and ready. */
  const runningPod = async (name: string, labels: object, spec: object = {}): Promise<void> => {
    await post(pods, { metadata: { name, labels }, spec: { containers: [container], automountServiceAccountToken: false, nodeName: 'node-1', ...spec } });
    await patch(`${pods}/${name}/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } });
  };

  it('to questions of what it is and has', async () => {
    await check('1-discovery/version');
    await check('1-discovery/not-there');
    await check('1-discovery/api', { ignore: ['serverAddressByClientCIDRs'] });
    await check('1-discovery/apis-apps-group');
    const checks = 'the recorded server has checks of parts that are not here';
    const ofEtcd = 'the recorded build has no check of etcd in /readyz; the plain server has it, and this one too';
    await check('1-discovery/health', { leaveOut: { 3: checks, 4: checks, 5: ofEtcd } });
  });

  it('to creations, conflicts and what is not there', () =>
    check('4-semantics/create-conflict-notfound', {
      leaveOut: { 3: sentWas, 4: sentWas, 18: 'componentstatuses are not served' },
    }));

  it('to content that is not valid', async () => {
    const web = await post(deployments, workload('web', { replicas: 3 }));
    await runningPod('web-65cb78ff76-dkt88', { app: 'web' });
    await check('4-semantics/validation', {
      // Where Go's text of the whole object or of a difference is part of the message.
      leaveOut: { 13: 'the message holds the whole object with its managedFields', 14: 'the message holds a difference of Go structures' },
      known: { '6d6c2f84-a05f-4435-810f-9574709a2f38': web.metadata.uid, '944': web.metadata.resourceVersion },
      ignore: ['metadata.name'],
    });
  });

  it('to dry runs', async () => {
    await check('4-semantics/dryRun', {
      before: { 2: async () => void (await post('/api/v1/namespaces/demo/configmaps', { metadata: { name: 'dry2' }, data: { k: 'v' } })) },
    });
  });

  it('to finalizers', () => check('4-semantics/finalizers', { leaveOut: { 4: 'the real server tells the same cause twice' } }));

  it('to generated names', () => check('4-semantics/generateName', { ignore: ['metadata.name', 'spec.volumes[].name', 'spec.containers[].volumeMounts[].name'] }));

  it('with defaults', () => check('4-semantics/defaults-on-create', { ignore: ['spec.clusterIP', 'spec.clusterIPs', 'status.nodeInfo', 'status.daemonEndpoints', 'status'] }));

  it('to lists in pages, by revision and by selectors', async () => {
    const configMaps = '/api/v1/namespaces/pages/configmaps';
    for (let n = 0; n < 7; n += 1) {
      await post(configMaps, { metadata: { name: `c${n}`, labels: { n: String(n), even: String(n % 2 === 0) } }, data: { k: 'v' } });
    }
    await check('4-semantics/list-limit-continue', { before: { 1: async () => void (await post(configMaps, { metadata: { name: 'a0-later' }, data: { k: 'v' } })) } });
    const { body } = await ask({ path: configMaps });
    await check('4-semantics/list-resourceVersion', { known: { '3235': body.metadata.resourceVersion }, ignore: ['message'] });
    await check('4-semantics/label-selectors');
  });

  it('to lists by fields', async () => {
    const { exchanges } = readRecording('4-semantics/field-selectors');
    const onlyHere = (path: string): boolean => /configmaps|status\.hostIP|status\.qosClass|status\.phase%3Dx|replicas|spec\.nodeName%3D$|hostNetwork|podIP/.test(path);
    const others = exchanges.flatMap(({ request }, at) => (onlyHere(request.path) ? [] : [[at, 'the objects are those of a whole cluster'] as const]));
    await check('4-semantics/field-selectors', { leaveOut: Object.fromEntries(others) });
  });

  it('to patches of all forms', async () => {
    await post(deployments, workload('pat'));
    const revision = (to: string) => async () => void (await patch(`${deployments}/pat`, { metadata: { annotations: { 'deployment.kubernetes.io/revision': to } } }));
    await check('4-semantics/patch-types', {
      before: { 2: revision('1'), 5: revision('2'), 13: revision('3') },
      shortened: true,
      // The recording shows containers one level higher than they are.
      ignore: ['spec.template.containers'],
    });
  });

  it('to deletions with preconditions and grace', async () => {
    for (const name of ['s1', 's2', 's3']) await runningPod(name, {}, { terminationGracePeriodSeconds: 20, ...(name === 's3' ? { nodeName: undefined } : {}) });
    await patch(`${pods}/s3/status`, { status: { phase: 'Pending' } });
    const { uid, resourceVersion } = (await ask({ path: `${pods}/s1` })).body.metadata;
    await check('4-semantics/delete-preconditions-and-grace', {
      known: { '0c2921e4-7485-4bd5-94f8-d22d1ad491fc': uid, '1123': resourceVersion },
      before: { 6: () => remove(`${pods}/s1`, { gracePeriodSeconds: 0 }) },
      shortened: true,
      ignore: ['status.conditions'],
    });
  });

  it('to deletions of collections', async () => {
    for (const name of ['dc0', 'dc1', 'dc2']) await post('/api/v1/namespaces/demo/configmaps', { metadata: { name, labels: { dc: 'y' } }, data: { k: 'v' } });
    await check('4-semantics/deletecollection');
  });

  // The events that followed are the garbage collector's work: its order is held in kubernetes-controllers.test.ts.
  for (const name of ['4-semantics/propagationPolicy-Orphan', '4-semantics/propagationPolicy-Background', '4-semantics/propagationPolicy-Foreground']) {
    it(`to a deletion with ${name.split('/')[1]}`, async () => {
      await post(deployments, workload(`pp-${name.split('-').at(-1)!.toLowerCase()}`));
      await check(name, { ignore: ['metadata.annotations'] });
    });
  }

  it('to the deletion of a namespace', () =>
    check('4-semantics/delete-namespace', { leaveOut: { 2: 'nothing empties a namespace here', 3: 'nothing empties a namespace here' } }));

  it('with status and spec apart', async () => {
    await post(deployments, workload('st'));
    const conditions = readRecording('4-semantics/status-subresource').exchanges[0]!.response.body.status;
    await patch(`${deployments}/st/status`, { status: conditions });
    await check('4-semantics/status-subresource', { shortened: true });
  });

  it('with a generation that stays when what has a default is left out', async () => {
    const made = await post(deployments, workload('left-out'));
    const { body } = await ask({ method: 'PUT', path: `${deployments}/left-out`, body: workload('left-out') });
    deepEqual([body.metadata.generation, body.metadata.resourceVersion, body.spec], [1, made.metadata.resourceVersion, made.spec]);
  });

  it('to the scale subresource', async () => {
    await patch(`${deployments}/web`, { spec: { replicas: 3 } });
    await patch(`${deployments}/web/status`, { status: { replicas: 3 } });
    const { body } = await ask({ path: `${deployments}/web` });
    const known = { '944': body.metadata.resourceVersion, '6d6c2f84-a05f-4435-810f-9574709a2f38': body.metadata.uid };
    await check('4-semantics/scale-subresource', { known, before: { 5: async () => void (await ask({ path: '/version' })) } });
  });

  it('in tables and partial objects', () =>
    check('4-semantics/table', {
      ignore: ['columnDefinitions[].description', 'rows[].cells[]', 'rows[].object.metadata.managedFields'],
      leaveOut: { 7: 'YAML is compared as text, and the real one has managedFields', 11: 'protobuf is not answered' },
    }));

  it('to server-side apply, with its managers', () => check('4-semantics/server-side-apply', { ignore: ['metadata.managedFields'] }));

  it('to watches that are refused', () => check('4-semantics/watch-bad-requests'));

  it('to evictions, within the budgets', async () => {
    const budgets = '/apis/policy/v1/namespaces/demo/poddisruptionbudgets';
    for (const name of ['web-65cb78ff76-6s6b8', 'web-65cb78ff76-ffl48', 'web-65cb78ff76-g94l9']) await runningPod(name, { budget: 'web' });
    const counted = (allowed: number, healthy: number, more: object = {}) => ({
      status: {
        observedGeneration: 1,
        disruptionsAllowed: allowed,
        currentHealthy: healthy,
        desiredHealthy: 2,
        expectedPods: 3,
        disruptedPods: null,
        conditions: [{ type: 'DisruptionAllowed', status: allowed > 0 ? 'True' : 'False', observedGeneration: 1, lastTransitionTime: '2026-11-23T01:46:00Z', reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods', message: '' }],
        ...more,
      },
    });
    await post(budgets, { metadata: { name: 'web' }, spec: { minAvailable: 2, selector: { matchLabels: { budget: 'web' } } } });
    const count = async (allowed: number, healthy: number, more: object = {}): Promise<void> => void (await patch(`${budgets}/web/status`, counted(allowed, healthy, more)));
    const spec = ['spec'];
    await count(1, 3);
    await check('4-semantics/eviction-dryRun', { shortened: true, ignore: spec });
    await count(1, 3);
    await check('4-semantics/eviction', { shortened: true, ignore: spec, before: { 2: () => count(0, 2), 3: () => count(0, 2, { expectedPods: 4 }), 8: () => count(1, 3) } });
    await check('4-semantics/eviction-wrong-uid', {
      shortened: true,
      ignore: spec,
      known: { 'b642df92-d884-46a9-961c-16081e1e519d': (await ask({ path: `${pods}/web-65cb78ff76-ffl48` })).body.metadata.uid },
      before: { 2: () => count(0, 2, { disruptedPods: { 'web-65cb78ff76-ffl48': '2026-11-23T01:46:12Z' } }) },
    });
    await patch(`${pods}/web-65cb78ff76-dkt88`, { metadata: { labels: { budget: 'web' } } });
    await post(budgets, { metadata: { name: 'second' }, spec: { minAvailable: 1, selector: { matchLabels: { budget: 'web' } } } });
    await check('4-semantics/eviction-two-budgets');
  });

  it('to the subresources of Pods', async () => {
    await check('4-semantics/pod-subresources', { leaveOut: { 0: 'needs a kubelet', 1: 'needs a kubelet', 4: 'needs a kubelet' } });
  });

  it('to whoever may and may not', async () => {
    const { body } = await ask({ method: 'POST', path: '/api/v1/namespaces/demo/serviceaccounts/default/token', body: { spec: { expirationSeconds: 3600 } } });
    const jwt: string = body.status.token;
    const access = '/apis/rbac.authorization.k8s.io/v1/namespaces/demo';
    await check('4-semantics/authentication-and-authorization', {
      known: { JWT: jwt },
      send: (request) => {
        const recorded = request.headers?.['Authorization'];
        return send(server, recorded === undefined && request.path === '/api/v1/nodes' ? undefined : recorded === undefined ? server.adminToken : undefined, request);
      },
      before: {
        19: async () => {
          await post(`${access}/roles`, { metadata: { name: 'podreader' }, rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }] });
          const roleRef = { kind: 'Role', name: 'podreader' };
          await post(`${access}/rolebindings`, { metadata: { name: 'podreader' }, roleRef, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'demo' }] });
        },
      },
      leaveOut: { 14: 'the order of rules is that of a cache, and one rule is that of a distribution' },
    });
  });
});
