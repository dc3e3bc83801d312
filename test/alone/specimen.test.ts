import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { labStatus } from '../../lab/index.ts';
import type { Asked, Said } from '../e2e/ask-through-proxy.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { expectExit, root } from '../e2e/firedrill.ts';
import { sharedSpecimenLab } from '../e2e/shared-lab.ts';

/** Nothing here is measured: machines that run all tests at once are slow. */
const patienceMs = 120_000;
const program = join(root, 'test/e2e/ask-through-proxy.ts');

describe('a lab with the specimen', function () {
  this.timeout('15m');
  const cluster = clusterUnderTest(sharedSpecimenLab);
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(...args);
  /** The linkerd of each node. */
  let proxies: string[];
  beforeEach(async () => {
    const { nodes } = (await labStatus(cluster.lab)).kubernetes!;
    proxies = nodes.map(({ name }) => `${/^ip-(\d+-\d+-\d+-\d+)/.exec(name)![1]!.replaceAll('-', '.')}:4140`);
    assert.equal(proxies.length, 6);
  });

  const ask = async (requests: readonly Asked[]): Promise<Said[]> => JSON.parse(await cluster.inside(process.execPath, '--disable-warning=ExperimentalWarning', program, JSON.stringify(requests))) as Said[];
  const throughAll = (url: string, through: readonly string[] = proxies): Promise<Said[]> => ask(through.map((proxy) => ({ proxy, url })));
  const statuses = async (url: string, through?: readonly string[]): Promise<string> => [...new Set((await throughAll(url, through)).map(({ status }) => String(status)))].toSorted().join(' ');
  const sabotage = (name: string, state: 'on' | 'off') => expectExit(0, 'lab', 'sabotage', '--lab', cluster.lab, name, state);
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + patienceMs;
    while (!(await holds())) {
      if (performance.now() > deadline) assert.fail(`waited ${patienceMs / 1000} s for: ${what}\n${await kubectl('get', 'pods', '-A', '-o', 'wide')}`);
      await wait(250);
    }
  };

  it('answers through the linkerd of each node, for each service, and through the gateway', async () => {
    const paths = ['accounts/accounts/acc_1', 'cards/cards/acc_1', 'pots/pots/acc_1', 'feed/feed/acc_1', 'api-gateway/feed/acc_1'];
    for (const path of paths) assert.equal(await statuses(`http://${path}`), '200', path);
    const payment = { url: 'http://api-gateway.bank/payments', method: 'POST', body: '{"account":"acc_1","to":"acc_2","amountPence":1}' };
    assert.deepEqual((await ask(proxies.map((proxy) => ({ proxy, ...payment })))).map(({ status }) => status), proxies.map(() => 201));
    const { stdout } = await expectExit(0, 'lab', 'status', '--lab', cluster.lab);
    assert.match(stdout, /Kubernetes with the specimen is whole/);
    assert.match(stdout, /mesh\/linkerd-/);
  });

  it('goes on through the other nodes when a linkerd is killed, and through its own when that is back', async () => {
    const { items } = JSON.parse(await kubectl('-n', 'mesh', 'get', 'pods', '-o', 'json')) as { items: { metadata: { name: string }; status: { hostIP: string } }[] };
    const [{ metadata: { name }, status: { hostIP: node } }] = items as [(typeof items)[number]];
    const [own, others] = [`${node}:4140`, proxies.filter((proxy) => proxy !== `${node}:4140`)];
    await kubectl('-n', 'mesh', 'delete', 'pod', name, '--grace-period=0', '--force');
    for (let round = 0; round < 5; round++) assert.equal(await statuses('http://accounts/accounts/acc_1', others), '200');
    await until('its own linkerd', async () => (await statuses('http://accounts/accounts/acc_1', [own])) === '200');
  });

  it('with gateway-single-replica has one gateway, until it is off or the lab is reset', async () => {
    const replicas = (): Promise<string> => kubectl('-n', 'bank', 'get', 'deployment', 'api-gateway', '-o', 'jsonpath={.spec.replicas}');
    await sabotage('gateway-single-replica', 'on');
    assert.equal(await replicas(), '1');
    await sabotage('gateway-single-replica', 'off');
    assert.equal(await replicas(), '3');
    await sabotage('gateway-single-replica', 'on');
    await expectExit(0, 'lab', 'reset', '--lab', cluster.lab);
    assert.equal(await replicas(), '3');
    assert.doesNotMatch((await expectExit(0, 'lab', 'sabotage', '--lab', cluster.lab)).stdout, /^on /m);
  });

  it('shifts a percentage of what the gateway gets to a new version', async () => {
    const labels = { app: 'accounts-v2' };
    const metadata = { name: 'accounts-v2', namespace: 'bank', labels };
    const own = JSON.parse(await kubectl('-n', 'bank', 'get', 'deployment', 'accounts', '-o', 'json')) as { spec: { template: { spec: { containers: { env: object[] }[] } } } };
    const { spec } = own.spec.template;
    spec.containers[0]!.env.push({ name: 'VERSION', value: 'v2' });
    await cluster.apply(
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } },
    );
    await kubectl('-n', 'bank', 'rollout', 'status', 'deployment/accounts-v2', '--timeout=120s');
    await kubectl('-n', 'bank', 'patch', 'configmap', 'api-gateway', '--type=merge', '-p', '{"data":{"SHIFT":"accounts-v2:50"}}');
    await kubectl('-n', 'bank', 'rollout', 'restart', 'deployment/api-gateway');
    await kubectl('-n', 'bank', 'rollout', 'status', 'deployment/api-gateway', '--timeout=120s');
    const said = (await Promise.all(Array.from({ length: 10 }, () => throughAll('http://api-gateway/accounts/acc_1')))).flat();
    assert.deepEqual([...new Set(said.map(({ status, headers }) => `${status} ${String(headers['x-version'])}`))].toSorted(), ['200 v1', '200 v2']);
  });
});
