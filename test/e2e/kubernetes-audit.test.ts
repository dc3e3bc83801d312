import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditLog } from '../../lab/kubernetes/api/index.ts';
import { createMask } from '../../runner/mask.ts';
import type { Change } from '../../runner/changes.ts';
import { openKubernetes } from '../../runner/clients/kubernetes-connection.ts';
import { clientOn, type KubernetesClient } from '../../runner/clients/kubernetes.ts';
import { realClock } from '../../runner/clock.ts';
import { send } from './kubernetes-request.ts';
import { startLocalApiServer, type LocalApiServer } from './local-api-server.ts';

// As audit.k8s.io/v1 has it.
// oxlint-disable-next-line typescript/no-explicit-any
type AuditEvent = any;

describe('the audit log of the lab\'s Kubernetes API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-audit-'));
  const file = join(folder, 'master-1.log');
  const configMaps = { base: '/api/v1', name: 'configmaps' };
  const userAgent = 'firedrill/1.2.3 run/r1';
  const told: Change[] = [];
  let isLost = false;
  let server: LocalApiServer;
  let client: KubernetesClient;
  before(async () => {
    const audit = openAuditLog({ folder, name: 'master-1', trouble: (what, error) => assert.fail(`${what}: ${String(error)}`) });
    const users = [
      { token: 'admin-token', name: 'admin', groups: ['system:masters'] },
      { token: 'part', name: 'system:kube-scheduler', groups: ['system:masters'] },
      { token: 'nobody', name: 'nobody' },
    ];
    server = await startLocalApiServer({ audit, users, isOn: (name) => name === 'audit-lost' && isLost });
    client = clientOn(await openKubernetes({ kubeconfig: server.kubeconfig, context: 'local' }, { userAgent, clock: realClock, mask: createMask(), changed: (change) => told.push(change) }));
  });
  beforeEach(() => void (told.length = 0));
  after(async () => {
    await client.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const events = (): AuditEvent[] => (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  async function eventOf(id: string | null | undefined): Promise<AuditEvent> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = events().find(({ auditID }) => auditID === id);
      if (found) return found;
      assert.ok(Date.now() < deadline, `no event ${id}`);
      await sleep(10);
    }
  }
  const make = (name: string) => client.create(configMaps, 'default', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

  it('has what changes something under the id that the caller gave it, with who, what, from where and how it went', async () => {
    await make('one');
    const { requestReceivedTimestamp, stageTimestamp, ...event } = await eventOf(told[0]!.requestId);
    assert.deepEqual(event, {
      kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', auditID: told[0]!.requestId, stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/default/configmaps', verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['127.0.0.1'], userAgent,
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'one', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
    for (const time of [requestReceivedTimestamp, stageTimestamp]) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('has what was refused, with the reason, and what was not allowed', async () => {
    await make('two');
    await assert.rejects(make('two'));
    const conflict = await eventOf(told[1]!.requestId);
    assert.deepEqual([conflict.responseStatus.code, conflict.responseStatus.status, conflict.responseStatus.reason], [409, 'Failure', 'AlreadyExists']);
    const answer = await send(server, 'nobody', { method: 'DELETE', path: '/api/v1/namespaces/default/configmaps/two' });
    assert.equal(answer.status, 403);
    const forbidden = await eventOf(String(answer.headers['audit-id']));
    assert.deepEqual([forbidden.user.username, forbidden.annotations['authorization.k8s.io/decision'], forbidden.objectRef.name], ['nobody', 'forbid', 'two']);
  });

  it('has steps into containers, whose answers name no id', async () => {
    await assert.rejects(client.exec({ namespace: 'default', pod: 'missing', container: 'app', command: ['true'] }));
    const { objectRef, responseStatus, verb, userAgent: agent } = await eventOf(told[0]!.requestId);
    assert.deepEqual([verb, objectRef.resource, objectRef.subresource, objectRef.name, responseStatus.code, agent], ['get', 'pods', 'exec', 'missing', 404, userAgent]);
  });

  it('has nothing of reads, of questions about rights, and of what the cluster\'s own parts do every second', async () => {
    const before = events().length;
    await client.clusterUid();
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
    const json = { 'Content-Type': 'application/json' };
    await send(server, 'admin-token', { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: review, headers: json });
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'part' }, spec: {} };
    assert.equal((await send(server, 'part', { method: 'POST', path: '/apis/coordination.k8s.io/v1/namespaces/default/leases', body: lease, headers: json })).status, 201);
    await make('last');
    await eventOf(told[0]!.requestId);
    assert.equal(events().length, before + 1);
  });

  it('has nothing of what was called while it is lost', async () => {
    isLost = true;
    await make('lost');
    isLost = false;
    await make('kept');
    await eventOf(told[1]!.requestId);
    assert.ok(!events().some(({ auditID }) => auditID === told[0]!.requestId));
  });
});
