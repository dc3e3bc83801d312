import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findImage, pullError } from '../../../lab/kubernetes/images/index.ts';
import { openContainerLog, selectLines } from '../../../lab/kubernetes/kubelet/container-log.ts';
import { ConfigError, environmentOf, expand, type DataSource } from '../../../lab/kubernetes/kubelet/environment.ts';
import { ask } from '../../../lab/kubernetes/kubelet/probe.ts';
import { startProber } from '../../../lab/kubernetes/kubelet/prober.ts';
import { renderPorts } from '../../../lab/kubernetes/kubelet/runtime/port-map.ts';
import { startLoadBalancer } from '../../../lab/kubernetes/load-balancer.ts';
import type { Pod } from '../../../lab/kubernetes/objects.ts';

const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
  spec: { containers: [{ name: 'app' }] },
};
const facts = { podIp: '10.200.1.20', hostIp: '10.200.1.9', node: 'node-1', zone: 'eu-west-1a' };
const none: DataSource = async () => undefined;

describe('the images of a node', () => {
  it('are found by the names that people give them, with any tag', () => {
    const names = ['pause', 'registry.k8s.io/pause:3.10.1', 'busybox', 'busybox:1.36', 'docker.io/library/busybox', 'lab/web', 'lab/web:2', 'lab/web@sha256:abc', 'quay.io/coreos/etcd:v3.6.1', 'registry.k8s.io/etcd:3.6.1-0'];
    for (const name of names) assert.ok(findImage(name), name);
    for (const name of ['nginx', 'registry.example:5000/app', 'lab/nothing', '']) assert.equal(findImage(name), undefined, name);
    assert.match(pullError('nginx'), /"docker\.io\/library\/nginx:latest"/);
    assert.match(pullError('registry.example:5000/app:7'), /"registry\.example:5000\/app:7"/);
  });
});

describe('the environment of a container', () => {
  it('holds fields of the pod, values from elsewhere, and references to other variables', async () => {
    const read: DataSource = async (kind, name) => (kind === 'ConfigMap' && name === 'settings' ? { colour: 'red' } : undefined);
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
    const container = {
      name: 'app',
      envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'SET_' }, { secretRef: { name: 'nothing', optional: true } }],
      env: [
        { name: 'NAME', ...field('metadata.name') },
        { name: 'NODE', ...field('spec.nodeName') },
        { name: 'IP', ...field('status.podIP') },
        { name: 'APP', ...field("metadata.labels['app']") },
        { name: 'ZONE', ...field("metadata.labels['topology.kubernetes.io/zone']") },
        { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
        { name: 'URL', value: 'http://$(IP):80/$(UNKNOWN)$$(IP)' },
      ],
    };
    assert.deepEqual(await environmentOf(pod, container, facts, read), {
      SET_colour: 'red', NAME: 'web-1', NODE: 'node-1', IP: '10.200.1.20', APP: 'web', ZONE: 'eu-west-1a', COLOUR: 'red',
      URL: 'http://10.200.1.20:80/$(UNKNOWN)$(IP)',
    });
  });

  it('is refused when a reference leads to nothing', async () => {
    const of = (valueFrom: Record<string, unknown>) => environmentOf(pod, { name: 'app', env: [{ name: 'A', valueFrom }] }, facts, none);
    await assert.rejects(of({ secretKeyRef: { name: 'keys', key: 'a' } }), new ConfigError('secret "keys" not found'));
    await assert.rejects(of({ fieldRef: { fieldPath: 'spec.colour' } }), ConfigError);
    assert.deepEqual(await of({ secretKeyRef: { name: 'keys', key: 'a', optional: true } }), {});
  });

  it('keeps a dollar that is written twice', () => assert.equal(expand('$$ $(A) $(B', { A: '1' }), '$ 1 $(B'));
});

describe('the log of a container', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'firedrill-log-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const all = { tailLines: undefined, sinceSeconds: undefined, sinceTime: undefined, limitBytes: undefined, timestamps: false };

  it('is read back by lines, the last ones or all, with their times or without', () => {
    const log = openContainerLog(join(folder, 'a/0.log'));
    log.write('stdout', Buffer.from('one\ntw'));
    log.write('stderr', Buffer.from('trouble\n'));
    log.write('stdout', Buffer.from('o\nthree'));
    log.end();
    const read = (more: object): string => selectLines(log.read(), { ...all, ...more }, Date.now());
    assert.equal(read({}), 'one\ntrouble\ntwo\nthree\n');
    assert.equal(read({ tailLines: 2 }), 'two\nthree\n');
    assert.equal(read({ tailLines: 0 }), '');
    assert.equal(read({ limitBytes: 5 }), 'one\nt');
    assert.match(read({ tailLines: 1, timestamps: true }), /^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/);
    assert.equal(read({ sinceTime: new Date(Date.now() + 60_000).toISOString() }), '');
  });

  it('is followed until the container ends, and never grows without bounds', () => {
    const log = openContainerLog(join(folder, '0.log'));
    const heard: string[] = [];
    log.follow(({ text }) => heard.push(text.slice(0, 5)), () => heard.push('(end)'));
    for (let index = 0; index < 100; index++) log.write('stdout', Buffer.from(`${index} ${'x'.repeat(10_000)}\n`));
    log.end();
    assert.equal(heard.length, 101);
    assert.equal(heard.at(-1), '(end)');
    assert.ok(log.read().length < 60);
    assert.match(log.read().at(-1)!.text, /^99 /);
  });
});

describe('the ports of a node that lead to pods', () => {
  it('are one table, for what comes from outside, from the node and from the pod itself', () => {
    const rules = renderPorts([{ nodeAddress: '10.200.1.9', podAddress: '10.200.1.20', protocol: 'tcp', hostPort: 4140, containerPort: 8080 }]);
    assert.equal(rules.match(/ip daddr 10\.200\.1\.9 tcp dport 4140 dnat to 10\.200\.1\.20:8080/g)!.length, 2);
    assert.match(rules, /ip saddr 10\.200\.1\.20 ip daddr 10\.200\.1\.20 masquerade/);
  });
});

describe('the probes of a kubelet', () => {
  it('tell what a server answers in the words of the real one', async () => {
    const server = createServer((request, response) => void response.writeHead(request.url === '/good' ? 204 : 503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const container = { name: 'app', ports: [{ name: 'http', containerPort: port }] };
    const target = { address: '127.0.0.1', container, exec: async () => ({ code: 1, output: 'no\n' }) };
    assert.deepEqual(await ask({ httpGet: { path: '/good', port: 'http' } }, target), { good: true, why: '' });
    assert.deepEqual(await ask({ httpGet: { path: '/', port } }, target), { good: false, why: 'HTTP probe failed with statuscode: 503' });
    assert.equal((await ask({ tcpSocket: { port } }, target)).good, true);
    assert.deepEqual(await ask({ exec: { command: ['false'] } }, target), { good: false, why: 'no' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.equal((await ask({ tcpSocket: { port } }, target)).why, `dial tcp 127.0.0.1:${port}: connect: connection refused`);
    assert.match((await ask({ httpGet: { port: 'nothing' } }, target)).why, /Invalid URL/);
  });

  it('change their mind after as many answers in a row as the pod says', async () => {
    const answers = [1, 1, 0, 1, 1, 1, 0];
    const decisions: boolean[] = [];
    const failures: string[] = [];
    let asked = 0;
    const prober = startProber({
      kind: 'Readiness',
      probe: { exec: { command: [] }, periodSeconds: 0.01, failureThreshold: 3 },
      target: { address: '', container: { name: 'app' }, exec: async () => ({ code: answers[asked++] ?? 0, output: 'no' }) },
      decided: (good) => decisions.push(good),
      failed: (why) => failures.push(why),
      isWaiting: () => false,
    });
    while (asked < answers.length + 1) await wait(5);
    prober.stop();
    assert.deepEqual(decisions, [true, false, true]);
    assert.equal(failures.length, 5);
  });
});

describe('the load balancer of the API', () => {
  const listen = async (answer: string): Promise<{ port: number; close(): void }> => {
    const { createServer: createTcpServer } = await import('node:net');
    const sockets = new Set<{ destroy(): void }>();
    const server = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', () => socket.write(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      close() {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  };

  it('forwards to a target, and closes its connections when the target is no longer registered', async () => {
    const target = await listen('hello');
    let targets = ['127.0.0.1'];
    const { port: free, close } = await listen('');
    close();
    const balancer = await startLoadBalancer({ host: '127.0.0.1', port: free, targetPort: target.port, targets: () => targets, checkEveryMs: 10 });
    assert.deepEqual(balancer.healthy(), ['127.0.0.1']);
    const client = connect(free, '127.0.0.1');
    client.write('?');
    const heard = await new Promise<string>((resolve) => client.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    assert.equal(heard, 'hello');
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.on('error', () => {});
    targets = [];
    await closed;
    assert.deepEqual(balancer.healthy(), []);
    balancer.close();
    target.close();
  });
});
