import assert from 'node:assert/strict';
import { watchCluster } from '../../runner/clients/kubernetes-watches.ts';
import type { Target } from '../../runner/fault.ts';
import { followCluster } from '../../runner/follow-cluster.ts';
import type { Milestone } from '../../runner/journal.ts';
import { rawPod, refused } from './fake-kubernetes-api.ts';
import { podTarget, rawNode, rawSlice, sampleClusterApi } from './probes/sample-cluster.ts';

const web1 = podTarget('web-1', { workload: 'deployment/web', node: 'node-1' });

async function setUp({ planned = [web1] as Target[], down = false } = {}) {
  const { clock, api } = sampleClusterApi();
  const notes: string[] = [];
  const hits: Target[] = [];
  const milestones: Milestone[] = [];
  const cluster = watchCluster({ api: async () => api, clock, note: (text) => notes.push(text) });
  if (down) api.down = refused();
  const unfollow = await clock.until(
    followCluster({ cluster, clock, planned, hit: () => hits, milestone: (one) => milestones.push(one), note: (text) => notes.push(text) }),
  );
  await clock.advance(50);
  const told = (): string[] => milestones.map(({ facet, subject, state }) => `${facet} ${subject} ${state}`);
  const close = async (): Promise<void> => {
    unfollow();
    await clock.until(cluster.close());
  };
  return { clock, api, notes, hits, milestones, told, close };
}

describe('the history of a cluster', () => {
  it('tells of what was hit, beginning with the state before, and of what comes up for the same workload', async () => {
    const { clock, api, hits, told, milestones, close } = await setUp();
    api.put('pods', rawPod('web-2', { ready: false }));
    await clock.advance(500);
    assert.deepEqual(told(), [], 'nothing was hit');
    hits.push(web1);
    api.put('pods', rawPod('web-1', { terminating: true }));
    api.put('endpointslices', rawSlice('web', [{ uid: 'uid-web-1', ready: false }, { uid: 'uid-web-2' }]));
    api.put('pods', rawPod('web-9', { node: '', ready: false }));
    await clock.advance(8);
    api.put('pods', rawPod('web-9', { node: 'node-2', ready: false }));
    await clock.advance(80);
    api.put('pods', rawPod('web-9', { node: 'node-2', ready: false, started: true }));
    await clock.advance(80);
    api.put('pods', rawPod('web-9', { node: 'node-2' }));
    api.put('endpointslices', rawSlice('web', [{ uid: 'uid-web-2' }, { uid: 'uid-web-9' }]));
    api.remove('uid-web-1');
    await clock.advance(1);
    assert.deepEqual(told(), [
      'pod web-1 ready',
      'endpoint web-1 ready',
      'pod web-1 terminating',
      'endpoint web-1 not ready',
      'pod web-9 created',
      'pod web-9 scheduled',
      'pod web-9 started',
      'pod web-9 ready',
      'endpoint web-9 ready',
      'pod web-1 gone',
    ]);
    const created = milestones.find(({ state }) => state === 'created')!;
    assert.deepEqual(created.detail, { uid: 'uid-web-9', namespace: 'shop', workload: 'deployment/web' });
    assert.ok(created.notYet !== null && created.seen - created.notYet < 60);
    assert.equal(milestones[0]!.notYet, null);
    await close();
  });

  it('watches only the pods of the workload that is to be hit', async () => {
    const { api, close } = await setUp();
    assert.deepEqual(api.requests.filter(({ verb, resource }) => verb === 'watch' && resource === 'pods').map(({ query }) => query?.['labelSelector']), ['app=web']);
    await close();
  });

  it('stays small however many pods come and go', async () => {
    const { clock, api, hits, milestones, close } = await setUp();
    hits.push(web1);
    await clock.advance(200);
    for (let index = 0; index < 2_000; index += 1) api.put('pods', rawPod(`storm-${index}`, { node: '', ready: false }));
    await clock.advance(1);
    assert.ok(milestones.length < 400, `${milestones.length} milestones`);
    await close();
  });

  it('follows what was hit though it had not been planned so', async () => {
    const { clock, api, hits, told, close } = await setUp({ planned: [] });
    hits.push(web1);
    await clock.advance(300);
    api.remove('uid-web-1');
    await clock.advance(1);
    assert.deepEqual(told(), ['pod web-1 ready', 'endpoint web-1 ready', 'pod web-1 gone']);
    await close();
  });

  it('tells of nodes that are lost and that come', async () => {
    const worker: Target = { ...podTarget('worker', { kind: 'instance', id: 'i-2', node: 'node-2' }) };
    const { clock, api, hits, told, milestones, close } = await setUp({ planned: [worker] });
    hits.push(worker);
    await clock.advance(200);
    api.put('nodes', rawNode(2, { ready: false }));
    await clock.advance(100);
    api.put('nodes', rawNode(2, { name: 'node-9', instance: 'i-9', ready: false }));
    api.remove('uid-node-2');
    await clock.advance(100);
    api.put('nodes', rawNode(2, { name: 'node-9', instance: 'i-9' }));
    await clock.advance(1);
    assert.deepEqual(told(), ['node node-2 ready', 'node node-2 not ready', 'node node-9 registered', 'node node-2 gone', 'node node-9 ready']);
    assert.equal(milestones.at(-1)!.detail?.['instance'], 'i-9');
    await close();
  });

  it('says when it can not follow, and lets the run go on', async () => {
    const { notes, close } = await setUp({ down: true });
    assert.match(notes.join(), /what was hit can't be followed on Kubernetes: .*ECONNREFUSED/);
    await close();
  });
});
