import assert from 'node:assert/strict';
import { ExpectedError } from '../../../runner/errors.ts';
import type { Target } from '../../../runner/fault.ts';
import type { Group, GroupMember, Instance } from '../../../runner/inventory.ts';
import type { PlatformView, PlatformWatch } from '../../../runner/platform-watch.ts';
import asgCapacity from '../../../runner/probes/asg-capacity.ts';
import type { Select } from '../../../scenarios/select.ts';
import { simulatedClock } from '../simulated-clock.ts';
import { askOnce, sampleContext } from './sample-fleet.ts';

const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

/** Three groups of one, each with its instance in service. */
function sampleView() {
  const groups = zones.map((zone, index): Group & { members: GroupMember[] } => ({
    name: `peer-${index + 1}.etcd3.test`,
    min: 1,
    max: 1,
    desired: 1,
    zones: [zone],
    tags: { role: `peer-${index + 1}.etcd3` },
    roles: ['etcd'],
    members: [{ instanceId: `i-${index + 1}`, zone, lifecycle: 'InService', healthy: true }],
    suspended: [],
  }));
  const instances = groups.map((group, index) => ({
    id: `i-${index + 1}`,
    name: group.name,
    zone: group.zones[0]!,
    state: 'running',
    address: undefined,
    tags: group.tags,
    roles: group.roles,
    group: group.name,
    volumes: [],
  })) satisfies Instance[];
  return { groups, instances, askedMs: 0, seenMs: 0 };
}

async function setUp(select: Select = { role: 'etcd' }) {
  const clock = simulatedClock();
  const view = sampleView();
  let failure: Error | undefined;
  const platform: PlatformWatch = {
    latest: () => view,
    next: async (): Promise<PlatformView> => (failure ? Promise.reject(failure) : view),
    nextVolumes: async () => [],
    close: async () => {},
  };
  const context = sampleContext(clock, { platform });
  const probe = await asgCapacity.open({ kind: 'asg-capacity', select }, context);
  return { clock, view, probe, context, fail: (error: Error) => (failure = error) };
}

describe('asg-capacity', () => {
  it('is good when every group has what it wants', async () => {
    const { probe, clock } = await setUp();
    assert.equal((await askOnce(probe, clock)).value, 'good');
  });

  it('names the groups that have too few', async () => {
    const { probe, clock, view } = await setUp();
    view.groups[2]!.members = [];
    view.groups[0]!.members[0] = { ...view.groups[0]!.members[0]!, lifecycle: 'Pending' };
    assert.equal((await askOnce(probe, clock)).why, 'peer-1: 0 of 1, peer-3: 0 of 1');
  });

  it('does not believe a group that still counts an instance that is no longer running', async () => {
    const { probe, clock, view } = await setUp();
    view.instances[1]!.state = 'shutting-down';
    assert.equal((await askOnce(probe, clock)).why, 'peer-2: 0 of 1');
  });

  it('does not count an unhealthy instance', async () => {
    const { probe, clock, view } = await setUp();
    view.groups[1]!.members[0] = { ...view.groups[1]!.members[0]!, healthy: false };
    assert.equal((await askOnce(probe, clock)).why, 'peer-2: 0 of 1');
  });

  it('does not count what a fault has hit, whatever the APIs say of it', async () => {
    const { probe, clock, context } = await setUp();
    context.hits.push({ id: 'i-2', name: 'peer-2' } as Target);
    assert.equal((await askOnce(probe, clock)).why, 'peer-2: 0 of 1');
  });

  it('counts what a fault has hit without killing it', async () => {
    const { probe, clock, context } = await setUp();
    context.hits.push({ id: 'i-2', name: 'peer-2', survives: true } as Target);
    assert.equal((await askOnce(probe, clock)).value, 'good');
  });

  it('knows nothing while the API fails', async () => {
    const { probe, clock, fail } = await setUp();
    fail(new Error('throttled'));
    assert.deepEqual(await askOnce(probe, clock), { value: 'unknown', why: 'AWS: throttled', tookMs: 0 });
  });

  it('looks only at the groups that are meant', async () => {
    for (const select of [{ zone: 'eu-west-1a' }, { notZone: 'eu-west-1b' }, { names: ['peer-1'] }, { tags: { role: 'peer-1.*' } }]) {
      const { probe, clock, view } = await setUp(select);
      view.groups[1]!.members = [];
      assert.equal((await askOnce(probe, clock)).value, 'good', JSON.stringify(select));
      view.groups[0]!.members = [];
      assert.equal((await askOnce(probe, clock)).value, 'bad', JSON.stringify(select));
    }
  });

  it('refuses a selection that matches no group, and says which there are', async () => {
    await assert.rejects(setUp({ role: 'nosuch' }), (error) => error instanceof ExpectedError && /nosuch.*peer-1, peer-2, peer-3/.test(error.message));
  });

  it('is bad when the groups have gone', async () => {
    const { probe, clock, view } = await setUp();
    view.groups.length = 0;
    assert.equal((await askOnce(probe, clock)).value, 'bad');
  });
});
