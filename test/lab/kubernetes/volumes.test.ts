import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeVolumes } from '../../../lab/kubernetes/kubelet/volumes.ts';
import type { Pod } from '../../../lab/kubernetes/objects.ts';

describe('volumes of a pod in the lab', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-volumes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const facts = { podIp: '10.0.0.1', hostIp: '10.0.0.2', node: 'node-1', zone: 'a' };
  const sources = () => ({ read: async () => undefined, token: async () => '', claims: join(folder, 'claims/shop') });
  const pod = (volume: object): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'shop', uid: 'u' }, spec: { containers: [], volumes: [{ name: 'data', ...volume }] } });

  it('keep what is claimed from one pod to the next, on the node', async () => {
    const claim = pod({ persistentVolumeClaim: { claimName: 'runs' } });
    const first = (await makeVolumes(claim, join(folder, 'one'), facts, sources())).get('data')!;
    writeFileSync(join(first, 'file'), 'x');
    const second = (await makeVolumes(claim, join(folder, 'two'), facts, sources())).get('data')!;
    assert.ok(existsSync(join(second, 'file')));
    const other = (await makeVolumes(pod({ persistentVolumeClaim: { claimName: 'other' } }), join(folder, 'two'), facts, sources())).get('data')!;
    assert.notEqual(other, second);
  });

  it('begin empty where nothing is to be kept', async () => {
    const first = (await makeVolumes(pod({ emptyDir: {} }), join(folder, 'one'), facts, sources())).get('data')!;
    writeFileSync(join(first, 'file'), 'x');
    const second = (await makeVolumes(pod({ emptyDir: {} }), join(folder, 'two'), facts, sources())).get('data')!;
    assert.ok(!existsSync(join(second, 'file')));
  });
});
