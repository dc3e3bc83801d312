import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { labEnvironmentFile } from '../../lab/index.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { expectExit, RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { shareOfToday } from '../e2e/share-of-today.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { expectInside } from '../e2e/inside-lab.ts';

interface State {
  readonly account: unknown;
  readonly machines: readonly string[];
  readonly pods: readonly string[];
}

interface Drill {
  readonly faults: readonly string[];
  readonly limits?: string;
}

const etcdProbe = 'p: { kind: etcd-write, every: 100ms, timeout: 2s, hedge: 200ms }';
const kill: Drill = { faults: ['id: f, kind: instance-terminate, select: { names: [peer-1] }'] };
const cut: Drill = { faults: ['id: f, kind: zone-partition, for: 5s, select: { role: etcd, zone: eu-west-1a }'] };
const suspend: Drill = { faults: ['id: f, kind: asg-suspend, for: 5s, select: { role: etcd, zone: eu-west-1a }'] };
const pod: Drill = { faults: ['id: f, kind: pod-kill, select: { namespace: shop, owner: deployment/web, pick: 2 }'] };
const scale: Drill = { faults: ['id: f, kind: deployment-scale, to: 1, select: { namespace: shop, names: [web] }'] };
const drain: Drill = { faults: ['id: f, kind: node-drain, select: { pick: 1 }'] };
const worker: Drill = { faults: ['id: f, kind: instance-terminate, select: { role: worker, pick: 1 }'] };

const today = (): string => new Date().toISOString().slice(0, 10);
/** Five minutes, which are over or far away by the clock of this machine. */
const otherHours = (): { from: string; to: string } => (new Date().getUTCHours() < 12 ? { from: '18:00', to: '18:05' } : { from: '06:00', to: '06:05' });

/** What the environment file says besides, what is asked for there, and what is answered. */
const refused: [what: string, environment: () => object, drill: Drill, says: RegExp, flags?: string[]][] = [
  ['a protected environment', () => ({ protected: true }), kill, /environment guarded is protected; .*type --allow-protected guarded/],
  ['a protected environment when another name is typed', () => ({ protected: true }), kill, /--allow-protected names lab, and this is environment guarded/, ['--allow-protected', 'lab']],
  ["another one's account", () => ({ aws: { accountId: '999999999999' } }), kill, /credentials belong to AWS account \d{12}, the environment file names 999999999999/],
  ["another one's region", () => ({ aws: { region: 'us-east-1' } }), kill, /AWS answers from region eu-west-1, the environment file names us-east-1/],
  ["another one's etcd", () => ({ etcd: { clusterId: 'cafe' } }), kill, /endpoints are those of etcd cluster [0-9a-f]+, the environment file names cafe/],
  ["another one's Kubernetes", () => ({ kubernetes: { clusterUid: 'other' } }), pod, /leads to Kubernetes cluster \S+, the environment file names other/],
  ['another time of day', () => ({ timeZone: 'UTC', windows: [otherHours()] }), kill, /it is \w+ [-0-9]+ [:0-9]+ in UTC, and drills may run every day 0?1?[68]:00/],
  ['an end after the hours', () => ({ timeZone: 'UTC', windows: [{ from: '00:00', to: '24:00' }], blackouts: [{ from: tomorrow(), to: tomorrow(), why: 'sale' }] }), { ...kill, faults: [`${kill.faults[0]}, at: 24h`] }, /this may take until .* in UTC, into the blackout from .* \(sale\)/],
  ['a blackout', () => ({ timeZone: 'UTC', blackouts: [{ from: today(), to: today(), why: 'year-end closing' }] }), kill, /within the blackout from .* \(year-end closing\)/],
  ['a denied name', () => ({ deny: { names: ['peer-1'] } }), kill, /would hit peer-1 \(i-\w+\), group peer-1, which environment guarded denies \(deny\.names: peer-1\)/],
  ['a denied tag', () => ({ deny: { tags: { role: 'peer-1.*' } } }), kill, /denies \(deny\.tags role: peer-1\.\*\)/],
  ['a denied tag of one in a zone', () => ({ deny: { tags: { role: 'peer-2.*' } } }), cut, /would hit peer-2 \(i-\w+\), group peer-2, which .*deny\.tags/],
  ['a denied group', () => ({ deny: { names: ['peer-3'] } }), suspend, /would hit group peer-3, which .*deny\.names: peer-3/],
  ['a denied namespace', () => ({ deny: { namespaces: ['sh*'] } }), pod, /would hit pod web-\S+ in shop, pod web-\S+ in shop, which .*deny\.namespaces: sh\*/],
  ['a denied label', () => ({ deny: { labels: { app: 'web' } } }), scale, /would hit .*pod web-\S+ in shop.*, which .*deny\.labels app: web/],
  ['a machine with pods of a denied namespace on it', () => ({ deny: { namespaces: ['shop'] } }), worker, /would hit pod \S+ in shop.*, which .*deny\.namespaces: shop/],
  ['a machine without the opt-in', () => ({ optIn: { tags: { chaos: 'allowed' } } }), kill, /would hit peer-1 \(i-\w+\), without the opt-in that environment guarded asks for \(optIn\.tags chaos: allowed\)/],
  ['a group without the opt-in', () => ({ optIn: { tags: { chaos: 'allowed' } } }), suspend, /would hit group peer-1, group peer-2, group peer-3, without the opt-in/],
  ['pods without the opt-in', () => ({ optIn: { labels: { chaos: 'allowed' } } }), pod, /would hit pod web-\S+ in shop, pod web-\S+ in shop, without the opt-in .*optIn\.labels chaos: allowed/],
  ['a node without the opt-in', () => ({ optIn: { tags: { role: '*' }, labels: { chaos: 'allowed' } } }), drain, /would hit node \S+,.* without the opt-in .*optIn\.labels/],
  ['a namespace that is not given away', () => ({ kubernetes: { namespaces: ['bank'] } }), pod, /would hit web-\S+, web-\S+ in shop, and environment guarded allows bank/],
  ['too many zones', () => ({ limits: { zones: 0 } }), { ...cut, limits: 'zones: 1, quorumLoss: expected' }, /1 zone would be lost \(eu-west-1a\), limits\.zones is 0/],
  ['too many instances', () => ({ limits: { instances: 0 } }), kill, /1 instance would be hit, limits\.instances is 0/],
  ['too much of a group', () => ({ limits: { groupPercent: '50%' } }), kill, /1 of 1 instance of group peer-1\S* would be away .* limits\.groupPercent is 50%/],
  ['too many members of etcd', () => ({ limits: { etcdMembersDown: 0 } }), kill, /1 etcd member would be down .* limits\.etcdMembersDown is 0/],
  ['too many pods', () => ({ limits: { pods: 1 } }), pod, /2 pods would be hit, limits\.pods is 1/],
  ['too many pods of a workload', () => ({ limits: { podsOfWorkload: 1 } }), pod, /2 of \d+ pods of deployment\/web in shop would be away .* limits\.podsOfWorkload is 1/],
  ['too many nodes', () => ({ limits: { nodes: 0 } }), drain, /1 node would be hit, limits\.nodes is 0/],
  ['a lost quorum', () => ({}), { faults: ['id: f, kind: instance-terminate, select: { role: etcd, pick: 5 }'] }, /etcd would lose quorum: 9 voters - 0 not healthy - 5 to be taken = 4/],
];

const refusedInADay = 12;

function tomorrow(): string {
  return new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
}

describe('what is refused, in the lab', () => {
  let lab: string;
  let runs: RunsFolder;
  let untouched: State;
  // Once: what is refused leaves nothing to reset, which is the point.
  before(async function () {
    this.timeout('10m');
    lab = await sharedKubernetesLab();
    untouched = await everything();
  });
  beforeEach(() => {
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  const inside = async (...argv: string[]): Promise<string> => (await expectInside(lab, ...argv)).stdout;
  /** Which machines, members and pods there are, each by its own id, and the whole state of the account. */
  const everything = async (): Promise<State> => {
    const machines = await inside('aws', 'ec2', 'describe-instances', '--query', 'Reservations[].Instances[].[InstanceId,State.Name,LaunchTime]', '--output', 'text');
    const pods = await inside('kubectl', 'get', 'pods,nodes,deployments', '-A', '-o', 'jsonpath={range .items[*]}{.metadata.uid} {.metadata.name} {.spec.replicas} {.spec.unschedulable}{"\\n"}{end}');
    return { account: await accountOf(lab), machines: machines.split('\n').sort(), pods: pods.split('\n').sort() };
  };
  /** The lab's own environment file with these keys besides, or in place of its own. */
  const environmentFile = async (more: object): Promise<string> => {
    const own = parse(readFileSync(await labEnvironmentFile(lab), 'utf8')) as Record<string, object>;
    const merged = Object.entries(more).map(([key, value]) => [key, key in own && typeof value === 'object' ? { ...own[key], ...(value as object) } : value]);
    const path = join(runs.drills(), 'guarded.yaml');
    writeFileSync(path, stringify({ ...own, ...Object.fromEntries(merged), name: 'guarded' }));
    return path;
  };
  const writeDrill = ({ faults, limits = 'zones: 1, instances: 9, podsOfWorkload: all' }: Drill): string => {
    const path = join(runs.drills(), 'small.yaml');
    writeFileSync(path, `name: small
title: Something small
why: It is quick.
probes: { ${etcdProbe} }
baseline: { for: 1s }
faults:
${faults.map((fault) => `  - { ${fault} }\n`).join('')}slos: [ { name: writes are back, probe: p, longestOutage: 20s } ]
limits: { ${limits} }
recovery: { timeout: 60s, stableFor: 1s }
`);
    return path;
  };

  for (const [what, environment, drill, says, flags = []] of shareOfToday(refused, refusedInADay)) {
    it(`ends with exit code 3 and the reason, and nothing dies: ${what}`, async () => {
      const file = await environmentFile(environment());
      const { stderr } = await expectExit(3, 'run', writeDrill(drill), '--env', file, '--out', runs.path, '--yes', ...flags);
      const lines = stderr.trim().split('\n');
      assert.ok(lines.some((line) => says.test(line)), `expected ${says} in\n${stderr}`);
      assert.ok(lines.every((line) => /^refused: .*; \S/.test(line)), `each refusal begins the same way and says what to do\n${stderr}`);
      assert.ok(runs.isEmpty(), 'no run was begun');
      assert.deepEqual(await accountOf(lab), untouched.account);
    });
  }

  it('leaves every machine, node and pod the very same, whatever was asked for', async () => {
    assert.deepEqual(await everything(), untouched);
  });

  it('is shown by a plan as well, with all that would be hit', async () => {
    const file = await environmentFile({ protected: true });
    const { stdout, stderr } = await expectExit(3, 'plan', writeDrill(kill), '--env', file);
    assert.match(stdout, /kill peer-1 \(TerminateInstances/);
    assert.match(stderr, /^refused: environment guarded is protected/m);
    const allowed = await expectExit(0, 'plan', writeDrill(kill), '--env', file, '--allow-protected', 'guarded');
    assert.match(allowed.stdout, /lets it through/);
    assert.deepEqual(await everything(), untouched);
  });

  it('is not what is given away: a protected environment whose name is typed, within its hours, with the opt-in', async () => {
    const file = await environmentFile({ protected: true, timeZone: 'Europe/Berlin', windows: [{ from: '00:00', to: '24:00' }], optIn: { tags: { role: '*.etcd3' } }, deny: { names: ['peer-2'] } });
    await expectExit(0, 'run', writeDrill(suspend3), '--env', file, '--out', runs.path, '--yes', '--allow-protected', 'guarded');
    const journal = readFileSync(join(runs.newest(), 'journal.ndjson'), 'utf8');
    assert.match(journal, /"allowProtected":"guarded"/);
    const started = JSON.parse(journal.split('\n')[0]!) as { command: string };
    assert.match(started.command, /^firedrill run /);
    assert.doesNotMatch(started.command, /allow-protected/, 'it is typed each time');
    await expectAccount(lab, untouched.account);
  });

  it('in the middle of a run is broken no more, and what was broken before is put back', async function () {
    this.timeout('5m');
    const file = await environmentFile({ optIn: { tags: { role: '*.etcd3' } } });
    const second = 'id: second, kind: instance-terminate, at: 10s, select: { names: [peer-9] }';
    const running = startFiredrill(['run', writeDrill({ faults: ['id: first, kind: asg-suspend, select: { names: [peer-3] }', second] }), '--env', file, '--out', runs.path, '--yes']);
    await running.says(/fault first: injected/);
    // It stands still while the world changes, so that the second comes after that however slow the change is.
    running.child.kill('SIGSTOP');
    assert.notDeepEqual(await accountOf(lab), untouched.account);
    const [id] = (await inside('aws', 'ec2', 'describe-instances', '--filters', 'Name=tag:role,Values=peer-9.etcd3', '--query', 'Reservations[].Instances[].InstanceId', '--output', 'text')).trim().split(/\s/);
    await inside('aws', 'ec2', 'create-tags', '--resources', id!, '--tags', 'Key=role,Value=kept');
    running.child.kill('SIGCONT');
    assert.notEqual((await running.ended).code, 0);
    const { run, faults } = runs.report();
    assert.match(run.outcomeReason, /refused: fault second: .*would hit peer-9 \(i-\w+\), without the opt-in/);
    assert.ok(faults.every((fault) => fault.id === 'first' && !fault.open && fault.undone?.verified), JSON.stringify(faults));
    assert.doesNotMatch(readFileSync(join(runs.newest(), 'journal.ndjson'), 'utf8'), /"fault":"second"/);
    await inside('aws', 'ec2', 'create-tags', '--resources', id!, '--tags', 'Key=role,Value=peer-9.etcd3');
    await expectAccount(lab, untouched.account);
    assert.deepEqual(await everything(), untouched);
  });
});

const suspend3: Drill = { faults: ['id: f, kind: asg-suspend, for: 1s, select: { names: [peer-3] }'] };
