import { deepEqual } from 'node:assert/strict';
import { ask, put } from './kubernetes-arrange.ts';
import type { Stage } from './kubernetes-frames.ts';
import { readRecording, type Replay } from './kubernetes-replay.ts';
import { send } from './kubernetes-request.ts';
import { replayScene } from './kubernetes-story.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

type Json = ReturnType<JSON['parse']>;

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

  it('to get nodes', () => check(['2-kubectl/get-nodes-cold-cache', '2-kubectl/get-nodes', '2-kubectl/get-nodes-o-wide']));

  it('to apply: made, left as it is, changed, by the server, and refused', async () => {
    await check(['2-kubectl/apply-first', '2-kubectl/rollout-status']);
    await check(['2-kubectl/apply-unchanged'], changedSince('Mon, 23 Nov 2026 01:40:40 GMT'));
    await check(['2-kubectl/apply-changed']);
    await check(['2-kubectl/apply-server-side'], changedSince('Mon, 23 Nov 2026 01:40:41 GMT'));
    await check(['2-kubectl/apply-invalid'], changedSince('Mon, 23 Nov 2026 01:41:23 GMT'));
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
      '2-kubectl/get-pods-chunk',
    ]);
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

  it('to wait, and to delete', () =>
    check([
      '2-kubectl/wait-available',
      '2-kubectl/wait-one-pod-ready',
      '2-kubectl/delete-pod',
      '2-kubectl/delete-pod-default',
      '2-kubectl/delete-pod-force',
      '2-kubectl/delete-deployment',
      '2-kubectl/delete-by-label',
      '2-kubectl/delete-namespace',
    ]));
});
