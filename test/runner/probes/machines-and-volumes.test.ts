import assert from 'node:assert/strict';
import type { Target } from '../../../runner/fault.ts';
import type { PlatformView, PlatformWatch } from '../../../runner/platform-watch.ts';
import type { Volume } from '../../../runner/inventory.ts';
import instancesRunning from '../../../runner/probes/instances-running.ts';
import volumesAttached from '../../../runner/probes/volumes-attached.ts';
import type { Select } from '../../../scenarios/select.ts';
import { samplePlatform } from '../sample-platform.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext } from './sample-fleet.ts';

async function setUp(kind: typeof instancesRunning, select: Select = { role: 'etcd' }) {
  const clock = simulatedClock();
  const { instances } = samplePlatform();
  const view = { instances: [...instances], groups: [], askedMs: 0, seenMs: 0 };
  const volumes = instances.map(
    ({ id, zone, volumes: [volume] }): Volume => ({
      id: volume!.id,
      name: undefined,
      zone,
      state: 'in-use',
      attachment: { instanceId: id, state: 'attached', device: '/dev/xvdf' },
    }),
  );
  let failure: Error | undefined;
  const platform: PlatformWatch = {
    latest: () => view,
    next: async (): Promise<PlatformView> => (failure ? Promise.reject(failure) : view),
    nextVolumes: async () => (failure ? Promise.reject(failure) : volumes),
    close: async () => {},
  };
  const context = sampleContext(clock, { platform });
  const probe = await kind.open({ kind: 'k', select }, context);
  const set = (id: string, change: object): void => {
    view.instances = view.instances.map((one) => (one.id === id ? { ...one, ...change } : one));
  };
  return { context, view, volumes, set, ask: () => askOnce(probe, clock), fail: (error: Error) => (failure = error) };
}

const hit = (id: string, more: object = {}) => ({ id, ...more }) as Target;

describe('instances-running', () => {
  it('is good while every name has its instance, also when that is another one', async () => {
    const { ask, set, context } = await setUp(instancesRunning);
    assert.equal((await ask()).value, 'good');
    context.hits.push(hit('i-2'));
    assert.equal((await ask()).why, 'not running: peer-2');
    set('i-2', { id: 'i-20' });
    assert.equal((await ask()).value, 'good');
  });

  it('counts only what runs', async () => {
    const { ask, set } = await setUp(instancesRunning);
    set('i-2', { state: 'stopped' });
    set('i-3', { state: 'pending' });
    assert.equal((await ask()).why, 'not running: peer-2, peer-3');
  });

  it('does not miss what a fault has hit and not killed', async () => {
    const { ask, context } = await setUp(instancesRunning);
    context.hits.push(hit('i-2', { survives: true }));
    assert.equal((await ask()).value, 'good');
  });

  it('knows nothing while the API fails, and refuses a selection of nothing', async () => {
    const { ask, fail } = await setUp(instancesRunning);
    fail(new Error('throttled'));
    assert.equal((await ask()).value, 'unknown');
    await assert.rejects(setUp(instancesRunning, { role: 'nosuch' }), /matches no running instance/);
  });
});

describe('volumes-attached', () => {
  it('is good while each volume is attached to an instance that runs', async () => {
    const { ask, volumes } = await setUp(volumesAttached);
    assert.equal((await ask()).value, 'good');
    volumes[3] = { ...volumes[3]!, state: 'available', attachment: undefined };
    volumes[4] = { ...volumes[4]!, attachment: { ...volumes[4]!.attachment!, state: 'detaching' } };
    assert.equal((await ask()).why, 'not attached: that of peer-4, peer-5');
  });

  it('does not take a dead machine for an owner', async () => {
    const { ask, set, context } = await setUp(volumesAttached);
    set('i-2', { state: 'terminated' });
    context.hits.push(hit('i-3'));
    assert.equal((await ask()).why, 'not attached: that of peer-2, peer-3');
  });

  it('is good when a volume has found its new machine', async () => {
    const { ask, volumes, view } = await setUp(volumesAttached);
    view.instances.push({ ...view.instances[1]!, id: 'i-20' });
    volumes[1] = { ...volumes[1]!, attachment: { ...volumes[1]!.attachment!, instanceId: 'i-20' } };
    assert.equal((await ask()).value, 'good');
  });

  it('knows nothing while the API fails, and refuses a selection of nothing', async () => {
    const { ask, fail } = await setUp(volumesAttached);
    fail(new Error('throttled'));
    assert.equal((await ask()).value, 'unknown');
    await assert.rejects(setUp(volumesAttached, { role: 'nosuch' }), /matches no running instance with a data volume/);
  });
});
