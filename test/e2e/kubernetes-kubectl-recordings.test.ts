import { deepEqual, equal } from 'node:assert/strict';
import { ask, find, put, remove } from './kubernetes-arrange.ts';
import type { Stage } from './kubernetes-frames.ts';
import { readProtobufAnswer } from './kubernetes-protobuf-answers.ts';
import { readRecording, type Replay } from './kubernetes-replay.ts';
import { send, type ApiAnswer } from './kubernetes-request.ts';
import { replayScene } from './kubernetes-story.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

// What the real kubectl sent, and what a real server answered: sent again to the lab's API server, in the order in which it was
// recorded. The story is one of a namespace `shop` with a Deployment, a DaemonSet and a Service on three nodes.

describe('the API server answers kubectl as the recorded one', () => {
  let server: LocalApiServer;
  let stage: Stage;
  before(async function () {
    this.timeout(60_000);
    server = await startLocalApiServer();
    stage = {
      server,
      // The recorded bytes of protobuf still have the names that were replaced elsewhere.
      values: new Map([['sp-n1', 'node-1'], ['sp-n2', 'node-2'], ['sp-n3', 'node-3']]),
      send: (request) => send(server, server.adminToken, request),
    };
    for (const name of ['shop', 'demo', 'empty']) await ask(stage, 'POST', '/api/v1/namespaces', { metadata: { name } });
    for (const name of ['node-1', 'node-2', 'node-3']) {
      const { spec, status, ...node } = readRecording('3-objects/node-ready').exchanges[0]!.response.body;
      await put(stage, { ...node, metadata: { name, labels: node.metadata.labels, annotations: node.metadata.annotations }, spec, status });
    }
  });
  after(async () => server?.close());

  // The server describes its columns in words of its own.
  const ignored = ['columnDefinitions[].description', 'object.columnDefinitions[].description'];
  const check = async (names: readonly string[], options: Partial<Replay> = {}): Promise<void> => {
    const found: string[] = [];
    for (const name of names) found.push(...(await replayScene(stage, name, { ...options, ignore: [...ignored, ...(options.ignore ?? [])] })));
    deepEqual(found, []);
  };
  /** The index of the schemas had changed since kubectl asked for it. */
  const changedSince = (date: string): Partial<Replay> => ({ known: { [date]: 'Thu, 01 Jan 1970 00:00:00 GMT' } });

  /** A Pod that runs, like the recorded one. */
  const runPod = async (namespace: string, name: string, nodeName: string): Promise<void> => {
    const { metadata, spec, ...pod } = readRecording('2-kubectl/describe-pod').exchanges[0]!.response.body;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    if (!(await find(stage, path))) await put(stage, { ...pod, metadata: { name, namespace, labels: metadata.labels }, spec: { ...spec, nodeName } });
  };
  const budget = async (spec: object, status: object): Promise<void> => {
    const path = '/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web';
    const now = await ask(stage, 'GET', path);
    const changed = await ask(stage, 'PUT', path, { ...now, spec: { ...now.spec, ...spec } });
    await ask(stage, 'PUT', `${path}/status`, { ...changed, status: { observedGeneration: changed.metadata.generation, ...status } });
  };

  it('to get nodes', () => check(['2-kubectl/get-nodes-cold-cache', '2-kubectl/get-nodes', '2-kubectl/get-nodes-o-wide']));

  it('to apply: made, left as it is, changed, and by the server', async () => {
    await check(['2-kubectl/apply-first', '2-kubectl/rollout-status']);
    await check(['2-kubectl/apply-unchanged'], changedSince('Mon, 23 Nov 2026 01:40:40 GMT'));
    await check(['2-kubectl/apply-changed']);
    await check(['2-kubectl/apply-server-side'], changedSince('Mon, 23 Nov 2026 01:40:41 GMT'));
  });

  it('to create, in protobuf', () =>
    check([
      '2-kubectl/create-deployment',
      '2-kubectl/create-dry-run-server',
      '2-kubectl/create-again-error',
      '2-kubectl/create-namespace',
      '2-kubectl/create-configmap',
    ]));

  it('to expose, and to get all that there is', async () => {
    await check(['2-kubectl/expose', '2-kubectl/set-image', '2-kubectl/get-deploy', '2-kubectl/get-rs', '2-kubectl/get-ds', '2-kubectl/get-pods']);
    await check([
      '2-kubectl/get-pods-A',
      '2-kubectl/get-svc',
      '2-kubectl/get-endpoints',
      '2-kubectl/get-endpointslices',
      '2-kubectl/get-pdb',
      '2-kubectl/get-events',
      '2-kubectl/get-configmaps',
      '2-kubectl/get-sa',
      '2-kubectl/get-leases',
      '2-kubectl/get-namespaces',
      '2-kubectl/get-all',
      '2-kubectl/get-pods-selector',
    ]);
  });

  it('to get Pods in pages, to the last', async () => {
    for (const name of ['agent-8gq94', 'agent-gv2hx', 'agent-qzmp8', 'web-65cb78ff76-6s6b8', 'web-65cb78ff76-ffl48', 'web-65cb78ff76-thqn9']) await runPod('demo', name, 'node-1');
    let next = '';
    const inPages: Replay['send'] = async (request) => {
      const answer = await stage.send({ ...request, path: request.path.replace(/(?<=continue=)[^&]+/, () => encodeURIComponent(next)) });
      next = answer.body.metadata.continue;
      return answer;
    };
    await check(['2-kubectl/get-pods-chunk'], { send: inPages });
    equal(next, undefined);
  });

  it('to get one Pod, and to watch them come and go', () =>
    check(['2-kubectl/get-pod-o-yaml', '2-kubectl/get-pod-o-jsonpath', '2-kubectl/get-pod-o-name', '2-kubectl/get-pods-w', '2-kubectl/get-events-w']));

  it('to describe', () => check(['2-kubectl/describe-pod', '2-kubectl/describe-node', '2-kubectl/describe-deployment', '2-kubectl/describe-service']));

  it('to label, annotate and taint', () =>
    check([
      '2-kubectl/label',
      '2-kubectl/label-same-again',
      '2-kubectl/label-no-overwrite-error',
      '2-kubectl/label-remove',
      '2-kubectl/annotate',
      '2-kubectl/taint',
      '2-kubectl/taint-remove',
    ]));

  it('to patch in all its forms', () =>
    check(['2-kubectl/patch-strategic', '2-kubectl/patch-merge', '2-kubectl/patch-json', '2-kubectl/patch-error', '2-kubectl/patch-scale-subresource']));

  it('to roll out, back and on', () =>
    check([
      '2-kubectl/rollout-restart',
      '2-kubectl/rollout-status-while-rolling',
      '2-kubectl/rollout-history',
      '2-kubectl/rollout-undo',
      '2-kubectl/rollout-restart-daemonset',
      '2-kubectl/rollout-status-daemonset',
      '2-kubectl/scale',
    ]));

  it('to wait, and to delete', async () => {
    for (const [name, node] of [['87wdx', 'node-1'], ['flqdt', 'node-1'], ['gmgjd', 'node-3'], ['r5phk', 'node-2'], ['5w4fn', 'node-3']]) await runPod('shop', `web-6669d5785d-${name}`, node!);
    await check([
      '2-kubectl/wait-available',
      '2-kubectl/wait-pod-ready',
      '2-kubectl/wait-one-pod-ready',
      '2-kubectl/wait-for-delete',
      '2-kubectl/delete-pod',
      '2-kubectl/delete-pod-default',
      '2-kubectl/delete-pod-force',
      '2-kubectl/delete-deployment',
      '2-kubectl/delete-by-label',
      '2-kubectl/delete-namespace',
    ]);
  });

  it('to cordon and drain', async () => {
    const { metadata: _, status: __, ...agent } = await ask(stage, 'GET', '/apis/apps/v1/namespaces/shop/daemonsets/agent');
    await ask(stage, 'POST', '/apis/apps/v1/namespaces/demo/daemonsets', { ...agent, metadata: { name: 'agent' } });
    for (const [namespace, name, node] of [
      ['shop', 'web-6669d5785d-r5phk', 'node-2'],
      ['demo', 'web-65cb78ff76-thqn9', 'node-2'],
      ['demo', 'web-65cb78ff76-6d7b5', 'node-1'],
      ['shop', 'web-6669d5785d-dk4dc', 'node-1'],
      ['shop', 'web-6669d5785d-lxqbc', 'node-1'],
    ]) {
      await runPod(namespace!, name!, node!);
    }
    await check(['2-kubectl/cordon', '2-kubectl/cordon-again', '2-kubectl/get-nodes-cordoned', '2-kubectl/uncordon', '2-kubectl/drain-refused']);
    const ended = (pod: string) => (): Promise<void> => remove(stage, `/api/v1/namespaces/${pod}`);
    await budget({ minAvailable: 1 }, { disruptionsAllowed: 3, currentHealthy: 4, desiredHealthy: 1, expectedPods: 4 });
    await check(['2-kubectl/drain'], { before: { 10: ended('demo/pods/web-65cb78ff76-thqn9'), 11: ended('shop/pods/web-6669d5785d-r5phk') } });
    await check(['2-kubectl/uncordon-after-drain']);
    await budget({ minAvailable: 4 }, { disruptionsAllowed: 0, currentHealthy: 4, desiredHealthy: 4, expectedPods: 4 });
    await check(['2-kubectl/drain-blocked-by-budget'], { before: { 8: ended('demo/pods/web-65cb78ff76-6d7b5') } });
  });

  it('to who may do what, and who asks', async () => {
    // Those that are here are held against the recorded ones in lab/kubernetes/api-pure.test.ts.
    await check(['2-kubectl/auth-can-i'], { ignore: ['resources'] });
    // The recorded server was told a uid for its administrator.
    await check(['2-kubectl/auth-whoami'], { ignore: ['status.userInfo.uid'] });
    await check(['2-kubectl/error-401'], { send: (request) => send(server, 'nobody', request) });
    const { status } = await ask(stage, 'POST', '/api/v1/namespaces/shop/serviceaccounts/default/token', { spec: {} });
    await check(['2-kubectl/error-403'], { send: (request) => send(server, status.token, request) });
  });

  it('to all that one may do, in whatever order', async () => {
    const { request, response } = readRecording('2-kubectl/auth-can-i-list').exchanges[0]!;
    const body = Buffer.from(request.body.protobufBase64, 'base64');
    const answer = await stage.send({ method: request.method, path: request.path, headers: request.headers ?? {}, body });
    equal(answer.status, response.status);
    const rulesOf = ({ status: { resourceRules, nonResourceRules } }: ApiAnswer['body']): string[] =>
      [...resourceRules, ...nonResourceRules].map((rule) => JSON.stringify(rule)).toSorted();
    const recorded = rulesOf(readProtobufAnswer(response.body.protobufBase64));
    // One rule is that of a distribution.
    deepEqual(rulesOf(answer.body), recorded.filter((rule) => !rule.includes('"/.well-known"')));
  });

  it('to what there is to ask for', async () => {
    await check(['2-kubectl/top-nodes-error', '2-kubectl/api-resources', '2-kubectl/api-versions', '2-kubectl/config-bad-type']);
    await check(['2-kubectl/explain'], changedSince('Mon, 23 Nov 2026 01:40:42 GMT'));
    await check(['2-kubectl/apply-invalid'], changedSince('Mon, 23 Nov 2026 01:41:23 GMT'));
    await check(['2-kubectl/version', '2-kubectl/cluster-info', '2-kubectl/get-raw', '2-kubectl/events']);
  });

  it('to what is not there', () => check(['2-kubectl/get-missing', '2-kubectl/get-missing-ignore', '2-kubectl/get-empty', '2-kubectl/exec-missing-pod']));
});
