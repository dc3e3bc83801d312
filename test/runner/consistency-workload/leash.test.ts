import assert from 'node:assert/strict';
import { environmentSchema } from '../../../runner/environment.ts';
import { etcdDemandsOf, etcdRateRefusal } from '../../../runner/consistency-workload/leash.ts';
import { refusalsFor } from '../../../runner/guard.ts';
import { loadKinds } from '../../../runner/kinds.ts';
import type { ProbeSpec } from '../../../scenarios/schema.ts';
import { sampleEnvironment, samplePlatform } from '../sample-platform.ts';
import { sampleScenario } from '../sample-scenario.ts';

const kinds = await loadKinds();
const etcd = { endpoints: ['http://127.0.0.1:2379'], clusterId: 'cafe' };
const staging = environmentSchema.parse({ name: 'staging', etcd });
const probes = (...rates: readonly number[]): Record<string, ProbeSpec> => Object.fromEntries([
  ['writes', { kind: 'etcd-write', every: 20 }],
  ...rates.map((rate, index) => [`lies-${index}`, { kind: 'etcd-consistency', rate }] as const),
]);

describe('what may be asked of etcd', () => {
  it('is 200 operations in a second, where the environment says nothing else', () => {
    assert.equal(etcdRateRefusal(etcdDemandsOf({ probes: probes(200) }, kinds), staging), undefined);
    assert.equal(
      etcdRateRefusal(etcdDemandsOf({ probes: probes(201) }, kinds), staging),
      'probe lies-0 would ask etcd 201/s, and etcd.maxRate of environment staging is 200/s; give a lower rate, or raise the limit',
    );
    const slower = environmentSchema.parse({ name: 'staging', etcd: { ...etcd, maxRate: '10/s' } });
    assert.match(etcdRateRefusal(etcdDemandsOf({ probes: probes(50) }, kinds), slower)!, /would ask etcd 50\/s, and .* is 10\/s;/);
  });

  it('is counted over all probes', () => {
    assert.match(etcdRateRefusal(etcdDemandsOf({ probes: probes(150, 60) }, kinds), staging)!, /^probe lies-0, probe lies-1 would ask etcd 210\/s together, /);
  });

  it('is looked at by the guard', () => {
    const inventory = samplePlatform();
    const given = { scenario: sampleScenario(), environment: sampleEnvironment(), inventory, before: inventory, faults: [], hit: [], identity: { accountId: '123456789012', region: 'eu-west-1', etcdClusterId: 'cafe', clusterUid: undefined } };
    const refusals = refusalsFor({ ...given, asksEtcd: [{ who: 'probe lies', perSecond: 300 }] });
    assert.ok(refusals.some((line) => /would ask etcd 300\/s/.test(line)), refusals.join('\n'));
    assert.ok(!refusalsFor(given).some((line) => /would ask etcd/.test(line)));
  });
});
