import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RunsFolder, startFiredrill } from './firedrill.ts';
import { send } from './kubernetes-request.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';
import { startStormyApiServer, weathers, type StormyApiServer } from './stormy-api-server.ts';

const drill = `name: weather
title: What is undone, in bad weather
why: An API in trouble must not leave anything broken.
probes:
  nodes: { kind: nodes-ready, every: 500ms, timeout: 10s }
baseline: { for: 1s }
faults:
  - { id: more, kind: deployment-scale, at: 0s, for: 4s, to: 4, select: { namespace: shop, owner: deployment/web } }
  - { id: cut, kind: network-deny, at: 0s, for: 4s, select: { namespace: shop, node: node-1, pick: 1 } }
  - { id: drain, kind: node-drain, at: 0s, for: 4s, select: { names: [node-2] } }
slos:
  - { name: nodes are ready, probe: nodes, recoversWithin: 2m }
limits: { zones: 0, pods: 9, podsOfWorkload: all, nodes: 1 }
recovery: { timeout: 2m, stableFor: 1s, undoTimeout: 60s }
`;

/** The real API server of the lab over a real etcd, the real command line, and bad weather on the wire between them. */
describe('an API of Kubernetes in bad weather', () => {
  let api: LocalApiServer;
  let stormy: StormyApiServer;
  let runs: RunsFolder;
  before(async () => {
    api = await startLocalApiServer();
    stormy = await startStormyApiServer(api);
    await populate();
  });
  beforeEach(() => {
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());
  after(async () => {
    await stormy.close();
    await api.close();
  });

  const call = async (method: string, path: string, body?: object, type = 'application/json') => {
    const answer = await send(api, api.adminToken, { method, path, headers: { 'content-type': type }, ...(body ? { body } : {}) });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as { metadata: { uid: string }; items: { metadata: { name: string; annotations?: object }; spec: object }[] };
  };
  const shop = '/api/v1/namespaces/shop';
  const apps = '/apis/apps/v1/namespaces/shop';
  const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';

  /** Two nodes, and a Deployment with two pods on the first and one on the second; nobody runs anything. */
  async function populate(): Promise<void> {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    const template = { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'lab/web' }] } };
    const spec = { replicas: 3, selector: { matchLabels: { app: 'web' } }, template };
    const deployment = await call('POST', `${apps}/deployments`, { metadata: { name: 'web', labels: { app: 'web' } }, spec });
    const ownedBy = (kind: string, name: string, uid: string) => [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }];
    const replicas = await call('POST', `${apps}/replicasets`, { metadata: { name: 'web-1', labels: { app: 'web', 'pod-template-hash': '1' }, ownerReferences: ownedBy('Deployment', 'web', deployment.metadata.uid) }, spec });
    for (const n of [1, 2]) {
      await call('POST', '/api/v1/nodes', { metadata: { name: `node-${n}` } });
      await call('PATCH', `/api/v1/nodes/node-${n}/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 'application/merge-patch+json');
    }
    for (const [name, node] of [['web-1-a', 1], ['web-1-b', 1], ['web-1-c', 2]] as const) await pod(name, node, ownedBy('ReplicaSet', 'web-1', replicas.metadata.uid));

    async function pod(name: string, node: number, ownerReferences: object[]): Promise<void> {
      await call('POST', `${shop}/pods`, { metadata: { name, labels: { app: 'web', 'pod-template-hash': '1' }, ownerReferences }, spec: { ...template.spec, nodeName: `node-${node}` } });
      await call('PATCH', `${shop}/pods/${name}/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, 'application/merge-patch+json');
    }
  }

  /** What a drill has to leave as it was; not the pod that was evicted, and what the server itself counts. */
  async function state(): Promise<unknown> {
    const lists = await Promise.all(['/api/v1/nodes', `${apps}/deployments`, policies].map((path) => call('GET', path)));
    return lists.flatMap(({ items }) => items.map(({ metadata: { name, annotations = {} }, spec }) => ({ name, annotations, spec })));
  }

  /** A pod comes where the evicted one was, as its controller would see to. */
  async function replaceEvicted(): Promise<void> {
    const { items } = await call('GET', `${shop}/pods`);
    if (items.some(({ metadata: { name } }) => name.startsWith('web-1-c'))) return;
    const { metadata: { uid } } = await call('GET', `${apps}/replicasets/web-1`);
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid, controller: true }];
    await call('POST', `${shop}/pods`, { metadata: { name: 'web-1-c', labels: { app: 'web', 'pod-template-hash': '1' }, ownerReferences }, spec: { terminationGracePeriodSeconds: 0, nodeName: 'node-2', containers: [{ name: 'web', image: 'lab/web' }] } });
    await call('PATCH', `${shop}/pods/web-1-c/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, 'application/merge-patch+json');
  }

  function environment(): string {
    const kubeconfig = join(runs.drills(), 'kubeconfig');
    const cluster = { server: stormy.url, 'certificate-authority-data': Buffer.from(stormy.ca).toString('base64') };
    writeFileSync(kubeconfig, JSON.stringify({ clusters: [{ name: 'c', cluster }], users: [{ name: 'u', user: { token: api.adminToken } }], contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }] }));
    const path = join(runs.drills(), 'environment.yaml');
    writeFileSync(path, JSON.stringify({ name: 'stormy', kubernetes: { kubeconfig, context: 'c' }, lock: { file: join(runs.drills(), 'lock') } }));
    return path;
  }

  const changes = ({ method, url = '' }: IncomingMessage): boolean => method !== 'GET' && !url.includes('selfsubjectaccessreviews');

  for (const [name, weather] of Object.entries(weathers)) {
    for (const phase of ['broken', 'put back'] as const) {
      it(`that is ${name} while things are ${phase} changes nothing of what is broken, and leaves nothing`, async () => {
        await replaceEvicted();
        const before = await state();
        const path = join(runs.drills(), 'weather.yaml');
        writeFileSync(path, drill);
        const run = startFiredrill(['run', path, '--env', environment(), '--out', runs.path, '--no-watchdog', '--yes']);
        await run.says(phase === 'broken' ? /phase: baseline/ : /fault drain: injected/);
        stormy.change(weather, phase === 'broken' ? changes : undefined);
        // What is undone is looked at first; what is broken is simply changed.
        while (stormy.met < (phase === 'broken' ? 3 : 6)) await wait(50);
        await wait(2_000);
        stormy.change(undefined);
        const { code, stdout, stderr } = await run.ended;
        assert.equal(code, 0, `${stdout}\n${stderr}`);
        for (const { id, undone } of runs.report().faults) assert.equal(undone?.verified, true, `${id}: ${undone?.said}`);
        assert.deepEqual(await state(), before);
      });
    }
  }
});
