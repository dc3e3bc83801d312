import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEnvironmentFile } from '../../../lab/host/environment-file.ts';
import { applyDefaults } from '../../../lab/kubernetes/api/admission/defaults.ts';
import { prepareForCreate } from '../../../lab/kubernetes/api/admission/strategy.ts';
import { validate } from '../../../lab/kubernetes/api/admission/validate.ts';
import { allows, type PolicyRule } from '../../../lab/kubernetes/api/auth/rbac.ts';
import { resourceNamed } from '../../../lab/kubernetes/api/resources.ts';
import { decoded } from '../../../lab/kubernetes/api/verbs/read-object.ts';
import { configMaps, namespaces, nodes, pods } from '../../../lab/kubernetes/client/index.ts';
import { clusterStatus, makeSpecimens } from '../../../lab/kubernetes/cluster.ts';
import { findImage } from '../../../lab/kubernetes/images/index.ts';
import { bank, mesh, workerCount } from '../../../lab/kubernetes/names.ts';
import type { ConfigMap, KubeObject, PodSpec } from '../../../lab/kubernetes/objects.ts';
import { restoreCluster } from '../../../lab/kubernetes/restore.ts';
import { daemonSets, deployments, namespacesIn, specimens, workloadsIn, type Specimen } from '../../../lab/kubernetes/workloads.ts';
import { specimen } from '../../../lab/specimen/manifests.ts';
import { services } from '../../../lab/specimen/services/index.ts';
import type { LabStatus } from '../../../lab/world/status.ts';
import { parseEnvironment } from '../../../runner/environment-file.ts';
import { createMask } from '../../../runner/mask.ts';
import { trafficRefusals } from '../../../runner/traffic/leash.ts';
import { createFakeClient, type FakeClient } from '../kubernetes/fake-client.ts';

const all = [...specimens, ...specimen];
const known = ({ resource, object }: Specimen): string => `${resource.kind} ${object.metadata.namespace ?? '-'}/${object.metadata.name}`;
const podsOf = (object: Specimen['object']): PodSpec => (object.spec as { template: { spec: PodSpec } }).template.spec;
const workloads = specimen.filter(({ resource }) => resource === deployments || resource === daemonSets);

describe('the objects of the specimen', () => {
  for (const each of specimen) {
    it(`${known(each)} is what the API server takes`, () => {
      const { resource, object: given } = each;
      const group = resource.apiVersion.includes('/') ? resource.apiVersion.split('/')[0]! : '';
      const served = resourceNamed(resource.plural, group);
      assert.equal(served.namespaced, resource.namespaced);
      const { object, unknown } = decoded(structuredClone(given), resource.kind, resource.apiVersion);
      assert.deepEqual(unknown, []);
      prepareForCreate(served, object);
      applyDefaults(served, object);
      validate(served, object);
    });
  }

  it('come after the namespaces that they are in', () => {
    const made = new Set<string>();
    for (const { resource, object } of specimen) {
      if (resource === namespaces) made.add(object.metadata.name);
      else if (object.metadata.namespace !== undefined) assert.ok(made.has(object.metadata.namespace), object.metadata.name);
    }
    assert.deepEqual([...made], ['mesh', 'bank']);
  });

  it('are six services with two or three replicas each, spread over zones, and linkerd on each worker at port 4140', () => {
    assert.deepEqual(workloadsIn(specimen).map(({ namespace, name, pods }) => `${namespace}/${name} ${pods}`), ['mesh/linkerd 6', 'bank/api-gateway 3', 'bank/accounts 3', 'bank/cards 2', 'bank/pots 2', 'bank/feed 2', 'bank/payments 3']);
    for (const { resource, object } of workloads) {
      const [container] = podsOf(object).containers;
      const image = findImage(container!.image!);
      assert.ok(image, container!.image);
      assert.match(image.entrypoint.at(-1)!, /lab\/specimen\/(linkerd|services)\/main\.ts$/);
      for (const probe of [container!.readinessProbe, container!.livenessProbe]) {
        const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
        assert.ok(container!.ports?.some(({ name }) => name === port), `${container!.name}: ${port}`);
      }
      if (resource === daemonSets) {
        assert.deepEqual(container!.ports?.map(({ hostPort, containerPort }) => [containerPort, hostPort]), [[4140, 4140], [9990, undefined]]);
        continue;
      }
      assert.ok(Object.hasOwn(services, container!.args![0]!));
      assert.equal(podsOf(object).topologySpreadConstraints?.[0]?.topologyKey, 'topology.kubernetes.io/zone');
      assert.deepEqual(container!.env?.find(({ name }) => name === 'NODE_IP')?.valueFrom, { fieldRef: { fieldPath: 'status.hostIP' } });
    }
  });

  it('let linkerd watch Endpoints everywhere, ConfigMaps at home, and what its pods are told there, and nothing else', () => {
    const rules = (kind: string) => specimen.filter(({ resource }) => resource.kind === kind).flatMap(({ object }) => object.rules as PolicyRule[]);
    const may = (kind: string, verb: string, resource: string): boolean => rules(kind).some((rule) => allows(rule, { verb, resource }));
    for (const verb of ['list', 'watch']) assert.deepEqual([may('ClusterRole', verb, 'endpoints'), may('Role', verb, 'configmaps'), may('Role', verb, 'pods')], [true, true, true]);
    assert.deepEqual([may('ClusterRole', 'update', 'endpoints'), may('ClusterRole', 'list', 'secrets'), may('ClusterRole', 'list', 'configmaps'), may('Role', 'update', 'configmaps'), may('Role', 'delete', 'pods'), may('ClusterRole', 'list', 'pods')], [false, false, false, false, false, false]);
    assert.equal(`system:serviceaccount:${mesh.namespace}:${mesh.proxy}`, mesh.user);
    for (const { object } of specimen.filter(({ resource }) => resource.kind.endsWith('Binding'))) {
      assert.deepEqual(object.subjects, [{ kind: 'ServiceAccount', name: mesh.proxy, namespace: mesh.namespace }]);
    }
  });
});

describe('a cluster with the specimen', () => {
  let client: FakeClient;
  beforeEach(async () => {
    client = createFakeClient();
    await makeSpecimens(client, all);
  });
  const state = (): string[] => {
    const objects = all.flatMap(({ resource }) => client.all(resource));
    const shown = objects.map(({ metadata: { uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...metadata }, ...rest }: KubeObject) => JSON.stringify({ ...rest, metadata }));
    return [...new Set(shown)].toSorted();
  };

  it('is given back as it was, whatever became of its objects', async () => {
    const before = state();
    await client.patch(deployments, { namespace: bank.namespace, name: bank.gateway }, 'merge', { spec: { replicas: 1 } });
    await client.patch(configMaps, { namespace: mesh.namespace, name: 'linkerd-config' }, 'merge', { data: { 'no-retries': 'true' } });
    await client.delete(daemonSets, { namespace: mesh.namespace, name: mesh.proxy });
    await client.create<ConfigMap>(configMaps, { metadata: { namespace: bank.namespace, name: 'left' }, data: {} });
    await client.create(namespaces, { metadata: { name: 'made-by-hand' } });
    assert.notDeepEqual(state(), before);
    await restoreCluster(client, all);
    assert.deepEqual(state(), before);
  });

  it('is whole when all its pods are ready, and says which are missing', async () => {
    assert.deepEqual(namespacesIn(all), ['shop', 'mesh', 'bank']);
    const ready = { conditions: [{ type: 'Ready', status: 'True' as const }] };
    await client.create(namespaces, { metadata: { name: 'kube-system' } });
    for (let node = 0; node < workerCount; node++) await client.create(nodes, { metadata: { name: `node-${node}` }, spec: {}, status: ready });
    for (const { namespace, name, pods: count } of workloadsIn(all)) {
      for (let pod = 0; pod < count; pod++) await client.create(pods, { metadata: { namespace, name: `${name}-${pod}`, labels: { app: name } }, spec: { containers: [] }, status: ready });
    }
    assert.deepEqual((await clusterStatus(client, all)).trouble, null);
    await client.delete(pods, { namespace: bank.namespace, name: 'payments-0' });
    assert.deepEqual((await clusterStatus(client, all)).trouble, '2 of 3 pods of payments are ready');
    assert.deepEqual((await clusterStatus(client, specimens)).trouble, null, 'a lab without the specimen');
  });
});

describe('the environment file of a lab with the specimen', () => {
  it('gives its services away to requests', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-specimen-'));
    try {
      const kubernetes = { clusterUid: 'u1', whole: true, nodes: [], pods: [], trouble: null, apiServer: { version: 'v1', assets: null }, kubeconfig: '/k', context: 'lab-lab', auditLog: '/audit' };
      const status = { name: 'lab', timing: 'fast', ready: true, whole: true, clusterId: 'c1', members: [], sabotage: [] } as const;
      const environmentOf = (specimenIsThere: boolean) => {
        const path = writeEnvironmentFile(join(folder, 'lab.yaml'), { ...status, kubernetes: { ...kubernetes, specimen: specimenIsThere } } satisfies LabStatus, { pid: 1, startTime: 1 });
        return parseEnvironment(readFileSync(path, 'utf8'), 'lab.yaml', { variables: {}, mask: createMask() });
      };
      assert.equal((await environmentOf(false)).traffic, undefined);
      const environment = await environmentOf(true);
      const refusals = (...hosts: string[]) => trafficRefusals([{ who: 'probe p', hosts, perSecond: 500 }], environment, 60_000);
      assert.deepEqual(refusals('payments:80', 'payments.bank:80', 'api-gateway:80', '10.200.1.40:4140'), []);
      assert.equal(refusals('example.com:80').length, 1);
      assert.equal(environment.kubernetes?.namespaces, undefined, 'drills may touch every namespace');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
