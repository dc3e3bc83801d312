import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isSuite, loadSuite, suiteOf } from '../../scenarios/load-suite.ts';
import { ScenarioError } from '../../scenarios/load.ts';
import { fileJsonSchema } from '../../scenarios/json-schema.ts';
import { suiteSchema } from '../../scenarios/suite.ts';
import { violations } from './json-schema-validator.ts';

const good = `name: before-a-change
repeat: 10
slower: 15%
within: 2h
environments:
  ireland: { env: environments/ireland.yaml }
  frankfurt: { lab: frankfurt }
drills:
  - drill: etcd-leader-loss
    in: ireland
    set: { whole-again-within: 90s, zone: eu-west-1a }
  - drill: drills/zone.yaml
    id: frankfurt-zone
    in: frankfurt
    tags: [slow]
    repeat: 3
    slower: 25%
    after: [etcd-member-loss]
    beside: [etcd-leader-loss]
  - { drill: etcd-member-loss, in: frankfurt }
gate:
  paths:
    terraform/etcd/**: [etcd]
    terraform/vpc/**: [frankfurt-zone]
`;

function problemsOf(text: string): string[] {
  try {
    loadSuite(text, 's.yaml');
  } catch (error) {
    assert(error instanceof ScenarioError, String(error));
    assert.equal(error.exitCode, 2);
    return error.message.split('\n').map((line) => line.replace('s.yaml:', ''));
  }
  throw new assert.AssertionError({ message: `this suite was accepted:\n${text}` });
}

describe('loading a suite', () => {
  it('reads durations and percentages, gives each drill an id, a line and defaults', () => {
    const suite = loadSuite(good, 's.yaml');
    assert.deepEqual([suite.name, suite.repeat, suite.slower, suite.within, suite.whole.within], ['before-a-change', 10, 0.15, 7_200_000, 300_000]);
    assert.deepEqual(suite.drills.map(({ id, line, repeat, slower, after, beside }) => [id, line, repeat, slower, after, beside]), [
      ['etcd-leader-loss', 9, undefined, undefined, [], []],
      ['frankfurt-zone', 12, 3, 0.25, ['etcd-member-loss'], ['etcd-leader-loss']],
      ['etcd-member-loss', 20, undefined, undefined, [], []],
    ]);
    assert.deepEqual(suite.drills[0]?.set, { 'whole-again-within': '90s', zone: 'eu-west-1a' });
  });

  it('makes one of drills that are named, by name or path', () => {
    const { drills, repeat, slower } = suiteOf(['etcd-leader-loss', './mine/zone.yaml']);
    assert.deepEqual(drills.map(({ id, drill, line }) => [id, drill, line]), [['etcd-leader-loss', 'etcd-leader-loss', null], ['zone', './mine/zone.yaml', null]]);
    assert.deepEqual([repeat, slower], [1, 0.1]);
  });

  it('is told from a drill', () => {
    assert.equal(isSuite(good), true);
    assert.equal(isSuite('name: x\nfaults: []\n'), false);
    assert.equal(isSuite('- no\n'), false);
    assert.equal(isSuite('{'), false);
  });

  const cases: [what: string, from: string, to: string, problems: string[]][] = [
    ['an unknown key', 'repeat: 10', 'repat: 10', ['2:1 repat is not known here; did you mean repeat? (keys: name, title, environments, repeat, slower, within, whole, baseline, drills, gate)']],
    ['a missing unit', 'within: 2h', 'within: 2', ['4:9 within is 2; its unit is missing; write 2ms, 2s or 2m']],
    ['too many repeats', 'repeat: 3', 'repeat: 500', ['16:13 drills[1].repeat is 500; give at most 50']],
    ['no percentage', '25%', '0.25', ['17:13 drills[1].slower is 0.25; give a percentage from 0% to 100%, such as 99.95%']],
    ['a platform that is two', '{ lab: frankfurt }', '{ lab: a, env: b }', ['7:14 environments.frankfurt is a mapping of lab, env; give env or lab, one of the two']],
    ['an environment that is not there', 'in: ireland', 'in: irland', ['10:9 drills[0].in is "irland"; did you mean ireland? (environments: ireland, frankfurt)', '18:15 nothing']],
    ['two drills of one name', 'id: frankfurt-zone', 'id: etcd-leader-loss', ['12:5 drills[1] is "etcd-leader-loss", as drills[0] is; give one of them an id of its own']],
    ['a drill after one that is not there', '[etcd-member-loss]', '[etcd-member-los]', ['18:13 drills[1].after[0] is "etcd-member-los"; did you mean etcd-member-loss? (drills of this suite: etcd-leader-loss, frankfurt-zone, etcd-member-loss)']],
    ['a drill after itself', '[etcd-member-loss]', '[frankfurt-zone]', ['18:13 drills[1].after[0] is "frankfurt-zone"; give another drill: this is itself']],
    ['a circle', '{ drill: etcd-member-loss, in: frankfurt }', '{ drill: etcd-member-loss, in: frankfurt, after: [frankfurt-zone] }', ['18:12 drills[1].after makes a circle, frankfurt-zone after etcd-member-loss after frankfurt-zone; leave one of them out']],
    [
      'drills beside each other in one environment',
      'beside: [etcd-leader-loss]',
      'beside: [etcd-member-loss]',
      ['19:14 drills[1].beside[0] is "etcd-member-loss", and both run in environment frankfurt, which is locked for one drill at a time: what one breaks the other would measure; give one of them another environment with "in", or leave it out'],
    ],
    ['a glob that is none', 'terraform/vpc/**', '/terraform/[a-z]', ['24:5 gate.paths./terraform/[a-z] is no glob that is understood; write it from the top of the repository, with *, **, ? and {a,b}']],
    ['no drills', good.slice(good.indexOf('drills:'), good.indexOf('gate:')), 'drills: []\n', ['8:9 drills is an empty list; give at least 1']],
  ];
  for (const [what, from, to, problems] of cases) {
    it(`refuses ${what}, with line and column`, () => {
      const text = good.replace(from, () => to);
      assert.notEqual(text, good);
      assert.deepEqual(problemsOf(text).slice(0, 1), problems.slice(0, 1));
    });
  }

  it('refuses drills beside each other where neither says in which environment', () => {
    const text = 'name: s\ndrills:\n  - { drill: a, beside: [b] }\n  - { drill: b }\n';
    assert.match(problemsOf(text)[0]!, /^3:26 drills\[0\]\.beside\[0\] is "b", and both run in the environment of the command line, which is locked for one drill at a time/);
  });

  it('refuses what is no suite in one line', () => {
    assert.deepEqual(problemsOf('- a\n'), ['1:1 the suite is a list of 1; give a mapping with name and drills']);
    assert.match(problemsOf('a: b: c\n')[0]!, /^1:\d+ this is not the YAML of a suite/);
    assert.deepEqual(problemsOf(''), ['1:1 the file is empty; give a suite']);
  });
});

describe('the JSON Schema of suites', () => {
  const shipped = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/suite.schema.json'), 'utf8')) as Record<string, unknown>;

  it('ships as it is made', () => assert.deepEqual(shipped, JSON.parse(JSON.stringify(fileJsonSchema(suiteSchema, 'A suite of drills for firedrill gate'))), 'it is out of date; run: npm run schema'));

  it('accepts a suite, and not what is no suite', () => {
    assert.deepEqual(violations(shipped, parse(good)), []);
    assert.match(violations(shipped, parse(good.replace('repeat: 10', 'repat: 10')))[0] ?? '', /repat is not allowed/);
    assert.notDeepEqual(violations(shipped, parse(good.replace('within: 2h', 'within: 2'))), []);
  });
});
