import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { labList, labStatus, type LabStatus } from '../../lab/index.ts';
import { familyOf, readProc } from '../../lab/procfs.ts';
import { expectExit, firedrill } from '../e2e/firedrill.ts';
import { sharedLab } from '../e2e/shared-lab.ts';

const longMs = 60_000;

describe('the lab', () => {
  let lab: string;
  beforeEach(async () => {
    lab = await sharedLab();
  });

  const inside = async (...command: string[]): Promise<string> => (await expectExit(0, 'lab', 'exec', '--lab', lab, '--', ...command)).stdout;
  const etcdctl = (...args: string[]): Promise<string> => inside('etcdctl', '--command-timeout=10s', ...args);
  const terminate = (...ids: string[]): Promise<string> => inside('aws', 'ec2', 'terminate-instances', '--instance-ids', ...ids);
  const member = (status: LabStatus, name: string): LabStatus['members'][number] & { address: string; instanceId: string } => {
    const found = status.members.find((each) => each.name === name);
    assert.ok(found?.address && found.instanceId, `${name} has a machine`);
    return { ...found, address: found.address, instanceId: found.instanceId };
  };
  const until = async (what: string, holds: (status: LabStatus) => boolean | Promise<boolean>): Promise<LabStatus> => {
    const deadline = Date.now() + longMs;
    for (;;) {
      const status = await labStatus(lab);
      if (await holds(status)) return status;
      assert.ok(Date.now() < deadline, `not within ${longMs} ms: ${what}; last seen: ${JSON.stringify(status.members)}`);
      await wait(100);
    }
  };
  const logs = async (machine: string): Promise<string> => (await expectExit(0, 'lab', 'logs', machine, '--lab', lab)).stdout;

  /** The process that runs the user data of the machine with this address. */
  const firstProcessOf = (address: string): number => {
    const { pid } = labList().find((each) => each.name === lab)!.process;
    const found = familyOf(pid).find(
      (each) => readProc(`/proc/${each.pid}/cmdline`) === 'sh\0/run/user-data\0' && readProc(`/proc/${each.pid}/net/fib_trie`)?.includes(` ${address}\n`),
    );
    assert.ok(found, `somebody runs the user data at ${address}`);
    return found.pid;
  };

  it('has nine healthy members, three in each zone, that follow one leader', async () => {
    const { stdout } = await expectExit(0, 'lab', 'status', '--lab', lab, '--json');
    const { members, whole } = JSON.parse(stdout) as LabStatus;
    assert.equal(whole, true);
    assert.equal(members.filter((each) => each.leader).length, 1);
    for (const zone of ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']) {
      assert.equal(members.filter((each) => each.zone === zone && each.healthy).length, 3, zone);
    }
    assert.match((await expectExit(0, 'lab', 'status', '--lab', lab)).stdout, /is whole \(timing fast\): 9 of 9 members of etcd are healthy/);
  });

  it('is there for etcdctl and aws as they come', async () => {
    assert.equal((await etcdctl('member', 'list')).trim().split('\n').length, 9);
    const groups = JSON.parse(await inside('aws', 'autoscaling', 'describe-auto-scaling-groups', '--output', 'json')) as {
      AutoScalingGroups: { AutoScalingGroupName: string; MinSize: number; MaxSize: number; Instances: unknown[] }[];
    };
    const found = groups.AutoScalingGroups.map((each) => [each.AutoScalingGroupName, each.MinSize, each.MaxSize, each.Instances.length]);
    assert.deepEqual(found.sort(([a], [b]) => String(a).localeCompare(String(b))), Array.from({ length: 9 }, (_, index) => [`peer-${index + 1}.etcd3.eu-west-1.i.lab.example.com`, 1, 1, 1]));
  });

  it('replaces a terminated machine by one with a new address, the old volume and the old data', async () => {
    const value = `written at ${Date.now()}`;
    await etcdctl('put', 'before', value);
    const old = member(await labStatus(lab), 'peer-4');
    await terminate(old.instanceId);
    const whole = await until('peer-4 is back on another machine', (status) => status.whole && member(status, 'peer-4').instanceId !== old.instanceId);
    const back = member(whole, 'peer-4');
    assert.notEqual(back.address, old.address);
    assert.ok(back.address.startsWith('10.200.2.'), 'in the same zone');
    assert.match(await inside('getent', 'ahostsv4', 'peer-4.etcd3.eu-west-1.i.lab.example.com'), new RegExp(`^${back.address.replaceAll('.', '\\.')} `, 'm'));
    // Asked of that member alone, of what it has itself, without the others.
    const own = await etcdctl('--endpoints=http://peer-4.etcd3.eu-west-1.i.lab.example.com:2379', 'get', 'before', '--consistency=s', '--print-value-only');
    assert.equal(own.trim(), value);
    assert.match(await logs('peer-4'), /boot: vol-[0-9a-f]+ is mounted at \/var\/lib\/etcd/);
  });

  it('goes on taking writes when a whole zone and one more member are lost, and is whole again after', async () => {
    const before = await labStatus(lab);
    const lost = ['peer-1', 'peer-2', 'peer-3', 'peer-7'].map((name) => member(before, name).instanceId);
    await expectExit(0, 'lab', 'sabotage', 'no-replacement', 'on', '--lab', lab);
    await terminate(...lost);
    await until('four members are gone', (status) => status.members.filter((each) => each.healthy).length === 5);
    await etcdctl('put', 'zone-lost', 'still here');
    assert.equal((await labStatus(lab)).members.filter((each) => each.healthy).length, 5, 'written with four members gone');
    await expectExit(0, 'lab', 'reset', '--lab', lab);
    const after = await labStatus(lab);
    assert.equal(after.whole, true);
    assert.ok(after.members.every((each) => !lost.includes(each.instanceId ?? '')));
    assert.equal((await etcdctl('get', 'zone-lost', '--print-value-only')).trim(), 'still here');
  });

  it('recovers by itself when a majority is lost', async () => {
    await etcdctl('put', 'majority', 'kept');
    const before = await labStatus(lab);
    const lost = ['peer-1', 'peer-2', 'peer-4', 'peer-5', 'peer-7'].map((name) => member(before, name).instanceId);
    await terminate(...lost);
    await until('quorum is lost', (status) => status.members.every((each) => !each.healthy));
    await until('all nine are back', (status) => status.whole && status.members.every((each) => !lost.includes(each.instanceId ?? '')));
    assert.equal((await etcdctl('get', 'majority', '--print-value-only')).trim(), 'kept');
  });

  it('replaces a machine whose first process ended by itself', async () => {
    const old = member(await labStatus(lab), 'peer-8');
    process.kill(firstProcessOf(old.address), 'SIGKILL');
    await until('peer-8 is back', (status) => status.whole && member(status, 'peer-8').instanceId !== old.instanceId);
  });

  it('under no-replacement a lost member stays lost, until a reset', async () => {
    await expectExit(0, 'lab', 'sabotage', 'no-replacement', 'on', '--lab', lab);
    const old = member(await labStatus(lab), 'peer-9');
    await terminate(old.instanceId);
    const name = 'peer-9.etcd3.eu-west-1.i.lab.example.com';
    await until('launches fail', async () =>
      /Failed/.test(await inside('aws', 'autoscaling', 'describe-scaling-activities', '--auto-scaling-group-name', name, '--output', 'json')),
    );
    assert.equal((await labStatus(lab)).members.find((each) => each.name === 'peer-9')?.address, null, 'its name leads nowhere');
    assert.match((await expectExit(0, 'lab', 'status', '--lab', lab)).stdout, /is not whole .*: 8 of 9 .*\nsabotage no-replacement is on/);
    const { stdout } = await expectExit(0, 'lab', 'reset', '--lab', lab);
    assert.match(stdout, /is whole again after/);
    assert.notEqual(member(await labStatus(lab), 'peer-9').instanceId, old.instanceId);
  });

  it('under no-volume a new machine starts empty, and etcd says it was here before, until a reset', async () => {
    await etcdctl('put', 'volume', 'kept');
    await expectExit(0, 'lab', 'sabotage', 'no-volume', 'on', '--lab', lab);
    const old = member(await labStatus(lab), 'peer-6');
    await terminate(old.instanceId);
    await until('etcd refuses to start twice', async () => {
      const text = await logs('peer-6');
      return /boot: no volume; etcd starts on an empty disk/.test(text) && /has already been bootstrapped/.test(text);
    });
    assert.equal((await labStatus(lab)).members.find((each) => each.name === 'peer-6')?.healthy, false);
    const { stdout } = await expectExit(0, 'lab', 'reset', '--lab', lab);
    assert.match(stdout, /replaced: peer-6/);
    const own = await etcdctl('--endpoints=http://peer-6.etcd3.eu-west-1.i.lab.example.com:2379', 'get', 'volume', '--consistency=s', '--print-value-only');
    assert.equal(own.trim(), 'kept');
  });

  it('is made anew, with the same cluster id, when its data were destroyed', async () => {
    const { clusterId } = await labStatus(lab);
    const before = await labStatus(lab);
    await inside('sh', '-c', 'rm -rf /run/volumes/*/member');
    await terminate(...before.members.flatMap((each) => each.instanceId ?? []).slice(0, 5));
    const { stdout } = await expectExit(0, 'lab', 'reset', '--lab', lab);
    assert.match(stdout, /is whole again after/);
    const after = await labStatus(lab);
    assert.deepEqual([after.whole, after.clusterId], [true, clusterId]);
  });

  it('asks for what it understands', async () => {
    const wrong: [args: string[], says: RegExp][] = [
      [['sabotage', 'no-luck', 'on'], /there is no sabotage "no-luck"; there are no-replacement, no-volume, slow-replacement/],
      [['sabotage', 'no-volume'], /sabotage no-volume needs "on" or "off"/],
      [['logs', 'peer-12'], /has no machine "peer-12"; give an instance id or one of peer-1, /],
      [['up'], new RegExp(`lab ${lab} is up already, since .*firedrill lab down --lab ${lab}`)],
    ];
    for (const [args, says] of wrong) {
      assert.match((await expectExit(2, 'lab', ...args, '--lab', lab)).stderr, says);
    }
    // Inside, a number from ps is the one that kill means: process 1 is the lab's own.
    assert.match(await inside('sh', '-c', 'tr "\\0" " " < /proc/1/cmdline; ls -d /proc/self/cwd'), /lab\/world\/main/);
    assert.equal((await firedrill('lab', 'exec', '--lab', lab, '--', 'sh', '-c', 'exit 7')).code, 7, "the command's own exit code");
  });
});
