import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnvironment } from '../../runner/environment-file.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { createMask } from '../../runner/mask.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import { loadScenario, ScenarioError } from '../../scenarios/load.ts';
import { diceOf, mutate, type Dice } from './mutate.ts';

/** Environment files with all that there is in them. */
const environments = [
  `name: staging
protected: false
aws:
  region: eu-west-1
  accountId: '123456789012'
  profile: staging
etcd:
  endpoints: [https://peer-0.etcd3.eu-west-1.i.staging.example.com:2379, 'https://10.0.0.1:2379']
  clusterId: cdf818194e3a8c32
  tls: { ca: certs/ca.pem, cert: certs/client.pem, key: certs/client-key.pem }
  username: '\${env:CANARY}'
  password: \${file:secret}
kubernetes:
  kubeconfig: ~/.kube/config
  context: staging
  clusterUid: 0b5a7a2e-3c1d-4b6f-9a53-2f8f6f1f0c11
  namespaces: [shop]
roles: { etcd: { role: '*.etcd3' } }
dns: { server: 10.0.0.2 }
lock: { file: /tmp/staging.lock }
limits: { zones: 1, etcdMembersDown: 4 }
`,
  `name: lab
aws: { region: eu-west-1, accountId: '000000000000', endpoint: 'http://169.254.1.1:4566', credentials: { accessKeyId: AKIA, secretAccessKey: a-literal-canary, sessionToken: '\${env:CANARY}' } }
enter: { pid: 1, startTime: 2 }
`,
];

/** What the variable and the file hold that environments name: in no message. */
const canaries = { shell: 'canary-of-the-shell', file: 'canary-of-the-file' };

/** Of processor time, for one file. */
const mostMs = 1_000;

export interface FuzzResult {
  readonly loaded: number;
  readonly refused: number;
  /** Of the slowest file, of this thread's processor time alone: on a busy machine the clock tells nothing. */
  readonly slowestMs: number;
  /** The slowest file's number. */
  readonly slowest: number;
}

/**
 * Has the loaders read mutated files, drills and environments by turns.
 *
 * @throws AssertionError with the seed, the file's number and the file when a loader does anything but load it or refuse it
 */
export async function fuzz({ seed, count }: { seed: number; count: number }): Promise<FuzzResult> {
  const vocabulary = await loadKinds();
  const drills = await Promise.all((await catalogue()).map(async (name) => (await findDrill(name)).text));
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-fuzz-'));
  await writeFile(join(folder, 'secret'), canaries.file);
  const dice = diceOf(seed);
  const pollution = Object.keys(Object.prototype);
  let [loaded, refused, slowestMs, slowest] = [0, 0, 0, 0];
  // The YAML parser makes an error for each slip: its stacks would cost as much as all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (let index = 0; index < count; index += 1) {
      const isDrill = index % 2 === 0;
      const text = mutate(isDrill ? drills : environments, dice);
      const set = isDrill ? setting(dice) : {};
      const load = async (): Promise<void> => {
        if (isDrill) loadScenario(text, { file: 'd.yaml', vocabulary, set });
        else await parseEnvironment(text, join(folder, 'e.yaml'), { variables: { CANARY: canaries.shell }, mask: createMask() });
      };
      const tried = await attempt(load, text);
      if (tried.wrong !== undefined) assert.fail(`seed ${seed}, file ${index}: ${tried.wrong}\n${JSON.stringify(text)}`);
      if (tried.loaded) loaded += 1;
      else refused += 1;
      let { tookMs } = tried;
      // It may have paid for the garbage of those before it, or for code that had not been compiled yet.
      for (let again = 0; again < 2 && tookMs >= mostMs; again += 1) tookMs = Math.min(tookMs, (await attempt(load, text)).tookMs);
      if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, index];
      assert.ok(tookMs < mostMs, `seed ${seed}, file ${index}: ${tookMs} ms\n${JSON.stringify(text.slice(0, 5_000))}`);
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    await rm(folder, { recursive: true });
  }
  assert.deepEqual(Object.keys(Object.prototype), pollution, `seed ${seed}: every object has got new keys`);
  return { loaded, refused, slowestMs, slowest };
}

interface Attempt {
  readonly loaded: boolean;
  /** What a loader may not do. */
  readonly wrong: string | undefined;
  /** Processor time of this thread. */
  readonly tookMs: number;
}

async function attempt(load: () => Promise<void>, text: string): Promise<Attempt> {
  const before = process.threadCpuUsage();
  let refusal: unknown;
  try {
    await load();
  } catch (error) {
    refusal = error;
  }
  const { user, system } = process.threadCpuUsage(before);
  const tookMs = (user + system) / 1_000;
  if (refusal === undefined) return { loaded: true, wrong: undefined, tookMs };
  const wrong = refusal instanceof ScenarioError ? wrongWith(refusal, text) : `it threw ${String(refusal)}`;
  return { loaded: false, wrong, tookMs };
}

function setting(dice: Dice): Record<string, string> {
  return dice.below(4) === 0 ? { zone: dice.pick(['eu-west-1a', '', '__proto__', '$zone', '1']) } : {};
}

/** A refusal's places are in the file, and its words are for people. */
function wrongWith(error: ScenarioError, text: string): string | undefined {
  if (error.problems.length === 0) return 'it was refused for nothing';
  if (Object.values(canaries).some((canary) => error.message.includes(canary))) return `a secret is in its message: ${error.message}`;
  const lines = text.split('\n');
  for (const { at, text: said } of error.problems) {
    if (at && !(at.line >= 1 && at.line <= lines.length && at.column >= 1 && at.column <= lines[at.line - 1]!.length + 1)) {
      return `${at.line}:${at.column} is no place in it: ${said}`;
    }
  }
  // What the file itself says may be said of it.
  const unkind = /undefined|\[object|Invalid input|Invalid string|must match/.exec(error.message)?.[0];
  return unkind !== undefined && !text.includes(unkind) ? `it was refused with ${error.message}` : undefined;
}
