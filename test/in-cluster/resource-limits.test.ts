import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cgroupName, cgroupTrees } from '../../lab/cgroups.ts';
import { labList } from '../../lab/index.ts';
import { isAlive } from '../../lab/procfs.ts';
import { expectExit, firedrill } from '../e2e/firedrill.ts';
import { noSharedLab } from '../e2e/shared-lab.ts';
import { expectInside, insideLab } from '../e2e/inside-lab.ts';

const lab = `limits-${process.pid}`;
const patienceMs = 120_000;

interface Ended {
  exitCode: number;
  reason: string;
}
interface Shown {
  status: { containerStatuses?: { restartCount: number; state: { terminated?: Ended }; lastState: { terminated?: Ended } }[] };
}

/** The trees of control groups for memory and cpu, if this user may make groups in them that have limits. */
function writableTrees(): { memory: string; cpu: string } | undefined {
  const { memory, cpu, unified } = cgroupTrees();
  const trees = { memory: memory ?? unified, cpu: cpu ?? unified };
  if (trees.memory === undefined || trees.cpu === undefined) return undefined;
  try {
    const has = [[trees.memory, 'memory.'], [trees.cpu, 'cpu.m'], [trees.cpu, 'cpu.cfs_']].map(([tree, prefix]) => {
      const trial = join(tree!, `firedrill-trial-${process.pid}`);
      mkdirSync(trial);
      const found = readdirSync(trial).some((name) => name.startsWith(prefix!));
      rmdirSync(trial);
      return found;
    });
    return has[0] && (has[1] || has[2]) ? { memory: trees.memory, cpu: trees.cpu } : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))) return undefined;
    throw error;
  }
}

describe('limits of containers, in the lab', function () {
  this.timeout('8m');
  let folder: string;
  before(async function () {
    this.timeout('5m');
    folder = mkdtempSync(join(tmpdir(), 'firedrill-limits-'));
    await noSharedLab();
    await expectExit(0, 'lab', 'up', '--lab', lab, '--kubernetes');
  });
  after(async () => {
    if (labList().some(({ name }) => name === lab)) await firedrill('lab', 'down', '--lab', lab);
    rmSync(folder, { recursive: true });
  });

  const kubectl = async (...args: string[]): Promise<string> => (await expectInside(lab, 'kubectl', ...args)).stdout;
  const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() > deadline) assert.fail(`waited ${patienceMs / 1000} s for: ${what}\n${await kubectl('get', 'pods', '-o', 'yaml')}`);
      await wait(250);
    }
  };
  const apply = async (name: string, limits: object, command: string[]): Promise<void> => {
    const file = join(folder, `${name}.json`);
    const spec = { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'busybox', command, resources: { limits } }] };
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
    await kubectl('apply', '-f', file);
  };
  const status = async (name: string) => (JSON.parse(await kubectl('get', 'pod', name, '-o', 'json')) as Shown).status.containerStatuses?.[0];
  /** All folders below the lab's own in a tree, and the lab's own. */
  const groupsIn = (tree: string): string[] => {
    const own = labList().find(({ name }) => name === lab);
    assert.ok(own);
    return foldersBelow(join(tree, cgroupName(lab, own.process)));
  };

  it('a container over its memory limit is OOMKilled and restarted, or its node says that limits are not enforced', async () => {
    await apply('hungry', { memory: '48Mi' }, ['perl', '-e', '$all = "x" x 200_000_000; print "fed\\n"; sleep 1000']);
    if (!writableTrees()) {
      await until('the container to have all that it wants', async () => (await kubectl('logs', 'hungry', '--ignore-errors')).includes('fed'));
      assert.match(await kubectl('get', 'events', '--field-selector=reason=ResourceLimitsNotEnforced'), /not enforced on this node/);
      return;
    }
    const ended = await until('the container to be killed', async () => {
      const shown = await status('hungry');
      return shown !== undefined && shown.restartCount >= 1 && (shown.lastState.terminated ?? shown.state.terminated);
    });
    assert.deepEqual([ended.exitCode, ended.reason], [137, 'OOMKilled']);
    assert.equal(await kubectl('logs', 'hungry', '--previous'), '');
  });

  it('a program that is run in a container counts as the container', async () => {
    await apply('roomy', { memory: '48Mi', cpu: '100m' }, ['sh', '-c', 'trap "exit 0" TERM; while :; do :; done']);
    await kubectl('wait', '--for=condition=Ready', 'pod/roomy', '--timeout=60s');
    const greedy = ['exec', 'roomy', '--', 'perl', '-e', '$all = "x" x 200_000_000; print "fed"'];
    const { code, stdout } = await insideLab(lab, 'kubectl', ...greedy);
    const trees = writableTrees();
    if (!trees) return assert.equal(stdout, 'fed');
    assert.equal(code, 137, stdout);
    const [group] = groupsIn(trees.cpu).filter((path) => path.endsWith('.main.0'));
    const throttled = () => Number(/^nr_throttled (\d+)$/m.exec(readFileSync(join(group!, 'cpu.stat'), 'utf8'))?.[1]);
    await until('the container to be held to its share of a core', async () => throttled() > 0);
  });

  it('what control groups a killed lab leaves goes as soon as somebody looks', async () => {
    const own = labList().find(({ name }) => name === lab);
    assert.ok(own);
    const trees = Object.values(writableTrees() ?? {});
    for (const tree of trees) assert.ok(groupsIn(tree).length > 0, 'a lab that runs has some, or nothing is proved');
    process.kill(own.process.pid, 'SIGKILL');
    await until('its end', async () => !isAlive(own.process));
    await until('nothing to be left', async () => {
      await expectExit(0, 'lab', 'list');
      await expectExit(2, 'lab', 'status', '--lab', lab);
      return trees.every((tree) => foldersBelow(join(tree, cgroupName(lab, own.process))).length === 0) || undefined;
    });
  });
});

function foldersBelow(path: string): string[] {
  try {
    const names = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [path, ...names.flatMap(({ name }) => foldersBelow(join(path, name)))];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
