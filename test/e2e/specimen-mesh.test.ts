import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { configMaps, createClient, defineResource, isNotFound, serviceAccounts, type Client } from '../../lab/kubernetes/client/index.ts';
import { makeSpecimens } from '../../lab/kubernetes/cluster.ts';
import { mesh } from '../../lab/kubernetes/names.ts';
import { restoreCluster } from '../../lab/kubernetes/restore.ts';
import { deployments, endpoints, type Endpoints } from '../../lab/kubernetes/workload-objects.ts';
import { configKeys, configName, followConfig } from '../../lab/specimen/linkerd/config.ts';
import { usualFailureAccrual } from '../../lab/specimen/linkerd/failure-accrual.ts';
import { startLinkerd, type Linkerd } from '../../lab/specimen/linkerd/linkerd.ts';
import { usualRetryBudget } from '../../lab/specimen/linkerd/retry-budget.ts';
import { specimen } from '../../lab/specimen/manifests.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

const clusterRoles = defineResource('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false);

describe('the lab’s linkerd with the lab’s API server', function () {
  this.timeout('60s');
  let api: LocalApiServer;
  let admin: Client;
  let linkerd: Linkerd;
  const pods: Server[] = [];
  const on = new Set<string>();

  before(async () => {
    api = await startLocalApiServer({ isOn: (name) => on.has(name) });
    admin = createClient({ server: api.url, token: api.adminToken, ca: api.ca });
    await makeSpecimens(admin, specimen);
  });
  after(async () => {
    admin.close();
    for (const pod of pods) pod.close().closeAllConnections();
    await api.close();
  });
  afterEach(() => linkerd.close(100));

  /** As a kubelet gets one for a pod. */
  const token = async (): Promise<string> => {
    const wanted = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [], expirationSeconds: 3_607 } };
    const answer = (await admin.createSubresource(serviceAccounts, { namespace: mesh.namespace, name: mesh.proxy }, 'token', wanted)) as { status: { token: string } };
    return answer.status.token;
  };
  const start = async (): Promise<void> => {
    linkerd = await startLinkerd({
      client: createClient({ server: api.url, token: await token(), ca: api.ca, userAgent: 'linkerd' }),
      ownNamespace: mesh.namespace,
      namespace: 'bank',
      host: '127.0.0.1',
      proxyPort: 0,
      adminPort: 0,
      budget: usualRetryBudget,
      accrual: usualFailureAccrual,
      totalTimeoutMs: 5_000,
      connectTimeoutMs: 1_000,
      attemptTimeoutMs: 0,
      mostIdle: 8,
      idleMs: 10_000,
      log: () => {},
    });
  };
  const pod = async (text: string): Promise<number> => {
    const server = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
    pods.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const serve = async (name: string, port: number): Promise<void> => {
    const at = { namespace: 'bank', name };
    const wanted: Endpoints = { metadata: at, subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'http', port, protocol: 'TCP' }] }] };
    try {
      const { metadata } = await admin.get(endpoints, at);
      await admin.update(endpoints, { ...wanted, metadata });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await admin.create(endpoints, wanted);
    }
  };
  const ask = (service: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port: linkerd.proxyPort, path: `http://${service}/` }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += String(chunk)));
        answer.on('end', () => resolve(text));
      });
      call.on('error', reject).end();
    });
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + 10_000;
    while (!(await holds())) {
      if (performance.now() > deadline) assert.fail(`waited 10 s for: ${what}`);
      await wait(20);
    }
  };

  it('follows Endpoints with the rights of its service account', async () => {
    await serve('accounts', await pod('first'));
    await start();
    assert.equal(await ask('accounts'), 'first');
    await serve('accounts', await pod('second'));
    await until('the second', async () => (await ask('accounts')) === 'second');
  });

  it('follows its ConfigMap, and what a reset makes of it and of its rights', async () => {
    const at = { namespace: mesh.namespace, name: configName };
    const before = await admin.get(configMaps, at);
    await start();
    const config = await followConfig(createClient({ server: api.url, token: await token(), ca: api.ca }), mesh.namespace, () => {});
    assert.equal(config.isOn(configKeys.noRetries), false);
    await admin.patch(configMaps, at, 'merge', { data: { [configKeys.noRetries]: 'true' } });
    await until('the switch', async () => config.isOn(configKeys.noRetries));
    await admin.patch(clusterRoles, { name: 'linkerd-endpoints' }, 'merge', { rules: [] });
    await admin.patch(deployments, { namespace: 'bank', name: 'api-gateway' }, 'merge', { spec: { replicas: 1 } });
    await restoreCluster(admin, specimen);
    await until('the switch back', async () => !config.isOn(configKeys.noRetries));
    assert.deepEqual((await admin.get(configMaps, at)).data, before.data);
    assert.equal((await admin.get(deployments, { namespace: 'bank', name: 'api-gateway' })).spec.replicas, 3);
    assert.equal(((await admin.get(clusterRoles, { name: 'linkerd-endpoints' })) as { rules?: unknown[] }).rules?.length, 1);
    config.close();
  });

  it('hears nothing with mesh-stale-endpoints, while others do; a new one reads the list, and after it all is told', async () => {
    await serve('payments', await pod('old'));
    await start();
    assert.equal(await ask('payments'), 'old');
    on.add('mesh-stale-endpoints');
    const others = admin.watch(endpoints, { namespace: 'bank', resourceVersion: '0', timeoutSeconds: 10, signal: AbortSignal.timeout(9_000) });
    await serve('payments', await pod('new'));
    for await (const { object } of others) if (object.metadata.name === 'payments') break;
    await wait(500);
    assert.equal(await ask('payments'), 'old');
    await linkerd.close(100);
    await start();
    assert.equal(await ask('payments'), 'new');
    await serve('payments', await pod('newest'));
    await wait(500);
    assert.equal(await ask('payments'), 'new');
    on.delete('mesh-stale-endpoints');
    await until('the newest', async () => (await ask('payments')) === 'newest');
  });
});
