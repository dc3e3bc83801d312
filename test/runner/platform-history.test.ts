import assert from 'node:assert/strict';
import type { Target } from '../../runner/fault.ts';
import type { Instance, Volume } from '../../runner/inventory.ts';
import type { Milestone } from '../../runner/journal.ts';
import { PlatformHistory } from '../../runner/platform-history.ts';
import type { PlatformView } from '../../runner/platform-watch.ts';

const name = 'peer-1.etcd3.test';
const target: Target = { kind: 'instance', id: 'i-1', name: 'peer-1', host: name, zone: 'eu-west-1a', roles: ['etcd'], group: name, etcdMember: undefined };

function instance(id: string, state: string): Instance {
  const volumes = [{ id: 'vol-1', device: '/dev/xvdf', deleteOnTermination: false }];
  return { id, name, zone: 'eu-west-1a', state, address: undefined, tags: {}, roles: ['etcd'], group: name, volumes };
}

function volume(state: string, holder?: string, id = 'vol-1'): Volume {
  const attachment = holder === undefined ? undefined : { instanceId: holder, state: 'attached', device: '/dev/xvdf' };
  return { id, name: undefined, zone: 'eu-west-1a', state, attachment };
}

function setUp() {
  const milestones: Milestone[] = [];
  const hits: Target[] = [];
  const history = new PlatformHistory({ hit: () => hits, milestone: (milestone) => milestones.push(milestone) });
  const saw = (atMs: number, ...instances: Instance[]): void => history.sawMachines({ instances, groups: [], askedMs: atMs, seenMs: atMs + 5 });
  const told = (facet: Milestone['facet']) =>
    milestones.filter((one) => one.facet === facet).map(({ state, notYet, seen, detail }) => [state, detail?.['id'], notYet, seen]);
  return { history, hits, saw, told, milestones };
}

describe('the history of the platform', () => {
  it('tells each change once, with the interval in which it happened', () => {
    const { saw, told } = setUp();
    saw(0, instance('i-1', 'running'));
    saw(500, instance('i-1', 'running'));
    saw(1000, instance('i-1', 'terminated'));
    saw(1500, instance('i-1', 'terminated'), instance('i-2', 'pending'));
    assert.deepEqual(told('instance'), [
      ['running', 'i-1', null, 5],
      ['terminated', 'i-1', 500, 1005],
      ['pending', 'i-2', 1000, 1505],
    ]);
  });

  it('tells of volumes only when their instance is hit, beginning with how they were before', () => {
    const { saw, told, history, hits } = setUp();
    saw(0, instance('i-1', 'running'));
    history.sawVolumes([volume('in-use', 'i-1')], { askedMs: 0, seenMs: 5 });
    assert.deepEqual(told('volume'), []);
    hits.push(target);
    history.sawVolumes([volume('in-use', 'i-1')], { askedMs: 500, seenMs: 505 });
    history.sawVolumes([volume('available')], { askedMs: 1000, seenMs: 1005 });
    history.sawVolumes([volume('in-use', 'i-2')], { askedMs: 1500, seenMs: 1505 });
    assert.deepEqual(told('volume'), [
      ['attached', 'vol-1', null, 5],
      ['available', 'vol-1', 500, 1005],
      ['attached', 'vol-1', 1000, 1505],
    ]);
  });

  it('knows activities that were there before from those that the fault set off', () => {
    const { history, hits, told } = setUp();
    const activity = (id: string, status: string) => ({
      id,
      group: name,
      status,
      description: '',
      cause: 'gone',
      statusMessage: undefined,
      startedAtMs: 42,
      endedAtMs: undefined,
    });
    history.sawActivities([activity('old', 'Successful')], { askedMs: 0, seenMs: 5 });
    hits.push(target);
    history.sawActivities([activity('new', 'InProgress'), activity('old', 'Successful')], { askedMs: 500, seenMs: 505 });
    history.sawActivities([activity('new', 'Successful'), activity('old', 'Successful')], { askedMs: 1000, seenMs: 1005 });
    assert.deepEqual(told('group'), [
      ['activity: InProgress', 'new', 0, 505],
      ['activity: Successful', 'new', 500, 1005],
    ]);
  });

  it('follows the addresses of what was hit', () => {
    const { history, hits, saw, milestones } = setUp();
    saw(0, instance('i-1', 'running'));
    assert.deepEqual(history.hostNames(), []);
    hits.push(target);
    assert.deepEqual(history.hostNames(), [name]);
    history.sawAddresses(name, ['10.0.0.1'], { askedMs: 0, seenMs: 5 });
    history.sawAddresses(name, [], { askedMs: 250, seenMs: 255 });
    history.sawAddresses(name, ['10.0.0.7'], { askedMs: 500, seenMs: 505 });
    const states = milestones.filter(({ facet }) => facet === 'dns').map(({ subject, state }) => `${subject} ${state}`);
    assert.deepEqual(states, ['peer-1 10.0.0.1', 'peer-1 none', 'peer-1 10.0.0.7']);
  });

  it('tells nothing of the disk, the name or the group of another machine whose name begins alike', () => {
    const { history, hits, told, milestones } = setUp();
    const other = { ...instance('i-9', 'running'), name: 'peer-1.etcd4.test', group: 'peer-1.etcd4.test', volumes: [{ id: 'vol-9', device: '/dev/xvdf', deleteOnTermination: false }] };
    const group = (groupName: string, instanceId: string): PlatformView['groups'][number] => ({
      name: groupName, min: 1, max: 1, desired: 1, zones: [], suspended: [], tags: {}, roles: [], members: [{ instanceId, zone: 'eu-west-1a', lifecycle: 'InService', healthy: true }],
    });
    const groups = [group(name, 'i-1'), group(other.group, 'i-9')];
    hits.push(target);
    history.sawMachines({ instances: [instance('i-1', 'running'), other], groups, askedMs: 0, seenMs: 5 });
    history.sawVolumes([volume('in-use', 'i-1'), volume('in-use', 'i-9', 'vol-9')], { askedMs: 0, seenMs: 5 });
    assert.deepEqual(told('volume').map(([, id]) => id), ['vol-1']);
    assert.deepEqual(told('group').map(([, id]) => id), ['i-1']);
    assert.deepEqual(history.hostNames(), [name]);
    assert.deepEqual(milestones.filter(({ facet }) => facet === 'group').map(({ detail }) => detail?.['group']), [name]);
  });
});
