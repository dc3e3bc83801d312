import assert from 'node:assert/strict';
import { ExpectedError } from '../../runner/errors.ts';
import type { Fault } from '../../runner/fault.ts';
import deploymentScale from '../../runner/faults/deployment-scale.ts';
import instanceIsolate from '../../runner/faults/instance-isolate.ts';
import instanceStop from '../../runner/faults/instance-stop.ts';
import networkDeny from '../../runner/faults/network-deny.ts';
import volumeDetach from '../../runner/faults/volume-detach.ts';
import zonePartition from '../../runner/faults/zone-partition.ts';
import { lookForMarks, lookPermissions, unmarkByHand } from '../../runner/marked-things.ts';
import { inTags, markOf, marksFor, noRoomFor } from '../../runner/marks.ts';
import { sweep, titleOf, type Swept } from '../../runner/sweep.ts';
import type { World } from '../../runner/world.ts';
import { FakeAws } from './faults/fake-aws.ts';
import { failure } from './faults/fake-kubernetes.ts';
import { seeded } from '../../runner/rng.ts';
import { sampleEnvironment } from './sample-platform.ts';
import { simulatedClock } from './simulated-clock.ts';

// Each kind has a spec of its own.
// oxlint-disable-next-line typescript/no-explicit-any
const faults: Record<string, Fault<any>> = {
  'deployment-scale': deploymentScale,
  'instance-isolate': instanceIsolate,
  'instance-stop': instanceStop,
  'network-deny': networkDeny,
  'volume-detach': volumeDetach,
  'zone-partition': zonePartition,
};
const inZone = { select: { role: 'etcd', zone: 'eu-west-1b' } };
const peers = (...names: string[]) => ({ select: { names } });
const web = { select: { owner: 'deployment/web' }, to: 1 };

describe('a sweep', () => {
  let aws: FakeAws;
  let world: World;
  let clock: ReturnType<typeof simulatedClock>;
  let before: unknown;
  const lines: string[] = [];
  beforeEach(() => {
    aws = new FakeAws();
    world = aws.world();
    clock = simulatedClock();
    before = aws.state();
    lines.length = 0;
  });

  /** What a run has broken before it died. */
  const left = async (run: string, kind: string, { select, ...own }: Record<string, unknown>, environment = world.environment): Promise<void> => {
    const fault = faults[kind]!;
    const plan = await fault.plan({ id: `f-${kind}`, kind, select, ...fault.schema.parse(own) }, { inventory: aws.inventory(), rng: seeded(1), world });
    const context = { kind, world: { ...world, environment }, clock, run: { id: run, drill: 'd' }, signal: new AbortController().signal, note: () => {}, spare: () => {} };
    await clock.until(fault.inject(plan, context));
    await clock.advance(1_000);
  };
  const swept = (only: Record<string, Fault> = faults): Promise<Swept> =>
    clock.until(
      sweep({ world, kinds: { faults: only, probes: {} }, clock, note: () => {}, onUndone: (found, { verified, said }) => lines.push(`${titleOf(found)}: ${verified} ${said}`) }),
    );

  it('puts back what several dead runs have left, last injected first, and the second time finds nothing', async () => {
    await left('run-1', 'zone-partition', inZone);
    await left('run-2', 'instance-stop', peers('peer-1'));
    await left('run-1', 'deployment-scale', web);
    const { undone, forHuman } = await swept();
    assert.deepEqual(forHuman, []);
    assert.deepEqual(undone.map(titleOf), ['fault f-deployment-scale (deployment-scale) of run run-1', 'fault f-instance-stop (instance-stop) of run run-2', 'fault f-zone-partition (zone-partition) of run run-1']);
    assert.match(lines.join('\n'), /f-instance-stop .*: true started peer-1$/m);
    assert.deepEqual(aws.state(), before);
    const changes = aws.changes.length;
    assert.deepEqual(await swept(), { undone: [], forHuman: [], elsewhere: [] });
    assert.equal(aws.changes.length, changes);
  });

  it('unwinds an isolation of what was isolated already', async () => {
    await left('run-1', 'instance-isolate', peers('peer-4'));
    await left('run-2', 'instance-isolate', peers('peer-4'));
    assert.equal((await swept()).undone.length, 2);
    assert.deepEqual(aws.state(), before);
  });

  it('cleans the marks of what is back in order', async () => {
    await left('run-1', 'volume-detach', peers('peer-2'));
    Object.assign(aws.volumes.get('vol-2')!, { state: 'in-use', attachment: { instanceId: 'i-2', state: 'attached', device: '/dev/xvdf' } });
    const { undone } = await swept();
    assert.equal(undone.length, 1);
    assert.deepEqual(aws.state(), before);
  });

  it('does not look for a dead machine', async () => {
    await left('run-1', 'instance-stop', peers('peer-2'));
    aws.instances.get('i-2')!.state = 'terminated';
    assert.deepEqual(await swept(), { undone: [], forHuman: [], elsewhere: [] });
  });

  it('deletes a policy whose pods are gone', async () => {
    await left('run-1', 'network-deny', { select: { owner: 'deployment/web', pick: 1 } });
    const policies = () => [...aws.kubernetes.objects.keys()].filter((key) => key.startsWith('networkpolicies'));
    assert.equal(policies().length, 1);
    for (const [key, object] of aws.kubernetes.objects) if (key.startsWith('pods') && object.metadata.annotations) aws.kubernetes.objects.delete(key);
    assert.equal((await swept()).undone.length, 1);
    assert.deepEqual(policies(), []);
  });

  it('leaves alone what belongs to another environment of the account, and says whose it is', async () => {
    await left('run-9', 'instance-stop', peers('peer-1'), { ...world.environment, name: 'qa' });
    const changes = aws.changes.length;
    assert.deepEqual(await swept(), { undone: [], forHuman: [], elsewhere: [{ environment: 'qa', run: 'run-9', things: ['instance i-1'] }] });
    assert.equal(aws.changes.length, changes);
  });

  it('touches nothing of a kind that it does not know, and says what a human must do', async () => {
    await left('run-1', 'instance-stop', peers('peer-1'));
    const changes = aws.changes.length;
    const { forHuman } = await swept({ 'zone-partition': zonePartition });
    assert.equal(aws.changes.length, changes);
    assert.equal(forHuman.length, 1);
    assert.match(forHuman[0]!.what, /^instance i-1 \(run run-1, fault f-instance-stop\)$/);
    assert.match(forHuman[0]!.why, /can't undo a fault of kind instance-stop: another version made it/);
    assert.match(forHuman[0]!.todo, /firedrill recover run-1.*aws ec2 delete-tags --resources i-1 --tags Key=firedrill:run .*Key=firedrill:undo --region eu-west-1$/);
  });

  for (const [what, edit] of Object.entries<(tags: Record<string, string>) => void>({
    'a newer version': (tags) => (tags['firedrill:undo'] = tags['firedrill:undo']!.replace('"v":1', '"v":2')),
    'somebody who took a part away': (tags) => delete tags['firedrill:undo'],
    'somebody who cut it short': (tags) => (tags['firedrill:undo'] = tags['firedrill:undo']!.slice(0, -3)),
    'a version that leaves something else': (tags) => (tags['firedrill:undo'] = tags['firedrill:undo']!.replace('"device"', '"slot"')),
  })) {
    it(`puts back the rest when the marks of one thing are those of ${what}`, async () => {
      await left('run-1', 'volume-detach', peers('peer-2', 'peer-5'));
      edit(aws.volumes.get('vol-2')!.tags as Record<string, string>);
      const { undone, forHuman } = await swept();
      assert.deepEqual(undone.flatMap(({ things }) => things.map(({ id }) => id)), ['vol-5']);
      assert.equal(aws.volumes.get('vol-5')!.state, 'in-use');
      assert.equal(aws.volumes.get('vol-2')!.state, 'available');
      assert.match(forHuman.map((one) => one.what).join(), /^volume vol-2 \(run run-1, fault f-volume-detach\)$/);
    });
  }

  it('says what it could not undo', async () => {
    await left('run-1', 'zone-partition', inZone);
    for (const acl of aws.acls.values()) if (acl.tags['firedrill:run'] === undefined) acl.id = 'acl-other';
    const { undone, forHuman } = await swept();
    assert.deepEqual(undone, []);
    assert.match(forHuman[0]!.what, /fault f-zone-partition/);
    assert.match(lines.join(), /false the network ACL acl-main that subnet subnet-b had is gone.*by hand: aws ec2 replace-network-acl-association/);
  });

  it('says when it was put back and still carries the marks', async () => {
    await left('run-1', 'instance-stop', peers('peer-1'));
    const stubborn: Fault = { ...instanceStop, undo: async () => 'started it' };
    const { undone, forHuman } = await swept({ 'instance-stop': stubborn });
    assert.deepEqual(undone, []);
    assert.match(forHuman[0]!.why, /put back, and instance i-1 still carries the marks/);
  });

  it('waits for a Kubernetes API that is away at first', async () => {
    await left('run-1', 'deployment-scale', web);
    aws.kubernetes.answers.push(failure(503, 'ServiceUnavailable'), failure(0, ''), failure(500, ''));
    const { undone, forHuman } = await swept();
    assert.deepEqual(forHuman, []);
    assert.equal(undone.length, 1);
    assert.deepEqual(aws.state(), before);
  });

  it('never takes what it may not look through for empty', async () => {
    const ec2 = await world.ec2();
    const denied = new ExpectedError('AWS DescribeTags is not allowed for these credentials', undefined, { cause: Object.assign(new Error('no'), { name: 'UnauthorizedOperation' }) });
    const blind = { ...world, ec2: async () => ({ ...ec2, tagged: () => Promise.reject(denied) }) } as unknown as World;
    await left('run-1', 'deployment-scale', web);
    const startMs = clock.now();
    const { undone, forHuman } = await clock.until(sweep({ world: blind, kinds: { faults, probes: {} }, clock, note: () => {}, onUndone: () => {} }));
    assert.equal(undone.length, 1, 'the rest is put back');
    assert.match(forHuman.map(({ what, why }) => `${what}: ${why}`).join(), /^EC2: could not be looked through: AWS DescribeTags is not allowed/);
    assert.ok(clock.now() - startMs < 10_000, 'and a refusal is not asked again and again');
  });

  it('refuses another account and another cluster, before it touches anything', async () => {
    await left('run-1', 'instance-stop', peers('peer-1'));
    const changes = aws.changes.length;
    const wrongAccount = { ...world, sts: async () => ({ accountId: async () => '999999999999' }) } as unknown as World;
    const wrongCluster = { ...world, environment: sampleEnvironment({ kubernetes: { kubeconfig: '/k', context: 'c', clusterUid: 'cluster-2' } }) };
    for (const wrong of [wrongAccount, wrongCluster]) {
      await assert.rejects(clock.until(sweep({ world: wrong, kinds: { faults, probes: {} }, clock, note: () => {}, onUndone: () => {} })), /refused: .* the environment file names/);
    }
    assert.equal(aws.changes.length, changes);
  });

  it('asks for rights that only read', () => {
    for (const action of lookPermissions.iam) assert.match(action, /:Describe/);
    for (const { verbs } of lookPermissions.rbac) assert.deepEqual(verbs, ['list']);
    assert.ok(lookPermissions.rbac.some(({ apiGroups, resources }) => apiGroups[0] === 'networking.k8s.io' && resources[0] === 'networkpolicies'));
  });

  it('names the command that takes the marks away, for every place where they may be', async () => {
    await left('run-1', 'deployment-scale', web);
    const { seen } = await lookForMarks(world, async () => {});
    assert.match(unmarkByHand(seen[0]!, world.environment), /^kubectl --kubeconfig \S+ --context staging -n shop annotate deployments web firedrill\.dev\/run- .*firedrill\.dev\/undo-$/);
    const group = { ...seen[0]!, type: 'auto-scaling-group', id: 'peer-1' };
    assert.match(unmarkByHand(group, world.environment), /^aws autoscaling delete-tags --tags ResourceId=peer-1,ResourceType=auto-scaling-group,Key=firedrill:run /);
  });
});

describe('marks', () => {
  const context = { run: { id: 'run-1', drill: 'd' }, clock: simulatedClock(), kind: 'instance-isolate', world: { environment: sampleEnvironment({ name: 'Zürich 2' }) } as World };

  it('hold what is longer than a tag in several, and are read back whole', () => {
    const left = { interfaces: Array.from({ length: 40 }, (_, n) => ({ id: `eni-${n}`, name: 'größer und länger 🔥' })) };
    const tags = inTags(marksFor('f', 0, left, context));
    assert.ok(Object.keys(tags).length > 10);
    for (const value of Object.values(tags)) assert.match(value, /^[!-~]{1,256}$/);
    assert.deepEqual(markOf({ Name: 'x', ...tags })!.note, { v: 1, kind: 'instance-isolate', environment: 'Zürich 2', since: '2026-01-02T03:04:05.000Z', left });
  });

  it('are not those tags of other people that begin like ours', () => {
    assert.equal(markOf({ 'firedrill:allowed': 'yes', Name: 'x' }), undefined);
  });

  it('are objected to where a thing has no room for them', () => {
    const tags = Object.fromEntries(Array.from({ length: 46 }, (_, n) => [`t${n}`, '']));
    assert.match(noRoomFor('volume vol-1', tags, {}, 'staging').join(), /^volume vol-1 has 46 tags, and 5 are needed.*AWS allows 50/);
    assert.deepEqual(noRoomFor('volume vol-1', { ...tags, t45: '', 'aws:x': '' }, {}, 'staging').length, 1);
    delete tags['t45'];
    assert.deepEqual(noRoomFor('volume vol-1', { ...tags, 'aws:autoscaling:groupName': 'g' }, {}, 'staging'), []);
    const many = { subnets: Array.from({ length: 300 }, (_, n) => ({ id: `subnet-${n}`, original: 'acl-0123456789abcdef0' })) };
    assert.match(noRoomFor('our network ACL', undefined, many, 'staging').join(), /AWS allows 50: select less at a time/);
  });
});
