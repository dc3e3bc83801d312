import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cgroupName, cgroupTrees, sweepCgroups } from '../../../lab/cgroups.ts';
import { createResourceLimits } from '../../../lab/kubernetes/kubelet/resource-limits.ts';
import { limitsOf, makeCgroup } from '../../../lab/kubernetes/kubelet/runtime/cgroup.ts';
import { processRef } from '../../../lab/procfs.ts';

/** Folders in the place of the kernel's: what is written can be read, though nothing is held. */
describe('the limits of a container', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'firedrill-cgroups-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
  const version1 = () => ({ memory: join(folder, 'memory'), cpu: join(folder, 'cpu'), unified: undefined });
  const version2 = () => ({ memory: undefined, cpu: undefined, unified: folder });

  it('are read from its spec, in bytes and cores', () => {
    assert.deepEqual(limitsOf({ memory: '64Mi', cpu: '250m' }), { memoryBytes: 67_108_864, cpus: 0.25 });
    assert.deepEqual(limitsOf({ memory: '1.5k' }), { memoryBytes: 1500, cpus: undefined });
    assert.equal(limitsOf({ 'ephemeral-storage': '1Gi' }), undefined);
    assert.equal(limitsOf(), undefined);
  });

  it('are written to a tree for each in version 1 of control groups', () => {
    const { cgroup, obstacles } = makeCgroup(version1(), 'lab/i-1/run', { memoryBytes: 1000, cpus: 0.25 });
    assert.deepEqual(obstacles, []);
    assert.deepEqual(cgroup?.joins, ['memory', 'cpu'].map((tree) => join(folder, tree, 'lab/i-1/run/cgroup.procs')));
    assert.equal(text('memory/lab/i-1/run/memory.limit_in_bytes'), '1000');
    assert.equal(text('cpu/lab/i-1/run/cpu.cfs_quota_us'), '25000');
    assert.equal(cgroup?.oomKills(), 0);
    writeFileSync(join(folder, 'memory/lab/i-1/run/memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
    assert.equal(cgroup?.oomKills(), 2);
  });

  it('are written to one group in version 2, for which those above hand down what it needs', () => {
    for (const path of ['.', 'lab', 'lab/i-1']) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'cgroup.subtree_control'), path === '.' ? 'memory pids' : '');
    }
    const { cgroup, obstacles } = makeCgroup(version2(), 'lab/i-1/run', { memoryBytes: 1000, cpus: 2 });
    assert.deepEqual(obstacles, []);
    assert.deepEqual(cgroup?.joins, [join(folder, 'lab/i-1/run/cgroup.procs')]);
    assert.equal(text('lab/i-1/run/memory.max'), '1000');
    assert.equal(text('lab/i-1/run/cpu.max'), '200000 100000');
    assert.deepEqual(['.', 'lab', 'lab/i-1'].map((path) => text(path, 'cgroup.subtree_control')), ['+cpu', '+memory +cpu', '+memory +cpu']);
    writeFileSync(join(folder, 'lab/i-1/run/memory.events'), 'low 0\noom 1\noom_kill 1\noom_group_kill 1\n');
    assert.equal(cgroup?.oomKills(), 1);
  });

  it('are changed while the run goes on, in the groups that it is in', () => {
    const { cgroup } = makeCgroup(version1(), 'lab/i-1/run', { memoryBytes: 1000, cpus: 0.5 });
    const memory = join(folder, 'memory/lab/i-1/run');
    writeFileSync(join(memory, 'memory.memsw.limit_in_bytes'), '1000');
    cgroup!.change({ memoryBytes: 2000, cpus: 0.1 });
    assert.equal(text('cpu/lab/i-1/run/cpu.cfs_quota_us'), '10000');
    assert.deepEqual(['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'].map((file) => readFileSync(join(memory, file), 'utf8')), ['2000', '2000']);
    const alone = makeCgroup(version1(), 'lab/i-1/alone', { memoryBytes: 1000, cpus: undefined }).cgroup!;
    assert.deepEqual([alone.holds('memoryBytes'), alone.holds('cpus')], [true, false]);
    alone.change({ memoryBytes: 1000, cpus: 0.1 });
    assert.equal(existsSync(join(folder, 'cpu/lab/i-1/alone')), false, 'nobody would be in it');
  });

  it('are changed in the one group of version 2', () => {
    for (const path of ['.', 'lab', 'lab/i-1']) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'cgroup.subtree_control'), 'memory cpu');
    }
    const { cgroup } = makeCgroup(version2(), 'lab/i-1/run', { memoryBytes: undefined, cpus: 0.5 });
    assert.deepEqual([cgroup!.holds('memoryBytes'), cgroup!.holds('cpus')], [false, true]);
    cgroup!.change({ memoryBytes: undefined, cpus: 0.1 });
    assert.equal(text('lab/i-1/run/cpu.max'), '10000 100000');
  });

  it("are the kernel's own from then on, where groups can be made", () => {
    const trees = cgroupTrees();
    const tree = trees.cpu ?? trees.unified;
    const name = `firedrill-resized-${process.pid}`;
    const { cgroup, obstacles } = makeCgroup(trees, name, { memoryBytes: undefined, cpus: 0.5 });
    if (!cgroup) return assert.ok(obstacles.length > 0, 'it says why not');
    try {
      cgroup.change({ memoryBytes: undefined, cpus: 0.1 });
      const file = ['cpu.max', 'cpu.cfs_quota_us'].map((each) => join(tree!, name, each)).find((path) => existsSync(path));
      assert.match(readFileSync(file!, 'utf8'), /^10000\b/);
    } finally {
      cgroup.remove();
    }
  });

  it('that can not be held are told of once, and the others are held', () => {
    const said: string[] = [];
    const limits = createResourceLimits({ folder: 'lab/i-1', tell: (message) => said.push(message), trees: { ...version1(), memory: undefined } });
    const spec = (name: string) => ({ name, resources: { limits: { memory: '1Mi', cpu: '1' } } });
    for (const name of ['a', 'b']) assert.equal(limits.hold(spec(name), `uid.${name}.0`)?.joins.length, 1);
    assert.equal(limits.hold({ name: 'free' }, 'uid.free.0'), undefined);
    assert.deepEqual(said, ['Limits of containers are not enforced on this node, but count for the scheduler: no control groups for memory are mounted']);
  });

  it('where nothing may be written, none is held, and the reason is told once', () => {
    // A file in the place of the tree can't be written into, whoever tries.
    writeFileSync(join(folder, 'memory'), '');
    const said: string[] = [];
    const limits = createResourceLimits({ folder: 'lab/i-1', tell: (message) => said.push(message), trees: { ...version1(), cpu: undefined } });
    for (const name of ['a', 'b']) assert.equal(limits.hold({ name, resources: { limits: { memory: '1Mi' } } }, `uid.${name}.0`), undefined);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /not enforced on this node.*ENOTDIR/);
  });

  it('are found where the kernel shows them', () => {
    const mounts = 'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n';
    assert.deepEqual(cgroupTrees(mounts), { memory: '/sys/fs/cgroup/memory', cpu: '/sys/fs/cgroup/cpu,cpuacct', unified: undefined });
    assert.deepEqual(cgroupTrees('cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n'), { memory: undefined, cpu: undefined, unified: '/sys/fs/cgroup' });
    assert.deepEqual(cgroupTrees(''), { memory: undefined, cpu: undefined, unified: undefined });
  });

  it('of labs that have ended are swept away, and of no other', () => {
    const own = processRef(process.pid)!;
    const alive = cgroupName('alive', own);
    const dead = cgroupName('dead-2', { ...own, startTime: own.startTime + 1 });
    for (const name of [alive, dead, 'firedrill', 'kubepods']) mkdirSync(join(folder, name, 'i-1/run'), { recursive: true });
    sweepCgroups(version2());
    assert.deepEqual(readdirSync(folder).sort(), ['firedrill', alive, 'kubepods'].sort());
    assert.ok(existsSync(join(folder, alive, 'i-1/run')));
  });
});
