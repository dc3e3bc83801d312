import assert from 'node:assert/strict';
import { ApiError, configMaps, type Client } from '../../../lab/kubernetes/client/index.ts';
import { makeSpecimens } from '../../../lab/kubernetes/cluster.ts';
import type { ConfigMap } from '../../../lab/kubernetes/objects.ts';
import { deployments } from '../../../lab/kubernetes/workload-objects.ts';
import { createSabotage, type SabotageName, type SabotageRegistry } from '../../../lab/sabotage.ts';
import { specimen } from '../../../lab/specimen/manifests.ts';
import type { Lab } from '../../../lab/world/lab.ts';
import { labRoutes } from '../../../lab/world/routes.ts';
import { followSpecimenSabotage, type SpecimenSabotage } from '../../../lab/world/specimen.ts';
import { createFakeClient, type FakeClient } from '../kubernetes/fake-client.ts';

describe('the sabotage of the specimen', () => {
  let fake: FakeClient;
  let sabotage: SabotageRegistry;
  let following: SpecimenSabotage;
  let refusals: number;
  beforeEach(async () => {
    fake = createFakeClient();
    await makeSpecimens(fake, specimen);
    sabotage = createSabotage();
    refusals = 0;
    const client: Client = {
      ...fake,
      patch: (...args) => {
        if (refusals-- > 0) throw new ApiError('PATCH', 503, { code: 503, message: 'no etcd' });
        return fake.patch(...args);
      },
    };
    following = followSpecimenSabotage(sabotage, client, () => {});
  });

  const config = async (): Promise<unknown> => (await fake.get<ConfigMap>(configMaps, { namespace: 'mesh', name: 'linkerd-config' })).data;
  const gateways = async (): Promise<unknown> => (await fake.get(deployments, { namespace: 'bank', name: 'api-gateway' })).spec.replicas;
  const turn = async (name: SabotageName, on: boolean): Promise<void> => {
    sabotage.set(name, on);
    await following.applied(5_000);
  };

  it('is written into the ConfigMap of the proxies, and taken out again', async () => {
    await turn('mesh-no-retries', true);
    assert.deepEqual(await config(), { 'no-retries': 'true', 'crash-on-empty-endpoints': 'false' });
    await turn('mesh-crash-on-empty-endpoints', true);
    assert.deepEqual(await config(), { 'no-retries': 'true', 'crash-on-empty-endpoints': 'true' });
    sabotage.clear();
    await following.applied(5_000);
    assert.deepEqual(await config(), { 'no-retries': 'false', 'crash-on-empty-endpoints': 'false' });
  });

  it('leaves the gateway one replica, and gives it back its three', async () => {
    await turn('gateway-single-replica', true);
    assert.equal(await gateways(), 1);
    await turn('gateway-single-replica', false);
    assert.equal(await gateways(), 3);
  });

  it('may be on before there is anything to make wrong', async () => {
    const [later, empty] = [createSabotage(), createFakeClient()];
    later.set('gateway-single-replica', true);
    const { applied } = followSpecimenSabotage(later, empty, () => {});
    await makeSpecimens(empty, specimen);
    await applied(5_000);
    assert.equal((await empty.get(deployments, { namespace: 'bank', name: 'api-gateway' })).spec.replicas, 1);
  });

  it('waits for an API that is away', async () => {
    refusals = 1;
    await turn('gateway-single-replica', true);
    assert.equal(await gateways(), 1);
  });

  it('makes the ConfigMap again when somebody has deleted it', async () => {
    await fake.delete(configMaps, { namespace: 'mesh', name: 'linkerd-config' });
    await turn('mesh-no-retries', true);
    assert.deepEqual(await config(), { 'no-retries': 'true', 'crash-on-empty-endpoints': 'false' });
  });

  it('is refused where there is no specimen, and put into the cluster before the answer where there is', async () => {
    const lab = (parts: { kubernetes: boolean; specimen: boolean }): Lab =>
      ({ config: { name: 'lab', kubeAssets: null, ...parts }, sabotage, kubernetes: { specimenSabotage: parts.specimen ? following : undefined } }) as unknown as Lab;
    const ask = async (where: Lab, name: string): Promise<unknown> => labRoutes(where, { stay: () => {}, end: () => {} }).routes['/sabotage']!(new URLSearchParams({ name, on: 'true' }));
    await assert.rejects(ask(lab({ kubernetes: true, specimen: false }), 'mesh-no-retries'), /one of the specimen, and lab lab has none; start it with --specimen/);
    await assert.rejects(ask(lab({ kubernetes: false, specimen: false }), 'mesh-no-retries'), /start it with --kubernetes/);
    await ask(lab({ kubernetes: true, specimen: true }), 'gateway-single-replica');
    assert.equal(await gateways(), 1);
  });

  it('touches nothing for what is not its own', async () => {
    const before = fake.requests.length;
    await turn('no-replacement', true);
    await turn('mesh-stale-endpoints', true);
    assert.deepEqual(fake.requests.slice(before), []);
  });
});
