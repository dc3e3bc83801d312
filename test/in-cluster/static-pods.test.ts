import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { labEnvironmentFile, labStatus } from '../../lab/index.ts';
import { expectExit, main, RunsFolder, type Ended } from '../e2e/firedrill.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { expectInside, insideLab } from '../e2e/inside-lab.ts';

/** Nothing here is measured: machines that run all tests at once are slow. */
const patienceMs = 120_000;
const manifests = '/var/lib/kubelet/manifests';

interface Shown {
  metadata: { uid: string; annotations: Record<string, string>; ownerReferences: { kind: string; name: string; controller?: boolean }[] };
  spec: { nodeName: string };
  status: { phase: string; podIP?: string; containerStatuses?: { ready: boolean; containerID?: string; state: { running?: { startedAt: string } } }[] };
}

describe('static pods of the lab', function () {
  this.timeout('10m');
  let lab: string;
  let runs: RunsFolder;
  beforeEach(async function () {
    this.timeout('8m');
    lab = await sharedKubernetesLab();
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  const inside = (...argv: string[]): Promise<Ended> => insideLab(lab, ...argv);
  const kubectl = async (...args: string[]): Promise<string> => (await expectInside(lab, 'kubectl', '-n', 'kube-system', ...args)).stdout;
  const on = (machine: string, ...argv: string[]) => expectExit(0, 'lab', 'exec', '--lab', lab, '--machine', machine, '--', ...argv);
  /** As a user would: through a pipe. */
  const place = async (node: string, file: string, manifest: object): Promise<void> => {
    const args = [main, 'lab', 'exec', '--lab', lab, '--machine', node, '--', 'sh', '-c', `cat > ${manifests}/${file}`];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.end(stringify(manifest));
    assert.deepEqual((await once(child, 'close'))[0], 0);
  };
  const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() > deadline) assert.fail(`waited ${patienceMs / 1000} s for: ${what}\n${await kubectl('get', 'pods', '-o', 'wide')}`);
      await wait(250);
    }
  };
  const mirror = async (name: string): Promise<Shown | undefined> => {
    const { code, stdout } = await inside('kubectl', '-n', 'kube-system', 'get', 'pod', name, '-o', 'json');
    return code === 0 ? (JSON.parse(stdout) as Shown) : undefined;
  };
  const ready = (name: string, but?: string): Promise<Shown> =>
    until(`${name} to be ready`, async () => {
      const pod = await mirror(name);
      return pod?.status.containerStatuses?.[0]?.ready && pod.metadata.uid !== but && pod;
    });
  /** Which run of the container this is. */
  const runOf = ({ status }: Shown) => [status.containerStatuses?.[0]?.containerID, status.containerStatuses?.[0]?.state.running?.startedAt, status.podIP];

  it('run from a file on their machine; who deletes the mirror pod deletes a picture', async () => {
    const { nodes } = (await labStatus(lab)).kubernetes!;
    const { name: node } = nodes[0]!;
    await place(node, 'hello.yaml', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hello', namespace: 'kube-system' }, spec: { containers: [{ name: 'web', image: 'lab/web' }] } });
    const first = await ready(`hello-${node}`);
    const { annotations, ownerReferences } = first.metadata;
    assert.equal(annotations['kubernetes.io/config.source'], 'file');
    assert.equal(annotations['kubernetes.io/config.mirror'], annotations['kubernetes.io/config.hash']);
    assert.deepEqual(ownerReferences.map(({ kind, name, controller }) => [kind, name, controller]), [['Node', node, true]]);
    assert.match(await kubectl('logs', `hello-${node}`), /listens on 8080/);

    await kubectl('delete', 'pod', `hello-${node}`, '--wait=false');
    const second = await ready(`hello-${node}`, first.metadata.uid);
    assert.deepEqual(runOf(second), runOf(first), 'the same run of the same container');
    const drained = await expectInside(lab, 'kubectl', 'drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s');
    assert.doesNotMatch(drained.stdout, /evicting pod kube-system\/hello/);
    await kubectl('uncordon', node);

    await on(node, 'rm', `${manifests}/hello.yaml`);
    await until('the end of it', async () => (await mirror(`hello-${node}`)) === undefined);
  });

  it('are gone after a reset of the lab', async () => {
    const { name: node } = (await labStatus(lab)).kubernetes!.nodes[0]!;
    await place(node, 'left.yaml', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'left' }, spec: { containers: [{ name: 'main', image: 'pause' }] } });
    await until('the mirror pod', async () => (await inside('kubectl', 'get', 'pod', `left-${node}`)).code === 0);
    await expectExit(0, 'lab', 'reset', '--lab', lab);
    assert.notEqual((await inside('kubectl', 'get', 'pod', `left-${node}`)).code, 0);
  });

  it('can be members of etcd, which etcd-member-kill ends with the machine of their node', async () => {
    const { nodes } = (await labStatus(lab)).kubernetes!;
    const hosts = ['a', 'b', 'c'].map((zone) => nodes.find((node) => node.zone === `eu-west-1${zone}`)!);
    const address = (node: string): string => /^ip-(\d+)-(\d+)-(\d+)-(\d+)/.exec(node)!.slice(1).join('.');
    const initial = hosts.map(({ name, zone }) => `${zone}=http://${address(name)}:2380`).join(',');
    // Members find each other through their nodes; clients ask at the pods' own addresses, which no machine is known by.
    for (const { name, zone } of hosts) await place(name, 'etcd.yaml', etcdManifest(zone, `http://${address(name)}:2380`, initial));
    const pods = await Promise.all(hosts.map(({ name }) => ready(`etcd-${name}`)));
    const endpoints = pods.map(({ status }) => `http://${status.podIP}:2379`);
    const told = await expectInside(lab, 'etcdctl', `--endpoints=${endpoints[0]}`, 'endpoint', 'status', '-w', 'fields');
    const clusterId = BigInt(/"ClusterID" : (\d+)/.exec(told.stdout)![1]!).toString(16);

    const environment = join(runs.drills(), 'environment.yaml');
    const own = parse(readFileSync(await labEnvironmentFile(lab), 'utf8')) as object;
    writeFileSync(environment, stringify({ ...own, etcd: { endpoints, clusterId } }));
    const drill = join(runs.drills(), 'small.yaml');
    writeFileSync(drill, smallDrill);
    await expectExit(0, 'run', drill, '--env', environment, '--out', runs.path);

    const [fault] = runs.report().faults;
    const [target] = fault!.targets;
    const host = hosts.find(({ instanceId }) => instanceId === target!.id)!;
    assert.equal(target!.kind, 'instance');
    assert.equal(target!.node, host.name);
    const dead = endpoints[hosts.indexOf(host)]!;
    const health = async (endpoint: string) => (await inside('etcdctl', `--endpoints=${endpoint}`, '--command-timeout=5s', 'endpoint', 'health')).code;
    assert.notEqual(await health(dead), 0, 'the member that was killed');
    for (const endpoint of endpoints) if (endpoint !== dead) assert.equal(await health(endpoint), 0, endpoint);
    // What has to be made again by hand: the manifest was on the machine's disk.
    const again = await expectExit(3, 'run', drill, '--env', environment, '--out', runs.path);
    assert.match(again.stdout + again.stderr, /etcd would lose quorum/);
  });
});

const etcdManifest = (name: string, peerUrl: string, initialCluster: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'etcd', namespace: 'kube-system', labels: { component: 'etcd', tier: 'control-plane' } },
  spec: {
    containers: [
      {
        name: 'etcd',
        image: 'quay.io/coreos/etcd:v3',
        command: [
          'etcd',
          `--name=${name}`,
          '--data-dir=/var/lib/etcd',
          '--listen-client-urls=http://0.0.0.0:2379',
          '--advertise-client-urls=http://$(POD_IP):2379',
          '--listen-peer-urls=http://0.0.0.0:2380',
          `--initial-advertise-peer-urls=${peerUrl}`,
          `--initial-cluster=${initialCluster}`,
          '--initial-cluster-token=static-pods',
        ],
        env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
        ports: [{ containerPort: 2380, hostPort: 2380 }],
        readinessProbe: { httpGet: { path: '/health', port: 2379 }, periodSeconds: 1, timeoutSeconds: 5 },
        volumeMounts: [{ name: 'data', mountPath: '/var/lib/etcd' }],
      },
    ],
    volumes: [{ name: 'data', hostPath: { path: '/var/lib/etcd', type: 'DirectoryOrCreate' } }],
  },
});

const smallDrill = `name: small
title: Kill a member that runs as a static pod
why: Its machine is what has to go.
probes:
  writes: { kind: etcd-write, every: 100ms, timeout: 2s }
baseline: { for: 1s }
faults:
  - { id: member, kind: etcd-member-kill, at: 0s, select: { leader: true } }
slos:
  - { name: writes are back, probe: writes, recoversWithin: 60s }
limits: { zones: 1, instances: 1, etcdMembersDown: 1, quorumLoss: refuse }
recovery: { timeout: 120s, stableFor: 1s }
`;
