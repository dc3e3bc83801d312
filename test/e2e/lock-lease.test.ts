import assert from 'node:assert/strict';
import { realClock } from '../../runner/clock.ts';
import { clientOn } from '../../runner/clients/kubernetes.ts';
import { openKubernetes, type KubernetesConnection } from '../../runner/clients/kubernetes-connection.ts';
import { lockStore, takeLock } from '../../runner/lock/lock.ts';
import { createMask } from '../../runner/mask.ts';
import type { LockStore } from '../../runner/lock/record.ts';
import type { World } from '../../runner/world.ts';
import { describeLocks } from '../runner/lock/any-store.ts';
import { sampleEnvironment } from '../runner/sample-platform.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

let server: Promise<LocalApiServer> | undefined;
let leases = 0;

async function open(): Promise<{ store: LockStore; connection: KubernetesConnection; name: string; end: () => Promise<void> }> {
  const { kubeconfig } = await (server ??= startLocalApiServer());
  const connection = await openKubernetes({ kubeconfig, context: 'local' }, { userAgent: 'test', clock: realClock, mask: createMask(), changed: () => {} });
  const name = `lock-${(leases += 1)}`;
  const world = { kubernetes: async () => clientOn(connection) } as unknown as World;
  return { store: lockStore(sampleEnvironment({ lock: { lease: { namespace: 'default', name } } }), world, realClock), connection, name, end: () => connection.close() };
}

after(async () => (await server)?.close());

describeLocks('in a Lease', open);

describe('the lock of an environment in a Lease', () => {
  it('is a Lease as others keep them, and another tool\'s is left alone', async () => {
    const { store, connection, name, end } = await open();
    const folder = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const call = { resource: 'leases', namespace: 'default', name };
    const lock = await takeLock({ environment: sampleEnvironment(), store, run: 'run-1', folder: '/runs/run-1', clock: realClock });
    const { spec } = await connection.request<{ spec: Record<string, unknown> }>({ ...call, verb: 'get', path: `${folder}/${name}` });
    assert.deepEqual([spec.holderIdentity, spec.leaseDurationSeconds], ['run-1', 60]);
    await lock.release();

    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'default' }, spec: { holderIdentity: 'someone' } };
    await connection.request({ ...call, verb: 'create', method: 'POST', path: folder, body });
    await assert.rejects(takeLock({ environment: sampleEnvironment(), store, run: 'run-1', folder: '/x', clock: realClock }), /not made by firedrill/);
    await end();
  });
});
