import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit, firedrill, main } from '../e2e/firedrill.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';

/** The real `kubectl`, as people type it, from outside of the lab. */
describe('kubectl on the cluster of the lab', () => {
  let lab: string;
  let folder: string;
  beforeEach(async function () {
    this.timeout('5m');
    lab = await sharedKubernetesLab();
    folder = mkdtempSync(join(tmpdir(), 'firedrill-kubectl-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const inside = (...args: string[]): string[] => ['lab', 'exec', '--lab', lab, '--', 'kubectl', ...args];
  const kubectl = async (...args: string[]): Promise<string> => (await expectExit(0, ...inside(...args))).stdout;
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr, stdout } = await firedrill(...inside(...args));
    assert.notEqual(code, 0, stdout);
    return `${stdout}${stderr}`;
  };
  const file = (name: string, object: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(object));
    return path;
  };
  const deployment = (replicas: number, more: object = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tried', namespace: 'default', labels: { app: 'tried' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'tried' } },
      template: {
        metadata: { labels: { app: 'tried' } },
        spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'pause', ...more }] },
      },
    },
  });

  it('applies, tells what changed, and refuses what is wrong as the real server does', async () => {
    assert.equal(await kubectl('apply', '-f', file('one.json', deployment(1))), 'deployment.apps/tried created\n');
    assert.equal(await kubectl('apply', '-f', file('one.json', deployment(1))), 'deployment.apps/tried unchanged\n');
    assert.equal(await kubectl('apply', '-f', file('two.json', deployment(2))), 'deployment.apps/tried configured\n');
    assert.match(await kubectl('diff', '-f', file('two.json', deployment(2))).catch(() => 'differs'), /^$/);
    assert.match(await refused('apply', '-f', file('bad.json', deployment(2, { imgae: 'x' }))), /strict decoding error: unknown field "spec\.template\.spec\.containers\[0\]\.imgae"/);
    assert.equal(await kubectl('apply', '--server-side', '--force-conflicts', '-f', file('two.json', deployment(2))), 'deployment.apps/tried serverside-applied\n');
    assert.equal(await kubectl('delete', 'deployment', 'tried'), 'deployment.apps "tried" deleted\n');
  });

  it('waits for conditions, for deletions, and not for ever', async () => {
    await kubectl('apply', '-f', file('one.json', deployment(2)));
    assert.equal(await kubectl('wait', '--for=condition=Available', 'deployment/tried', '--timeout=60s'), 'deployment.apps/tried condition met\n');
    assert.match(await kubectl('wait', '--for=condition=Ready', 'pods', '-l', 'app=tried', '--timeout=60s'), /^(pod\/tried-\S+ condition met\n){2}$/);
    assert.match(await kubectl('wait', '--for=jsonpath={.status.readyReplicas}=2', 'deployment/tried', '--timeout=60s'), /condition met/);
    assert.match(await refused('wait', '--for=delete', 'deployment/tried', '--timeout=1s'), /timed out waiting for the condition/);
    await kubectl('delete', 'deployment', 'tried', '--wait=false');
    assert.equal(await kubectl('wait', '--for=delete', 'pods', '-l', 'app=tried', '--timeout=60s').then(() => 'gone'), 'gone');
  });

  it('watches: get -w prints each change', async () => {
    const child = spawn(process.execPath, [main, ...inside('get', 'pods', '-l', 'app=tried', '-w', '--no-headers', '-v=6')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    // With -v=6 it names each request once it is answered: from the watch's on it misses nothing.
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (/watch=true.* 200 OK/.test(said)) resolve();
      });
      child.once('close', (code) => reject(new Error(`kubectl ended with ${code}: ${said}`)));
    });
    await kubectl('apply', '-f', file('one.json', deployment(1)));
    await kubectl('rollout', 'status', 'deployment/tried', '--timeout=60s');
    await kubectl('delete', 'deployment', 'tried');
    await kubectl('wait', '--for=delete', 'pods', '-l', 'app=tried', '--timeout=60s');
    child.kill('SIGTERM');
    await once(child, 'close');
    for (const state of [/Pending/, /ContainerCreating/, /1\/1 +Running/, /Terminating/]) assert.match(seen, state);
  });

  it('scales with conditions, labels, annotates, taints and explains itself', async () => {
    await kubectl('apply', '-f', file('one.json', deployment(1)));
    assert.match(await refused('scale', 'deployment/tried', '--current-replicas=7', '--replicas=2'), /Expected replicas to be 7, was 1/);
    assert.equal(await kubectl('scale', 'deployment/tried', '--replicas=2'), 'deployment.apps/tried scaled\n');
    await kubectl('rollout', 'status', 'deployment/tried', '--timeout=60s');
    assert.equal(await kubectl('label', 'deployment', 'tried', 'tier=front'), 'deployment.apps/tried labeled\n');
    assert.match(await refused('label', 'deployment', 'tried', 'tier=back'), /already has a value \(front\), and --overwrite is false/);
    assert.equal(await kubectl('annotate', 'deployment', 'tried', 'note=hello'), 'deployment.apps/tried annotated\n');
    assert.match(await kubectl('describe', 'deployment', 'tried'), /Replicas: +2 desired \| 2 updated \| 2 total \| 2 available/);
    assert.match(await kubectl('get', 'events', '-A'), /ScalingReplicaSet/);
    assert.match(await kubectl('api-resources', '--api-group=apps'), /^deployments +deploy +apps\/v1 +true +Deployment$/m);
    await kubectl('delete', 'deployment', 'tried');
  });

  it('asks what one may do', async () => {
    assert.equal(await kubectl('auth', 'can-i', 'delete', 'pods', '-n', 'shop'), 'yes\n');
    await kubectl('create', 'serviceaccount', 'reader');
    await kubectl('create', 'role', 'reader', '--verb=get,list', '--resource=pods', '-n', 'shop');
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader', '-n', 'shop');
    const reader = '--as=system:serviceaccount:default:reader';
    assert.equal(await kubectl('auth', 'can-i', 'list', 'pods', '-n', 'shop', reader), 'yes\n');
    assert.match(await refused('auth', 'can-i', 'delete', 'pods', '-n', 'shop', reader), /^no/);
    assert.match(await refused('delete', 'pods', '--all', '-n', 'shop', reader), /Forbidden|forbidden/);
  });

  it('execs, copies what a container says, and follows its log', async () => {
    const pods = (await kubectl('-n', 'shop', 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    assert.match(await kubectl('-n', 'shop', 'exec', pods[0]!, '--', 'hostname'), new RegExp(pods[0]!));
    assert.match(await refused('-n', 'shop', 'exec', pods[0]!, '--', 'sh', '-c', 'exit 7'), /exit code 7/);
    const typed = spawn('script', ['-qec', [process.execPath, main, ...inside('-n', 'shop', 'exec', '-it', pods[0]!, '--', 'sh', '-c', '"tty; echo >/dev/null && echo there"')].join(' '), '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let shown = '';
    typed.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    await once(typed, 'close');
    assert.match(shown, /\/dev\/pts\/\d+\s+there/, 'a terminal');
    assert.match(await kubectl('-n', 'shop', 'logs', pods[0]!, '--tail=5'), /./);
    assert.match(await kubectl('-n', 'shop', 'logs', '-l', 'app=web', '--prefix', '--tail=1'), /\[pod\/web-/);
  });
});
