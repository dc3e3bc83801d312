import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { childrenOf, processRef } from '../../lab/procfs.ts';
import { labFootprint, labList, labStatus, type LabStatus } from '../../lab/index.ts';
import { expectExit, firedrill, root, startFiredrill, type Running } from '../e2e/firedrill.ts';
import { ordinaryUser } from '../e2e/ordinary-user.ts';
import { noSharedLab } from '../e2e/shared-lab.ts';
import { assertNothingLeft, outside, ticks, tracesOf, type Traces } from '../e2e/traces.ts';

const prefix = `life-${process.pid}`;
const first = `${prefix}-a`;
const second = `${prefix}-b`;

describe("a lab's life", () => {
  let before: string[];
  beforeEach(async () => {
    await noSharedLab();
    before = outside();
  });
  afterEach(async () => {
    for (const { name } of labList().filter((lab) => lab.name.startsWith(prefix))) await firedrill('lab', 'down', '--lab', name);
  });

  const environmentFile = (name: string): string => join(root, 'environments', `lab-${name}.yaml`);
  const processOf = (name: string): number => {
    const lab = labList().find((each) => each.name === name);
    assert.ok(lab, `${name} is up`);
    return lab.process.pid;
  };
  const isListed = (name: string): boolean => labList().some((lab) => lab.name === name);
  const put = (name: string, value: string): Promise<unknown> => expectExit(0, 'lab', 'exec', '--lab', name, '--', 'etcdctl', 'put', 'key', value);
  const get = async (name: string): Promise<string> =>
    (await expectExit(0, 'lab', 'exec', '--lab', name, '--', 'etcdctl', 'get', 'key', '--print-value-only')).stdout.trim();

  /** A lab that is up has left its traces, or the tests below would prove nothing. */
  function tracesOfLab(name: string): Traces {
    const traces = tracesOf(processOf(name));
    assert.ok(traces.processes.length > 27, `${traces.processes.length} processes`);
    assert.equal(traces.networks, 10, 'a network for each machine and one for the router');
    return traces;
  }

  async function assertGone(name: string, traces: Traces, endedAt: number): Promise<void> {
    await assertNothingLeft(traces, endedAt);
    assert.deepEqual(outside(), before);
    assert.equal(isListed(name), false);
  }

  it('a lab that is up takes less than 700 MB in all', async () => {
    await expectExit(0, 'lab', 'up', '--lab', first);
    const { totalBytes, processes } = await labFootprint(first);
    assert.ok(processes > 9 && totalBytes > 100e6, 'all of it was measured');
    assert.ok(totalBytes < 700e6, `${totalBytes} bytes`);
  });

  it('two labs at once have the same addresses, and neither sees the other; "lab down" leaves nothing of one and all of the other', async () => {
    await Promise.all([first, second].map((name) => expectExit(0, 'lab', 'up', '--lab', name)));
    const [one, other] = await Promise.all([labStatus(first), labStatus(second)]);
    const addresses = ({ members }: LabStatus): string[] => members.map((each) => each.address ?? 'none').sort();
    assert.deepEqual(addresses(one), addresses(other));
    assert.notEqual(one.clusterId, other.clusterId);
    await Promise.all([put(first, 'one'), put(second, 'two')]);
    assert.deepEqual(await Promise.all([get(first), get(second)]), ['one', 'two']);

    assert.ok(existsSync(environmentFile(first)));
    const traces = tracesOfLab(first);
    const downAt = ticks();
    await expectExit(0, 'lab', 'down', '--lab', first);
    await assertGone(first, traces, downAt);
    assert.equal(existsSync(environmentFile(first)), false);
    assert.equal((await labStatus(second)).whole, true);
    assert.match((await expectExit(2, 'lab', 'status', '--lab', first)).stderr, /is not up/);

    const rest = tracesOfLab(second);
    const killedAt = ticks();
    process.kill(processOf(second), 'SIGKILL');
    await assertGone(second, rest, killedAt);
    assert.match((await expectExit(2, 'lab', 'down', '--lab', second)).stderr, /is not up/);
  });

  it('SIGKILL of the first process inside leaves nothing either', async () => {
    await expectExit(0, 'lab', 'up', '--lab', first);
    const traces = tracesOfLab(first);
    const [inner] = childrenOf(processOf(first));
    const killedAt = ticks();
    process.kill(inner!, 'SIGKILL');
    await assertGone(first, traces, killedAt);
  });

  it('in the foreground, Ctrl-C ends it and leaves nothing', async () => {
    const running = startFiredrill(['lab', 'up', '--lab', first, '--foreground']);
    await running.says(/Ctrl-C ends it/);
    const traces = tracesOfLab(first);
    const endedAt = ticks();
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    assert.deepEqual([code, stderr], [0, '']);
    await assertGone(first, traces, endedAt);
  });

  const halfway: [how: string, signal: NodeJS.Signals, code: number][] = [
    ['Ctrl-C', 'SIGINT', 130],
    ['SIGKILL of the command', 'SIGKILL', -1],
  ];
  for (const [how, signal, code] of halfway) {
    it(`${how} while it comes up leaves nothing`, async () => {
      const running = startFiredrill(['lab', 'up', '--lab', first]);
      const traces = await tracesHalfway(running);
      const endedAt = ticks();
      running.child.kill(signal);
      const ended = await running.ended;
      assert.equal(ended.code, code, ended.stderr);
      assert.doesNotMatch(ended.stderr, /^\s+at /m);
      await assertGone(first, traces, endedAt);
    });
  }

  /** Waits until machines are on their way. */
  async function tracesHalfway(running: Running): Promise<Traces> {
    await running.says(/EC2, Auto Scaling, STS and CloudTrail/);
    for (;;) {
      const traces = tracesOf(processOf(first));
      if (traces.networks > 1) return traces;
      assert.ok(processRef(running.child.pid!), 'it is still coming up');
      await wait(20);
    }
  }

  it('a lab of one command ends with it, also when the command is killed', async () => {
    const program = `import { labForCaller } from ${JSON.stringify(join(root, 'lab/index.ts'))};
      const lab = await labForCaller({ name: ${JSON.stringify(first)} });
      console.log('up', lab.environmentFile);
      setInterval(() => {}, 1000);`;
    const maker = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(maker.stdout, 'data')) as [Buffer];
    assert.match(said.toString(), /^up /);
    const traces = tracesOfLab(first);
    const killedAt = ticks();
    maker.kill('SIGKILL');
    await once(maker, 'exit');
    await assertGone(first, traces, killedAt);
    assert.equal(readdirSync(join(root, 'environments')).includes(`lab-${first}.yaml`), false, 'its environment file was its own');
  });

  it('works for an ordinary user, and leaves nothing', async () => {
    const user = ordinaryUser();
    try {
      const { stdout } = await user.run('lab', 'up', '--lab', first);
      assert.match(stdout, /is ready after/);
      const pid = Number(/^ {2}pid: (\d+)$/m.exec(readFileSync(join(user.folder, 'environments', `lab-${first}.yaml`), 'utf8'))?.[1]);
      const traces = tracesOf(pid);
      assert.equal(traces.networks, 10);
      assert.match((await user.run('lab', 'exec', '--lab', first, '--', 'etcdctl', 'put', 'a', 'b')).stdout, /OK/);
      assert.match((await user.run('lab', 'status', '--lab', first)).stdout, /9 of 9 members of etcd are healthy/);
      const downAt = ticks();
      await user.run('lab', 'down', '--lab', first);
      await assertNothingLeft(traces, downAt);
      assert.deepEqual(outside(), before);
      assert.deepEqual(readdirSync(join(user.folder, 'labs')), []);
    } finally {
      user.remove();
    }
  });

  it('"lab list" names those that are up', async () => {
    await expectExit(0, 'lab', 'up', '--lab', first);
    assert.match((await expectExit(0, 'lab', 'list')).stdout, new RegExp(`^${first} `, 'm'));
    // Others may come and go meanwhile.
    const listed = JSON.parse((await expectExit(0, 'lab', 'list', '--json')).stdout) as unknown[];
    const ours = labList().find(({ name }) => name === first);
    assert.ok(ours && listed.some((each) => isDeepStrictEqual(each, ours)));
  });
});
