import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Baseline } from '../../runner/gate/baseline.ts';
import { root, startFiredrill, type Ended } from './firedrill.ts';

const suite = `name: before-a-change
drills:
  - { drill: etcd-member-loss, tags: [quick] }
  - { drill: etcd-leader-loss }
gate:
  paths: { terraform/etcd/**: [etcd-leader-loss], terraform/vpc/**: [quick] }
`;

describe('firedrill gate, on the command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-gate-'));
    // A platform of nothing: every drill is bad input there, and nothing is touched.
    file('nothing.yaml', 'name: nothing\n');
    file('suite.yaml', suite);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  async function firedrill(code: number, ...args: string[]): Promise<Ended> {
    const ended = await startFiredrill(args, { cwd: folder }).ended;
    assert.equal(ended.code, code, `firedrill ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`);
    assert.doesNotMatch(ended.stderr, /^\s+at .*:\d+:\d+\)?$/m, 'a stack trace in front of a user');
    return ended;
  }

  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  const wrong: [what: string, args: () => string[], says: RegExp][] = [
    ['nothing to run', () => ['gate'], /missing required argument 'what'/],
    ['a drill that is not there', () => ['gate', 'etcd-member-los'], /there is no drill or file "etcd-member-los"; did you mean etcd-member-loss\?/],
    ['a suite that is wrong', () => ['gate', file('s.yaml', suite.replace('drills:', 'repat: 3\ndrills:'))], /s\.yaml:2:1 repat is not known here; did you mean repeat\?/],
    ['a suite and a drill', () => ['gate', 'suite.yaml', 'etcd-member-loss'], /suite\.yaml is a suite; give one suite, or drills, not both/],
    ['a path that calls for nothing that is there', () => ['gate', file('s.yaml', suite.replace('vpc/**: [quick]', 'vpc/**: [quikc]'))], /gate\.paths\.terraform\/vpc\/\*\* calls for "quikc"/],
    ['a tag that no drill has', () => ['gate', 'suite.yaml', '--only', 'quik'], /--only is "quik", a tag that no drill of this gate has/],
    ['a shard that is none', () => ['gate', 'suite.yaml', '--shard', '3/2'], /--shard is "3\/2"; give which of how many/],
    ['too many repeats', () => ['gate', 'suite.yaml', '--repeat', '51'], /--repeat is "51"; give a whole number from 1 to 50/],
    ['a budget without a unit', () => ['gate', 'suite.yaml', '--within', '90'], /--within is "90"; give a duration with its unit/],
    ['a baseline that is not there', () => ['gate', 'suite.yaml', '--baseline', 'b.json'], /the baseline b\.json can't be read: ENOENT/],
    ['a baseline of a branch where there is no repository', () => ['gate', 'suite.yaml', '--baseline', 'main'], /suite\.baseline\.json on branch main: .*not a git repository/],
    ['changes without a suite', () => ['gate', 'etcd-member-loss', '--changed', 'HEAD~1'], /--changed goes by gate\.paths of a suite, and no suite was given/],
    ['a range that is an option', () => ['gate', 'suite.yaml', '--changed=--output=x'], /--changed is "--output=x"; give a range of git/],
    ['a JUnit file that can not be written', () => ['gate', 'suite.yaml', '--env', 'nothing.yaml', '--junit', 'nothing.yaml/x.xml'], /--junit nothing\.yaml\/x\.xml can't be written: /],
    ['a platform that would be broken without a terminal to ask on', () => ['gate', 'suite.yaml', '--env', 'nothing.yaml'], /breaking environment nothing without a terminal to ask on: say --yes/],
    ['one platform under two names', () => ['gate', file('s.yaml', 'name: s\nenvironments:\n  a: { env: nothing.yaml }\ndrills:\n  - { drill: etcd-member-loss, in: a }\n  - { drill: etcd-leader-loss, beside: [etcd-member-loss] }\n'), '--env', 'nothing.yaml', '--yes'], /are one platform, or have one lock: one drill at a time can run there/],
    ['a baseline of no gate', () => ['baseline', 'update'], /there is no gate in runs; run one first/],
    ['a baseline to show that is not there', () => ['baseline', 'show'], /the baseline firedrill\.baseline\.json can't be read/],
    ['a run of a name that is none', () => ['run', 'etcd-member-loss', '--env', 'nothing.yaml', '--yes', '--id', '../x'], /--id is "\.\.\/x"; give a name such as \d{8}T\d{6}Z-etcd-member-loss-[0-9a-f]{4}/],
    ['a look at nowhere', () => ['whole'], /say which platform to look at, with --env or --lab/],
  ];
  for (const [what, args, says] of wrong) {
    it(`answers ${what} with one clear message and exit code 2`, async () => {
      assert.match((await firedrill(2, ...args())).stderr, says);
    });
  }

  it('runs each drill as firedrill run would, and tells how each ended, on the terminal and in its files', async () => {
    const { stdout } = await firedrill(2, 'gate', 'suite.yaml', '--env', 'nothing.yaml', '--yes', '--junit', 'out/junit.xml');
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /^✗ bad input {2}etcd-member-loss {2}.*, 1 of 2 {2}fault member: the environment file names no etcd/);
    assert.match(lines[1]!, /^✗ bad input {2}etcd-leader-loss {2}.*, 2 of 2 {2}/);
    assert.ok(lines.includes('✗ Bad input: etcd-member-loss, etcd-leader-loss (exit 2)'), stdout);
    assert.match(readFileSync(join(folder, 'out/junit.xml'), 'utf8'), /<testsuite name="etcd-leader-loss"/);
    const [gate] = readdirSync(join(folder, 'runs'));
    assert.match(gate!, /^\d{8}T\d{6}Z-gate-[0-9a-f]{4}$/);
    const files = readdirSync(join(folder, 'runs', gate!)).sort();
    assert.equal(files.filter((name) => name.endsWith('.log')).length, 2);
    const record = JSON.parse(readFileSync(join(folder, 'runs', gate!, 'gate.json'), 'utf8')) as { exitCode: number; runs: { exitCode: number }[] };
    assert.deepEqual([record.exitCode, record.runs.map(({ exitCode }) => exitCode)], [2, [2, 2]]);
  });

  it('looks whether a platform is whole', async () => {
    assert.equal((await firedrill(0, 'whole', '--env', 'nothing.yaml')).stdout, 'nothing is whole\n');
    assert.deepEqual(JSON.parse((await firedrill(0, 'whole', '--env', 'nothing.yaml', '--json')).stdout), { environment: 'nothing', lacks: [] });
  });

  it('--json prints an object a line; --fail-fast runs nothing more, and says so', async () => {
    const { stdout } = await firedrill(2, 'gate', 'suite.yaml', '--env', 'nothing.yaml', '--yes', '--json', '--fail-fast');
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string; drill?: string; why?: string; exitCode?: number });
    assert.deepEqual(lines.map(({ type, drill }) => [type, drill]), [['run.begun', 'etcd-member-loss'], ['run.ended', 'etcd-member-loss'], ['run.not-run', 'etcd-leader-loss'], ['gate.ended', undefined]]);
    assert.match(lines[2]!.why ?? '', /--fail-fast was given/);
    assert.equal(lines[3]!.exitCode, 2);
  });

  it('runs only what changes call for, and passes when they call for nothing', async () => {
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
    file('README.md', 'x');
    file('terraform/vpc/a b.tf', 'x');
    git('add', 'README.md');
    git('commit', '-qm', 'two');
    assert.match((await firedrill(0, 'gate', 'suite.yaml', '--env', 'nothing.yaml', '--yes', '--changed', 'HEAD~1')).stdout, /Nothing to run/);
    git('add', '.');
    git('commit', '-qm', 'three');
    const { stdout } = await firedrill(2, 'gate', 'suite.yaml', '--env', 'nothing.yaml', '--yes', '--changed', 'HEAD~1..HEAD');
    assert.match(stdout, /etcd-member-loss .*1 of 1/);
    assert.doesNotMatch(stdout, /etcd-leader-loss/);
    assert.match((await firedrill(2, 'gate', 'suite.yaml', '--changed', 'nowhere..HEAD')).stderr, /--changed nowhere\.\.HEAD: .*nowhere/);
  });

  it('ends with 130 on Ctrl-C while it looks at a platform that is silent, and says what was not run', async () => {
    const silent: Server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    file('silent.yaml', `name: silent\netcd: { endpoints: ['http://127.0.0.1:${port}'], clusterId: cafe }\n`);
    const asked = new Promise((resolve) => silent.once('connection', resolve));
    const running = startFiredrill(['gate', 'suite.yaml', '--env', 'silent.yaml', '--yes'], { cwd: folder });
    await asked;
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    silent.close();
    assert.equal(code, 130, stdout);
    assert.match(stdout, /^not run, as interrupted: etcd-member-loss, etcd-leader-loss$/m);
  });

  describe('with a baseline', () => {
    const journal = join(root, 'test/journals/etcd-zone-plus-one.ndjson');

    /** What a gate would have left, of one saved run that held and one that did not. */
    function aGate(): string {
      const gate = '20260101T000000Z-gate-cafe';
      const runs = ['a', 'b'].map((digit) => `20260101T000000Z-etcd-zone-plus-one-000${digit}`);
      for (const run of runs) {
        mkdirSync(join(folder, 'runs', run), { recursive: true });
        cpSync(journal, join(folder, 'runs', run, 'journal.ndjson'));
      }
      const record = {
        schemaVersion: 1, gate, suite: 'drills', baselinePath: 'firedrill.baseline.json',
        runs: runs.map((run, index) => ({ drill: 'etcd-zone-plus-one', run, exitCode: index, measure: 'm' })),
      };
      file(`runs/${gate}/gate.json`, JSON.stringify(record));
      return gate;
    }

    it('makes one of the runs that held, into a file or a folder, and shows it', async () => {
      const gate = aGate();
      const { stdout } = await firedrill(0, 'baseline', 'update');
      assert.match(stdout, /^etcd-zone-plus-one: 1 of 2 runs did not hold, and do not count$/m);
      assert.match(stdout, new RegExp(`^firedrill\\.baseline\\.json: etcd-zone-plus-one as measured by gate ${gate}; commit it$`, 'm'));
      const text = readFileSync(join(folder, 'firedrill.baseline.json'), 'utf8');
      const { drills } = JSON.parse(text) as Baseline;
      assert.equal(drills['etcd-zone-plus-one']!.runs, 1);
      assert.match((await firedrill(0, 'baseline', 'show')).stdout, /^etcd-zone-plus-one +every group is whole again \(recovery\) +\S+ s ± /m);
      assert.equal((await firedrill(0, 'baseline', 'show', '--json')).stdout, text);
      await firedrill(0, 'baseline', 'update', gate, '--baseline', 'baselines/');
      assert.deepEqual(readdirSync(join(folder, 'baselines')), ['etcd-zone-plus-one.json']);
      assert.equal((await firedrill(0, 'baseline', 'show', 'baselines', '--json')).stdout, text);
    });

    it('takes it from the branch main, and says what can not be compared', async () => {
      aGate();
      await firedrill(0, 'baseline', 'update');
      git('init', '-q', '-b', 'main');
      git('add', '.');
      git('commit', '-qm', 'baseline');
      // As a CI system checks out: main is there only as it was fetched.
      git('checkout', '-q', '--detach');
      git('update-ref', 'refs/remotes/origin/main', 'main');
      git('branch', '-q', '-D', 'main');
      rmSync(join(folder, 'firedrill.baseline.json'));
      assert.match((await firedrill(0, 'baseline', 'show', 'main')).stdout, /etcd-zone-plus-one/);
      const { stdout } = await firedrill(2, 'gate', 'etcd-zone-plus-one', '--baseline', 'main', '--env', 'nothing.yaml', '--yes');
      assert.match(stdout, /^Beside the baseline \(firedrill\.baseline\.json on branch main\)\n\? etcd-zone-plus-one is not compared: it has no run that measured anything$/m);
    });
  });
});
