import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { labEnvironmentFile } from '../../lab/index.ts';
import { credentialsPath, startEchoingPlatform, type EchoingPlatform } from '../e2e/echoing-platform.ts';
import { RunsFolder, startFiredrill } from '../e2e/firedrill.ts';
import { shareOfToday } from '../e2e/share-of-today.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { writeQuickDrill } from '../e2e/small-drill.ts';
import { insideLab } from '../e2e/inside-lab.ts';

/** A place where a secret can be: what the environment file and the variables of the harness are then. */
interface Place {
  readonly environment: object;
  readonly variables?: NodeJS.ProcessEnv;
}
/** What places are made of. */
interface Means {
  readonly canary: string;
  readonly http: string;
  readonly etcd: string;
  /** Writes a file beside the environment file and gives its path. */
  file(name: string, text: string): string;
}

const withoutMask = join(import.meta.dirname, '../e2e/without-mask.ts');
const keyPair = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-the-canary-at-all' };

const aws = ({ http }: Means, more: object): object => ({ aws: { region: 'eu-west-1', accountId: '123456789012', endpoint: http, ...more } });
const etcd = ({ etcd: endpoint }: Means, more: object): object => ({ etcd: { endpoints: [endpoint], clusterId: 'cafe', username: 'root', ...more } });
/** AWS repeats the token: the mask has to know it wherever it turns up. */
const prometheus = (means: Means, token: string): object => ({ ...aws(means, { credentials: keyPair }), prometheus: { url: means.http, token } });
const kubernetes = ({ http, file }: Means, user: object, cluster: object = {}): object => {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: http, 'insecure-skip-tls-verify': true, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
  return { kubernetes: { kubeconfig: file('kubeconfig', stringify(kubeconfig)), context: 'c' } };
};
const plugin = (script: string, env: object[] = []): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], env, interactiveMode: 'Never' },
});
const profile = ({ file }: Means, text: string): NodeJS.ProcessEnv => ({ AWS_CONFIG_FILE: file('config', `[profile drills]\n${text}`), AWS_SHARED_CREDENTIALS_FILE: file('credentials', '') });
const credential = (token: string): string => JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });
const processCredential = (secret: object): string => JSON.stringify({ Version: 1, AccessKeyId: 'AKIAPROCESS', SecretAccessKey: 'a-key-of-the-process', ...secret });

const places: Record<string, (means: Means) => Place> = {
  'aws.credentials, written out': (means) => ({ environment: aws(means, { credentials: { ...keyPair, secretAccessKey: means.canary } }) }),
  'aws.credentials, from a variable': (means) => ({ environment: aws(means, { credentials: { ...keyPair, sessionToken: '${env:OUR_TOKEN}' } }), variables: { OUR_TOKEN: means.canary } }),
  'aws.credentials, from a file': (means) => ({ environment: aws(means, { credentials: { ...keyPair, secretAccessKey: `\${file:${means.file('secret', `${means.canary}\n`)}}` } }) }),
  'variable AWS_SECRET_ACCESS_KEY': (means) => ({ environment: aws(means, {}), variables: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: means.canary } }),
  'variable AWS_SESSION_TOKEN': (means) => ({ environment: aws(means, {}), variables: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'not-the-canary', AWS_SESSION_TOKEN: means.canary } }),
  'a profile of AWS': (means) => ({ environment: aws(means, { profile: 'drills' }), variables: profile(means, `aws_access_key_id = AKIA\naws_secret_access_key = ${means.canary}\n`) }),
  'a program that a profile names': (means) => ({
    environment: aws(means, { profile: 'drills' }),
    variables: profile(means, `credential_process = cat ${means.file('answer.json', processCredential({ SessionToken: means.canary }))}\n`),
  }),
  'what a container is authorised with': (means) => ({
    environment: aws(means, {}),
    variables: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${means.http}${credentialsPath}`, AWS_CONTAINER_AUTHORIZATION_TOKEN: means.canary },
  }),
  'etcd.password, written out': (means) => ({ environment: etcd(means, { password: means.canary }) }),
  'etcd.password, from a variable': (means) => ({ environment: etcd(means, { password: '${env:OUR_PASSWORD}' }), variables: { OUR_PASSWORD: means.canary } }),
  'etcd.password, from a file': (means) => ({ environment: etcd(means, { password: `\${file:${means.file('password', means.canary)}}` }) }),
  'prometheus.token, written out': (means) => ({ environment: prometheus(means, means.canary) }),
  'prometheus.token, from a variable': (means) => ({ environment: prometheus(means, '${env:OUR_TOKEN}'), variables: { OUR_TOKEN: means.canary } }),
  'prometheus.token, from a file': (means) => ({ environment: prometheus(means, `\${file:${means.file('token', `${means.canary}\n`)}}`) }),
  'what notify signs with, the token of Slack and a header of OpenTelemetry': (means) => ({
    environment: { ...aws(means, { credentials: keyPair }), notify: { webhooks: { ops: { url: means.http, secret: '${env:OUR_SECRET}' } }, slack: { room: { url: means.http, token: means.canary } } }, opentelemetry: { endpoint: means.http, headers: { authorization: '${env:OUR_SECRET}' } } },
    variables: { OUR_SECRET: means.canary },
  }),
  'the token of a kubeconfig': (means) => ({ environment: kubernetes(means, { token: means.canary }) }),
  'the token file of a kubeconfig': (means) => ({ environment: kubernetes(means, { tokenFile: means.file('token', `${means.canary}\n`) }) }),
  'the password of a kubeconfig': (means) => ({ environment: kubernetes(means, { username: 'operator', password: means.canary }) }),
  'the answer of an exec plugin': (means) => ({ environment: kubernetes(means, plugin(`cat ${means.file('answer.json', credential(means.canary))}`)) }),
  'a variable of an exec plugin': (means) => ({ environment: kubernetes(means, plugin('echo "no login with $PLUGIN_SECRET" >&2; exit 1', [{ name: 'PLUGIN_SECRET', value: means.canary }])) }),
  'an exec plugin that answers nonsense': (means) => ({ environment: kubernetes(means, plugin('echo "token: $PLUGIN_TOKEN"', [{ name: 'PLUGIN_TOKEN', value: means.canary }])) }),
  'the proxy of a kubeconfig': (means) => ({ environment: kubernetes(means, { token: 'not-the-canary' }, { 'proxy-url': `http://user:${means.canary}@127.0.0.1:1` }) }),
};
/** What is never told, mask or no mask. */
const untold = new Set(['an exec plugin that answers nonsense', 'the proxy of a kubeconfig']);
/** What the platform gives us as a secret. */
const tokens: Record<string, (means: Means) => Place> = {
  'the token that etcd gives': (means) => ({ environment: etcd(means, { password: 'not-the-canary-at-all' }) }),
  'the credentials that a container is given': (means) => ({ environment: aws(means, {}), variables: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${means.http}${credentialsPath}` } }),
};

/** In four shares: the file itself has its turn every third day, and all are to meet. */
const placesInADay = 6;

/** Of characters that are valid in all these places, the name of a pod among them. */
const newCanary = (): string => `canary-${randomBytes(12).toString('hex')}`;

/** A text as it may have been written, besides as it is. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex'), encodeURIComponent(secret)];
}

const leaksOf = (texts: Record<string, string>, secret: string): string[] =>
  Object.entries(texts).flatMap(([where, text]) => formsOf(secret).flatMap((form) => (text.includes(form) ? `${where}: …${text.slice(Math.max(0, text.indexOf(form) - 80), text.indexOf(form) + 20)}…` : [])));

/** All files below a folder. */
function filesBelow(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return Object.fromEntries(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path, 'latin1')]));
}

describe('a secret', function () {
  this.timeout('5m');
  let platform: EchoingPlatform;
  let runs: RunsFolder;
  before(async () => {
    platform = await startEchoingPlatform();
  });
  after(() => platform.close());
  beforeEach(() => {
    runs = new RunsFolder();
  });
  afterEach(() => runs.remove());

  const file = (name: string, text: string): string => {
    const path = join(runs.drills(), name);
    writeFileSync(path, text);
    return path;
  };
  /** What the harness says and writes when it is asked to do something there. */
  const say = async ({ environment, variables = {} }: Place, { preload, most }: { preload?: string; most?: number } = {}): Promise<Record<string, string>> => {
    const kind = Object.keys(environment)[0]!;
    const probe = { aws: 'kind: instances-running, every: 1s, timeout: 2s, select: { role: etcd }', etcd: 'kind: etcd-write, every: 1s, timeout: 2s', kubernetes: 'kind: kube-api, every: 1s, timeout: 2s' }[kind];
    const fault = kind === 'kubernetes' ? 'id: f, kind: pod-kill, select: { namespace: shop, pick: 1 }' : 'id: f, kind: instance-terminate, select: { role: etcd, pick: 1 }';
    const drill = writeQuickDrill(runs, fault, probe);
    const env = file('environment.yaml', stringify({ name: 'canaries', lock: { file: 'the-lock' }, ...environment }));
    const { AWS_PROFILE: _profile, ...inherited } = process.env;
    const options = { env: { ...inherited, AWS_EC2_METADATA_DISABLED: 'true', ...variables, ...(preload === undefined ? {} : { NODE_OPTIONS: `--import ${preload}` }) } };
    const texts: Record<string, string> = {};
    // The doctor asks nothing of etcd, and takes a refusal by AWS for its answer; a plan tries for longer.
    const looks = kind === 'kubernetes' ? ['doctor'] : ['plan', drill];
    const all = [looks, ['run', drill, '--yes', '--json', '--out', runs.path], ['recover', '--sweep']];
    const tell = async (args: readonly string[]): Promise<void> => {
      const { stdout, stderr, code } = await startFiredrill([...args, '--env', env], options).ended;
      assert.notEqual(code, -1, `${args[0]} ended by itself`);
      texts[`${args[0]} says`] = stdout + stderr;
    };
    // One way to tell it is enough to show what the mask is for. The last needs the lock that the second has.
    const asked = all.slice(0, preload === undefined ? most : 1);
    await Promise.all(asked.slice(0, 2).map(tell));
    await Promise.all(asked.slice(2).map(tell));
    return { ...texts, ...filesBelow(runs.path) };
  };

  for (const [name, place] of shareOfToday(Object.entries({ ...places, ...tokens }), placesInADay)) {
    it(`stays one: ${name}`, async () => {
      const canary = newCanary();
      if (name in tokens) platform.repeats('', canary);
      else platform.repeats(canary);
      const there = place({ canary, http: platform.http, etcd: platform.etcd, file });
      // What can't be reached is tried again for half a minute by all but the first.
      const [unmasked, masked] = await Promise.all([say(there, { preload: withoutMask }), say(there, untold.has(name) ? { most: 1 } : {})]);
      assert.equal(leaksOf(unmasked, canary).length === 0, untold.has(name), 'without its mask the harness would have told it');
      assert.deepEqual(leaksOf(masked, canary), []);
    });
  }

  it('stays one when a line of a key is in an error, written in the kubeconfig or beside it', async () => {
    const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], { encoding: 'utf8' });
    const line = pem.split('\n')[1]!;
    platform.repeats(line);
    const means = { canary: pem, http: platform.http, etcd: platform.etcd, file };
    const certificate = { 'client-certificate-data': Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64') };
    for (const user of [{ ...certificate, 'client-key-data': Buffer.from(pem).toString('base64') }, { ...certificate, 'client-key': file('key.pem', pem) }]) {
      const there = { environment: kubernetes(means, user) };
      assert.notDeepEqual(leaksOf(await say(there, { preload: withoutMask }), line), []);
      assert.deepEqual(leaksOf(await say(there), line), []);
    }
  });

  const mistakes: Record<string, (canary: string) => string> = {
    'in a line that is no YAML': (canary) => `etcd:\n  password: "${canary}\n  x: 1\n`,
    'under a mistyped key': (canary) => `etcd: { endpoints: [http://x], clusterId: cafe, pasword: ${canary} }\n`,
    'one level off': (canary) => `name: x\npassword: ${canary}\n`,
    'where a list was meant': (canary) => `name: x\naws: { region: r, accountId: "123456789012", credentials: [${canary}] }\n`,
    'in place of a mapping': (canary) => `name: x\naws: { region: r, accountId: "123456789012", credentials: ${canary} }\n`,
    'that is too short to hide': () => `name: x\netcd: { endpoints: ["http://x"], clusterId: cafe, password: zQ7 }\n`,
  };
  for (const [name, text] of Object.entries(mistakes)) {
    it(`is not shown by the error of an environment file that has it ${name}`, async () => {
      const canary = newCanary();
      const { code, stdout, stderr } = await startFiredrill(['doctor', '--env', file('environment.yaml', text(canary))]).ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /environment\.yaml:\d+:\d+ \S/);
      assert.deepEqual([...leaksOf({ doctor: stdout + stderr }, canary), ...leaksOf({ doctor: stderr }, 'zQ7')], []);
    });
  }

  it('is in nothing that a whole drill leaves, though pods of the platform are named after it', async () => {
    const lab = await sharedKubernetesLab();
    const inside = async (...argv: string[]): Promise<string> => (await insideLab(lab, ...argv)).stdout;
    const canary = newCanary();
    const manifest = file('canary.json', JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: canary, namespace: 'shop' },
      spec: { replicas: 2, selector: { matchLabels: { app: canary } }, template: { metadata: { labels: { app: canary } }, spec: { containers: [{ name: 'c', image: 'pause' }] } } },
    }));
    await inside('kubectl', 'apply', '-f', manifest);
    await inside('kubectl', '-n', 'shop', 'rollout', 'status', `deployment/${canary}`, '--timeout=120s');
    const own = parse(readFileSync(await labEnvironmentFile(lab), 'utf8')) as { aws: { credentials?: object }; kubernetes: { kubeconfig: string } };
    const env = file('environment.yaml', stringify({ ...own, aws: { ...own.aws, credentials: { ...keyPair, ...own.aws.credentials, sessionToken: '${env:CANARY}' } } }));
    const drill = file('drill.yaml', `name: canary
title: A pod that is called as a secret is
why: Platforms repeat what they are told.
probes:
  pods: { kind: pods-ready, every: 250ms, timeout: 2s, select: { namespace: shop, owner: deployment/${canary} } }
baseline: { for: 1s }
faults:
  - { id: pod, kind: pod-kill, select: { namespace: shop, owner: deployment/${canary}, pick: 1 } }
slos: [ { name: it is back, probe: pods, recoversWithin: 2m } ]
limits: { pods: 1 }
recovery: { timeout: 3m, stableFor: 1s }
`);
    const args = ['run', drill, '--env', env, '--out', runs.path, '--yes'];
    const { code, stdout, stderr } = await startFiredrill(args, { env: { ...process.env, CANARY: canary } }).ended;
    assert.equal(code, 0, stdout + stderr);
    const texts = { 'the harness says': stdout + stderr, ...filesBelow(runs.path) };
    assert.ok(Object.keys(texts).length > 4, 'journal and reports are there');
    // The token and the key of the lab's own operator are secrets, too.
    const [{ user }] = (parse(readFileSync(own.kubernetes.kubeconfig, 'utf8')) as { users: [{ user: Record<string, string> }] }).users;
    const secrets = [canary, ...Object.entries(user).flatMap(([key, value]) => (/token|key-data|password/.test(key) ? value : []))];
    assert.ok(secrets.length > 1);
    for (const secret of secrets) assert.deepEqual(leaksOf(texts, secret), []);
    assert.match(texts['the harness says'], /\$\{env:CANARY\}/, 'what stands there instead says where it is from');
    await inside('kubectl', '-n', 'shop', 'delete', 'deployment', canary);
  });
});
