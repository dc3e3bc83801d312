import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectExit } from './firedrill.ts';

describe('the command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('tells its version and its help', async () => {
    assert.match((await expectExit(0, '--version')).stdout, /^\d+\.\d+\.\d+\n$/);
    const { stdout } = await expectExit(0, '--help');
    for (const command of ['run', 'plan', 'validate', 'report', 'schema', 'lab']) assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  });

  it('validates the whole catalogue', async () => {
    const { stdout } = await expectExit(0, 'validate');
    assert.match(stdout, /^etcd-zone-plus-one: Lose a whole zone and one more etcd member$/m);
    assert.match(stdout, /^(\d+) of \1 drills are valid$/m);
  });

  it('prints a JSON Schema', async () => {
    const { stdout } = await expectExit(0, 'schema');
    assert.match((JSON.parse(stdout) as { $schema: string }).$schema, /json-schema\.org\/draft\/2020-12/);
  });

  const wrong: [name: string, args: () => string[], says: RegExp][] = [
    ['an unknown command', () => ['rnu'], /unknown command 'rnu'/],
    ['Kubernetes for a lab without', () => ['lab', 'up', '--kube-assets', folder], /^--kube-assets \S+ is for a lab with Kubernetes; give --kubernetes as well$/m],
    ['an unknown option', () => ['run', 'etcd-member-loss', '--sed', '1'], /unknown option '--sed'\n.*--seed/],
    ['a drill that does not exist', () => ['run', 'etcd-member-los'], /there is no drill or file "etcd-member-los"; did you mean etcd-member-loss\?/],
    ['a seed that is no number', () => ['run', 'etcd-member-loss', '--seed', 'x'], /--seed is "x"; give a whole number/],
    ['a parameter without a value', () => ['run', 'etcd-member-loss', '--set', 'zone'], /--set is "zone"; give name=value/],
    ['a parameter that the drill does not have', () => ['run', 'etcd-member-loss', '--set', 'zoen=x'], /zoen/],
    ['an undo timeout that is none', () => ['run', 'etcd-member-loss', '--undo-timeout', 'soon'], /--undo-timeout is "soon"; give a duration with its unit/],
    ['a timeout without a unit', () => ['run', 'etcd-member-loss', '--recovery-timeout', '90'], /--recovery-timeout is "90"; give a duration with its unit/],
    ['an environment file that is not there', () => ['run', 'etcd-member-loss', '--env', join(folder, 'no.yaml')], /the environment file .*no\.yaml can't be read: ENOENT/],
    ['a lab that is not up', () => ['run', 'etcd-member-loss', '--lab', 'nowhere'], /lab nowhere is not up/],
    ['both an environment and a lab', () => ['run', 'etcd-member-loss', '--env', 'a', '--lab', 'b'], /give --env or --lab, not both/],
    ['a broken environment file', () => ['plan', 'etcd-member-loss', '--env', file('e.yaml', 'name: x\naws: { region: r, accountId: "1" }\n')], /e\.yaml:2:\d+ aws\.accountId is "1"; give the twelve digits/],
    ['the environment of a lab that is gone', () => ['plan', 'etcd-member-loss', '--env', file('e.yaml', 'name: x\nenter: { pid: 1, startTime: 1 }\n')], /process 1, in whose namespaces this platform lives, is gone/],
    ['a run that is not there', () => ['report', join(folder, 'no')], /can't be read: ENOENT.*give the folder of a run/],
    ['a sweep of nowhere', () => ['recover', '--sweep'], /say which platform to sweep, with --env or --lab/],
    ['a sweep of one run', () => ['recover', 'a-run', '--sweep', '--lab', 'x'], /--sweep puts back what all runs have left: leave a-run out, or --sweep/],
    ['a run to recover that is not there', () => ['recover', '20260101T000000Z-a-drill-cafe', '--out', folder], /there is no run 20260101T000000Z-a-drill-cafe in .*; say where its runs are kept with --out/],
    ['a platform that lacks what the drill breaks', () => ['run', 'etcd-member-loss', '--env', file('e.yaml', 'name: x\n')], /fault member: the environment file names no etcd/],
  ];
  for (const [name, args, says] of wrong) {
    it(`answers ${name} with one clear message and exit code 2`, async () => {
      const { stderr } = await expectExit(2, ...args());
      assert.match(stderr, says);
    });
  }

  it('recovers a run that died before it had begun: there is nothing to do', async () => {
    const run = join(folder, '20260101T000000Z-a-drill-cafe');
    mkdirSync(run);
    writeFileSync(join(run, 'journal.ndjson'), '');
    const { stdout } = await expectExit(0, 'recover', '--out', folder);
    assert.equal(stdout, 'run 20260101T000000Z-a-drill-cafe has left nothing to undo: it died before it had begun\n');
  });

  it('tells every problem of a drill with line and column', async () => {
    const path = file('drill.yaml', [
      'name: drill', 'title: A drill', 'why: To see.',
      'probes:', '  writes: { kind: etcd-wirte, every: 20 }',
      'baseline: { for: 5s }', 'colour: red',
      'faults:', '  - { id: f, kind: instance-terminate, at: 0s, select: { role: etcd, pick: 3x } }',
      'slos:', '  - { name: s, probe: wrties, always: true }',
      'recovery: { timeout: 1m, stableFor: 1s }', '',
    ].join('\n'));
    const { stderr } = await expectExit(2, 'validate', path);
    assert.match(stderr, /drill\.yaml:5:\d+ probes\.writes\.kind is "etcd-wirte"; did you mean etcd-write\?/);
    assert.match(stderr, /drill\.yaml:7:1 colour is not known here/);
    assert.match(stderr, /drill\.yaml:9:\d+ faults\[0\]\.select\.pick is "3x"; give a number, a percentage such as 50%, or one of all, minority/);
    assert.match(stderr, /drill\.yaml:11:\d+ slos\[0\]\.probe is "wrties"/);
    assert.match(stderr, /drill\.yaml:5:\d+ .*its unit is missing; write 20ms, 20s or 20m/);
  });
});
