import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { labStatus, type LabStatus } from '../../lab/index.ts';
import { expectExit, main, type Ended } from '../e2e/firedrill.ts';
import { quorumToLose } from '../e2e/quorum-to-lose.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { insideLab } from '../e2e/inside-lab.ts';

type Kubernetes = NonNullable<LabStatus['kubernetes']>;

/** Nothing here is measured: machines that run all tests at once are slow. */
const patienceMs = 120_000;

describe('the Kubernetes of the lab', function () {
  this.timeout('10m');
  let lab: string;
  let folder: string;
  beforeEach(async function () {
    this.timeout('8m');
    lab = await sharedKubernetesLab();
    folder = mkdtempSync(join(tmpdir(), 'firedrill-kubectl-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const inside = (...argv: string[]): Promise<Ended> => insideLab(lab, ...argv);
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await inside('kubectl', ...args);
    assert.equal(code, 0, `kubectl ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };
  const cluster = async (): Promise<Kubernetes> => (await labStatus(lab)).kubernetes!;
  const webPodsIn = ({ pods }: Kubernetes) => pods.filter((pod) => pod.namespace === 'shop' && pod.name.startsWith('web-'));
  const webPods = async () => webPodsIn(await cluster());
  const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (performance.now() > deadline) assert.fail(`waited ${patienceMs / 1000} s for: ${what}\n${JSON.stringify(await cluster(), null, 1)}`);
      await wait(250);
    }
  };
  /** Asks a pod over HTTP, from where the harness stands. */
  const asked = async (address: string, port = 8080): Promise<string> => {
    const code = `require('node:http').get('http://${address}:${port}/', (r) => r.pipe(process.stdout)).on('error', (e) => { console.error(e.message); process.exit(1) })`;
    return (await inside(process.execPath, '-e', code)).stdout.trim();
  };
  const apply = async (...objects: object[]): Promise<void> => {
    const file = join(folder, 'objects.json');
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n'));
    await kubectl('apply', '-f', file);
  };
  const podOf = (name: string, container: object, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', ...container }], ...spec },
  });
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await kubectl(...args, '-o', 'json')) as T;

  it('has six ready nodes in three zones, each an instance, and pods with addresses of their zone that answer', async () => {
    const { nodes, whole, trouble } = await cluster();
    assert.equal(whole, true, trouble ?? '');
    assert.equal(nodes.length, 6);
    for (const zone of ['a', 'b', 'c']) assert.equal(nodes.filter((node) => node.zone === `eu-west-1${zone}`).length, 2);
    const wide = await kubectl('get', 'nodes', '-o', 'wide');
    assert.equal(wide.match(/ Ready /g)?.length, 6, wide);
    const pods = await webPods();
    assert.equal(pods.length, 6);
    for (const { name, node, address } of pods) {
      const { zone } = nodes.find((each) => each.name === node)!;
      assert.match(address!, new RegExp(`^10\\.200\\.${'abc'.indexOf(zone.at(-1)!) + 1}\\.`));
      assert.equal(await asked(address!), `${name} ${node} ${zone}`);
    }
    const listed = await kubectl('get', 'pods', '-n', 'shop', '-o', 'wide');
    for (const { address } of pods) assert.ok(listed.includes(address!), listed);
  });

  it('shows what a container wrote, and runs programs in it', async () => {
    const [pod] = await webPods();
    assert.equal(await kubectl('-n', 'shop', 'logs', pod!.name), `web: ${pod!.name} listens on 8080\n`);
    const shell = await inside('kubectl', '-n', 'shop', 'exec', pod!.name, '--', 'sh', '-c', 'hostname; echo oh >&2; exit 7');
    assert.deepEqual([shell.code, shell.stdout], [7, `${pod!.name}\n`]);
    assert.match(shell.stderr, /^oh\n[\s\S]*exit code 7/);
    const child = spawn(process.execPath, [main, 'lab', 'exec', '--lab', lab, '--', 'kubectl', '-n', 'shop', 'exec', '-i', pod!.name, '--', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let heard = '';
    child.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    child.stdin.end('through the wire\n');
    await new Promise((resolve) => child.once('close', resolve));
    assert.equal(heard, 'through the wire\n');
    const missing = await inside('kubectl', '-n', 'shop', 'exec', pod!.name, '--', '/nope');
    assert.match(missing.stderr, /stat \/nope: no such file or directory/);
  });

  it('replaces a pod that is deleted: the new one serves, and the old one is gone', async () => {
    const [victim] = await webPods();
    await kubectl('-n', 'shop', 'delete', 'pod', victim!.name, '--wait=true');
    const known = (await webPods()).map(({ name }) => name);
    assert.ok(!known.includes(victim!.name));
    const pods = await until('six ready pods', async () => {
      const all = await webPods();
      return all.length === 6 && all.every(({ ready }) => ready) && all;
    });
    for (const { name, node, address } of pods) assert.match(await asked(address!), new RegExp(`^${name} ${node} `));
  });

  it('can have no image that nobody knows, and says so', async () => {
    await apply(podOf('unknown', { image: 'example/nothing:1' }));
    const reason = await until('an image that cannot be pulled', async () => {
      const pod = await json<{ status: { containerStatuses?: { state: { waiting?: { reason: string } } }[] } }>('get', 'pod', 'unknown');
      const found = pod.status.containerStatuses?.[0]?.state.waiting?.reason;
      return found !== 'ContainerCreating' && found;
    });
    assert.match(reason, /^(ErrImagePull|ImagePullBackOff)$/);
    assert.match(await kubectl('get', 'events'), /Failed to pull image "example\/nothing:1"/);
    await kubectl('delete', 'pod', 'unknown');
  });

  it('restarts what ends, with back-off, and leaves alone what may end', async () => {
    await apply(
      podOf('crashing', { image: 'busybox', command: ['sh', '-c', 'echo once; exit 3'] }),
      podOf('done', { image: 'busybox', command: ['sh', '-c', 'echo $GREETING'], env: [{ name: 'GREETING', value: 'hello' }] }, { restartPolicy: 'Never' }),
    );
    interface Shown {
      status: { phase: string; containerStatuses?: { restartCount: number; state: { waiting?: { reason: string } }; lastState: { terminated?: { exitCode: number } } }[] };
    }
    const crashing = await until('a back-off', async () => {
      const [status] = (await json<Shown>('get', 'pod', 'crashing')).status.containerStatuses ?? [];
      return status?.state.waiting?.reason === 'CrashLoopBackOff' && status;
    });
    assert.ok(crashing.restartCount >= 1);
    assert.equal(crashing.lastState.terminated?.exitCode, 3);
    await until('the other to have succeeded', async () => (await json<Shown>('get', 'pod', 'done')).status.phase === 'Succeeded');
    assert.equal(await kubectl('logs', 'done'), 'hello\n');
    await kubectl('delete', 'pod', 'crashing', 'done');
  });

  it('gives a process that is told to end its grace, and no more', async () => {
    await apply(podOf('stubborn', { image: 'busybox', command: ['sh', '-c', 'trap "echo not yet" TERM; while :; do sleep 0.2; done'] }, { terminationGracePeriodSeconds: 3 }));
    await kubectl('wait', '--for=condition=Ready', 'pod/stubborn', '--timeout=60s');
    const startedMs = performance.now();
    await kubectl('delete', 'pod', 'stubborn');
    assert.ok(performance.now() - startedMs > 2_800, 'it was killed before its grace was over');
  });

  it('puts a port of the node through to a pod', async () => {
    await apply(podOf('ported', { image: 'lab/web', ports: [{ containerPort: 8080, hostPort: 4140 }], env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }));
    await kubectl('wait', '--for=condition=Ready', 'pod/ported', '--timeout=60s');
    const { status } = await json<{ status: { hostIP: string } }>('get', 'pod', 'ported');
    await until('an answer on the port', async () => (await asked(status.hostIP, 4140)).startsWith('ported '));
    await kubectl('delete', 'pod', 'ported');
  });

  it('drains a node: its pods move, its daemon stays', async () => {
    const [{ node } = { node: null }] = await webPods();
    await kubectl('drain', node!, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s');
    const pods = await until('six ready pods elsewhere', async () => {
      const all = await webPods();
      return all.length === 6 && all.every((pod) => pod.ready && pod.node !== node) && all;
    });
    assert.equal(pods.length, 6);
    assert.equal((await cluster()).pods.filter((pod) => pod.name.startsWith('agent-') && pod.node === node).length, 1);
    await kubectl('uncordon', node!);
  });

  it('loses a worker: its node is not ready, then gone; another comes, and all pods are back', async () => {
    const [victim] = (await cluster()).nodes;
    await inside('aws', 'ec2', 'terminate-instances', '--instance-ids', victim!.instanceId!);
    await until('the loss to be seen', async () => {
      const node = (await cluster()).nodes.find(({ name }) => name === victim!.name);
      return node === undefined || !node.ready;
    });
    await until('another node in its place', async () => {
      const { nodes, whole } = await cluster();
      return whole && nodes.every(({ name }) => name !== victim!.name);
    });
    const zones = (await cluster()).nodes.map(({ zone }) => zone).sort();
    assert.deepEqual(zones, ['eu-west-1a', 'eu-west-1a', 'eu-west-1b', 'eu-west-1b', 'eu-west-1c', 'eu-west-1c']);
  });

  it('without a quorum of etcd takes no writes, while pods go on serving; with one it works again by itself', async () => {
    const before = await webPods();
    const quorum = await quorumToLose(lab);
    await quorum.take();
    await until('five members to be gone', async () => (await labStatus(lab)).members.filter(({ healthy }) => healthy).length === 0);
    const refused = await inside('kubectl', 'create', 'configmap', 'lost', '--from-literal=a=b', '--request-timeout=3s');
    assert.notEqual(refused.code, 0, 'a write without a quorum');
    for (const { name, address } of before) assert.match(await asked(address!), new RegExp(`^${name} `));
    await quorum.giveBack();
    await until('the API to take writes again', async () => (await inside('kubectl', 'create', 'configmap', 'kept', '--from-literal=a=b', '--request-timeout=5s')).code === 0);
    // Of one and the same look: where the API is late for the next one, that tells of no pods.
    const whole = await until('a whole cluster', async () => {
      const seen = await cluster();
      return seen.whole && seen;
    });
    assert.deepEqual(webPodsIn(whole).map(({ name }) => name).sort(), before.map(({ name }) => name).sort(), 'no pod was replaced');
  });

  it('is whole again after a reset, whatever was done to it', async () => {
    const { nodes } = await cluster();
    await kubectl('cordon', nodes[0]!.name);
    await kubectl('taint', 'node', nodes[1]!.name, 'dedicated=nobody:NoExecute');
    await kubectl('-n', 'shop', 'scale', 'deployment/web', '--replicas=2');
    await apply(podOf('left', { image: 'pause' }), {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
    });
    await expectExit(0, 'lab', 'sabotage', 'slow-start', 'on', '--lab', lab);
    await expectExit(0, 'lab', 'reset', '--lab', lab);
    const status = await labStatus(lab);
    assert.equal(status.kubernetes?.whole, true, status.kubernetes?.trouble ?? '');
    assert.ok(status.sabotage.every(({ on }) => !on));
    assert.doesNotMatch(await kubectl('get', 'pods'), /left/);
    assert.equal((await kubectl('get', 'networkpolicies', '-A', '-o', 'name')).trim(), '');
  });
});
