import assert from 'node:assert/strict';
import { loadScenario, ScenarioError } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { goodDrill, vocabulary } from './vocabulary.ts';

type Set = Record<string, string>;

function load(text: string, set: Set = {}): Scenario {
  return loadScenario(text, { file: 'd.yaml', set, vocabulary });
}

/** The message's lines, without the file's name. */
function problemsOf(text: string, set: Set = {}): string[] {
  try {
    load(text, set);
  } catch (error) {
    assert(error instanceof ScenarioError, String(error));
    assert.equal(error.exitCode, 2);
    const lines = error.message.split('\n');
    assert.equal(lines.length, error.problems.length);
    return lines.map((line) => line.replace('d.yaml:', ''));
  }
  throw new assert.AssertionError({ message: `this drill was accepted:\n${text}` });
}

function change(from: string | RegExp, to: string): string {
  const changed = goodDrill.replace(from, () => to);
  assert.notEqual(changed, goodDrill, `the drill has no ${String(from)}`);
  return changed;
}

/** A problem of a scalar or a key must point at its first character. */
function assertPointsAtIt(text: string, problem: string): void {
  const [, line, column, path, what] = /^(\d+):(\d+) (\S+) (.*)$/.exec(problem)!;
  const there = text.split('\n')[Number(line) - 1]!.slice(Number(column) - 1);
  const key = path!.split(/[.[]/).at(-1)!;
  const value = /^is (?:"([^"]+)"|([\d.$][\w.$]*))[;,]/.exec(what!);
  if (value) assert.ok(there.replace(/^"/, '').startsWith(value[1] ?? value[2]!), `${problem} points at ${there}`);
  else if (/^(is|are) (not known|not used|given twice|a merge key|not allowed)|^means nothing/.test(what!)) {
    assert.ok(there.startsWith(key), `${problem} points at ${there}`);
  }
}

type Case = [what: string, text: string, problems: string[], set?: Set];

function table(cases: Case[]): void {
  for (const [what, text, problems, set] of cases) {
    it(what, () => {
      const found = problemsOf(text, set);
      assert.deepEqual(found, problems);
      for (const problem of found) assertPointsAtIt(text, problem);
    });
  }
}

describe('loading a drill', () => {
  it('reads durations as milliseconds, percentages as ratios, and fills in defaults', () => {
    const drill = load(change('longestOutage: 5s', 'errorBudget: { slo: 99.95%, window: 30d, spend: 1.5% }'));
    assert.deepEqual(drill.baseline, { for: 3_000, within: 60_000 });
    assert.deepEqual(drill.slos[0]?.errorBudget, { slo: 0.9995, window: 2_592_000_000, spend: 0.015 });
    assert.deepEqual(drill.limits, { quorumLoss: 'refuse' });
    assert.deepEqual(drill.abort, []);
    assert.deepEqual(drill.probes.writes, { kind: 'etcd-write', every: 20, hedge: 200, via: 'any' });
  });

  it('reads any as one zone wherever a parameter stands, and tells what it stands for', () => {
    const drill = load(goodDrill);
    assert.deepEqual(drill.faults[0]?.select?.zone, { any: 'zone' });
    assert.deepEqual(drill.faults[1]?.select?.notZone, { any: 'zone' });
    assert.deepEqual(drill.parameters, {
      zone: { description: 'the zone to lose', value: 'any', usedAt: ['faults[0].select.zone', 'faults[1].select.notZone'] },
    });
  });

  it('puts the zone that was set in place of its parameter', () => {
    const drill = load(goodDrill, { zone: 'eu-west-1a' });
    assert.equal(drill.faults[0]?.select?.zone, 'eu-west-1a');
    assert.equal(drill.parameters.zone?.value, 'eu-west-1a');
  });

  it('keeps an any without a parameter apart from all others', () => {
    const drill = load(change('select: { role: etcd }', 'select: { zone: any }').replace('notZone: $zone', 'zone: any'));
    assert.deepEqual(drill.faults[1]?.select?.zone, { any: 'fault extra' });
    assert.deepEqual(drill.probes.groups?.select?.zone, { any: 'probe groups' });
  });

  it('reads a number that was set as a number', () => {
    const text = change('pick: 1', 'pick: $count').replace('parameters:', 'parameters:\n  count: { default: 1, description: how many }');
    assert.equal(load(text, { count: '2' }).faults[1]?.select?.pick, 2);
    assert.equal(load(text, { count: '50%' }).faults[1]?.select?.pick, '50%');
  });

  it('takes two dollars for one, and a dollar within a text for itself', () => {
    assert.equal(load(change('title: Lose a zone', 'title: $$zone')).title, '$zone');
    assert.equal(load(change('title: Lose a zone', 'title: costs $zone dollars')).title, 'costs $zone dollars');
    assert.equal(load(change('title: Lose a zone', 'title: $ 5 lost')).title, '$ 5 lost');
  });

  it('gives objects that no key has poisoned', () => {
    problemsOf(change('{ role: etcd }', '{ tags: { __proto__: x, constructor: y } }'));
    assert.equal(({} as Record<string, unknown>).x, undefined);
    assert.deepEqual(load(change('{ role: etcd }', '{ tags: { toString: x } }')).probes.groups?.select?.tags, { toString: 'x' });
  });

  it('wants a drill of the catalogue to be named as its file', () => {
    const options = { file: 'd.yaml', vocabulary, catalogueName: 'lose-two' };
    assert.throws(() => loadScenario(goodDrill, options), {
      name: 'ScenarioError',
      message: 'd.yaml:1:7 name is "lose-a-zone"; give lose-two, the name of its file',
    });
  });

  it('tells all problems at once, in the order of the file', () => {
    const text = goodDrill
      .replace('title: Lose a zone\n', '')
      .replace('every: 20ms', 'every: 20')
      .replace('id: zone', 'idd: zone')
      .replace('probe: groups', 'probe: group')
      .replace('pick: 1', 'pick: 3x');
    assert.deepEqual(problemsOf(text), [
      '1:1 title is missing; give a text',
      '6:38 probes.writes.every is 20; its unit is missing; write 20ms, 20s or 20m',
      '10:5 faults[0].id is missing; give a name of small letters, digits and dashes that starts with a letter',
      '10:7 faults[0].idd is not known here; did you mean id? (keys: id, kind, at, after, for, rolling, select)',
      '11:84 faults[1].select.pick is "3x"; give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone',
      '14:38 slos[1].probe is "group"; did you mean groups? (probes: writes, groups)',
    ]);
  });
});

describe('a drill that is not YAML', () => {
  table([
    ['is empty', '', ['1:1 the file is empty; give a drill']],
    ['has only a comment', '# soon\n', ['1:1 the file is empty; give a drill']],
    ['is a list', '- a\n- b\n', ['1:1 the drill is a list of 2; give a mapping with name, title, why and the rest']],
    ['is a text', 'hello\n', ['1:1 the drill is "hello"; give a mapping with name, title, why and the rest']],
    ['is indented with a tab', 'name: a\nprobes:\n\tx: 1\n', ['3:1 this is not the YAML of a drill: Tabs are not allowed as indentation']],
    ['lacks a closing bracket', 'name: a\ntags: [a, b\n', ['3:1 this is not the YAML of a drill: Flow sequence in block collection must be sufficiently indented and end with a ]']],
    ['is two documents', `${goodDrill}---\nname: b\n`, ['17:1 this is not the YAML of a drill: Source contains multiple documents; please use YAML.parseAllDocuments()']],
    ['has a tag', change('Lose a zone', '!!js/function Lose'), ['2:8 this is not the YAML of a drill: Unresolved tag: tag:yaml.org,2002:js/function']],
    ['has a key twice', change('why:', 'title: again\nwhy:'), ['3:1 title is given twice; keep one']],
    ['has a merge key', change('{ role: etcd }', '{ <<: { role: etcd } }'), ['8:43 probes.groups.select.<< is a merge key, which drills don\'t have; write the keys out']],
    ['repeats itself through aliases', change('title: Lose a zone', 'title: &t Lose a zone\ntags: [a, *t]'), ['3:11 tags[1] is the alias *t; write the value out, or use a parameter']],
    ['has a key that pollutes', change('{ role: etcd }', '{ tags: { __proto__: x } }'), ['8:51 probes.groups.select.tags.__proto__ is not allowed as a key']],
    ['has a key named constructor', change('why:', 'constructor: x\nwhy:'), ['3:1 constructor is not allowed as a key']],
    ['has a list for a key', change('why:', '? [a, b]\n: c\nwhy:'), ['3:3 this is not the YAML of a drill: With stringKeys, all keys must be strings']],
    ['is too large', '#'.repeat(300_000), ["1:1 the file has 300000 characters; give at most 65536"]],
  ]);

  it('is nested some thousand levels deep', () => {
    const texts = [
      `a: ${'['.repeat(60_000)}`,
      `a: ${'['.repeat(30_000)}${']'.repeat(30_000)}`,
      `a: ${'{a: '.repeat(16_000)}`,
      `${'- '.repeat(32_000)}a`,
      'a: '.repeat(21_000),
    ];
    for (const text of texts) assert.ok(problemsOf(text).length > 0);
    assert.deepEqual(problemsOf(`name: a\n${texts[1]}`), ['2:204 the file is nested too deeply here; give at most 32 levels']);
  });

  it('is nested forty levels deep', () => {
    const problems = problemsOf(change('Lose a zone', `${'['.repeat(40)}${']'.repeat(40)}`));
    assert.equal(problems.filter((problem) => /^2:40 title\[0\].* is nested too deeply; give at most 32 levels$/.test(problem)).length, 1);
  });

  it('asks for YAML 1.1 and its binaries, sets and merge keys', () => {
    assert.match(problemsOf(`%YAML 1.1\n---\n${change('Lose a zone', '!!binary aGk=')}`)[0]!, /^4:8 .*Unresolved tag/);
    assert.match(problemsOf(`%YAML 1.1\n---\n${change('{ role: etcd }', '{ <<: { role: etcd } }')}`)[0]!, /^10:43 .* is a merge key/);
  });
});

describe('a file with a thousand problems', () => {
  it('shows the first two hundred', () => {
    const problems = problemsOf(Array.from({ length: 1_000 }, (_, index) => `key${index}: 1\n`).join(''));
    assert.equal(problems.length, 201);
    assert.match(problems.at(-1)!, /^d\.yaml has 8\d\d problems more$/);
  });
});

describe('a drill whose values are wrong', () => {
  table([
    ['has a key nobody knows', change('baseline:', 'baselin: 3\nbaseline:'), ['9:1 baselin is not known here; did you mean baseline? (keys: name, title, why, tags, lab, parameters, probes, load, baseline, faults, slos, abort, limits, recovery)']],
    ['has a key of another kind', change('every: 20ms', 'election: 5s'), ['7:31 probes.writes.election is not known here; keys: kind, every, timeout, select, hedge, via, prefix']],
    ['has no unit', change('for: 3s', 'for: "3"'), ['9:18 baseline.for is "3"; its unit is missing; write 3ms, 3s or 3m']],
    ['has a unit nobody knows', change('for: 3s', 'for: 3 weeks'), ['9:18 baseline.for is "3 weeks"; give a duration with its unit, such as 250ms, 5s or 8m']],
    ['has an empty value', change('for: 3s', 'for:'), ['9:18 baseline.for is empty; give a duration with its unit, such as 250ms, 5s or 8m']],
    ['asks without a pause', change('every: 20ms', 'every: 0s'), ['7:38 probes.writes.every is "0s"; give more than zero']],
    ['waits for ages', change('for: 3s', 'for: 4000d'), ['9:18 baseline.for is "4000d"; give at most 3650d, which is ten years', '9:18 baseline.for is 4000d; give at most baseline.within, 1m']],
    ['has a percentage above 100', change('longestOutage: 5s', 'availability: 101%'), ['14:59 slos[0].availability is "101%"; give a percentage from 0% to 100%, such as 99.95%']],
    ['has a ratio for a percentage', change('longestOutage: 5s', 'availability: 0.99'), ['14:59 slos[0].availability is 0.99; give a percentage from 0% to 100%, such as 99.95%']],
    ['has a number for a text', change('name: writes are back', 'name: 5'), ['14:13 slos[0].name is 5; give a text: put it in quotes']],
    ['has an empty text', change('name: writes are back', 'name: ""'), ['14:13 slos[0].name is ""; give a text that is not empty']],
    ['has a capital in a name', change('id: extra', 'id: Extra'), ['12:11 faults[1].id is "Extra"; give a name of small letters, digits and dashes that starts with a letter']],
    ['has a capital in the name of a probe', change('  groups:', '  Groups:').replace('probe: groups', 'probe: writes'), ['8:3 probes.Groups has a wrong name; give a name of small letters, digits and dashes that starts with a letter']],
    ['breaks nothing', change(/faults:\n.*\n.*\n/, 'faults: []\n').replace(/parameters:\n.*\n/, ''), ['8:9 faults is an empty list; give at least 1']],
    ['has one fault in place of a list', change(/faults:\n.*\n.*\n/, 'faults: { id: a }\n').replace(/parameters:\n.*\n/, ''), ['8:9 faults is a mapping of id; give a list']],
    ['has a fault that is a text', change(/- \{ id: extra.*/, '- extra'), ['12:5 faults[1] is "extra"; give a mapping']],
    ['has a half number', change('pick: 1', 'pick: 1.5'), ['12:84 faults[1].select.pick is 1.5; give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone']],
    ['picks none', change('pick: 1', 'pick: 0%'), ['12:84 faults[1].select.pick is "0%"; give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone']],
    ['picks more than all', change('pick: 1', 'pick: 101%'), ['12:84 faults[1].select.pick is "101%"; give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone']],
    ['picks by a word nobody knows', change('pick: 1', 'pick: some'), ['12:84 faults[1].select.pick is "some"; give a number, a percentage such as 50%, or one of all, minority, majority, one-per-zone']],
    ['has a zone that is a number', change('notZone: $zone', 'notZone: 1'), ['12:71 faults[1].select.notZone is 1; give a text: put it in quotes']],
    ['has a word where one of a few is wanted', change('every: 20ms', 'via: ech'), ['7:36 probes.writes.via is "ech"; did you mean each? (accepted: any, each)']],
    ['has always: false', change('longestOutage: 5s', 'always: false'), ['14:53 slos[0].always is false; give true, or leave it out']],
    ['has a negative limit', change('recovery:', 'limits: { zones: -1 }\nrecovery:'), ['16:18 limits.zones is -1; give at least 0']],
    ['has no probes at all', change(/probes:\n.*\n.*\n/, ''), ['1:1 probes is missing; give a mapping']],
    ['has an SLO without an objective', change(', longestOutage: 5s', ''), ['14:5 slos[0] is a mapping of name, probe; give exactly one of always, never, availability, longestOutage, recoversWithin, latency, errorBudget, consistent']],
    ['has an SLO with two', change('longestOutage: 5s', 'longestOutage: 5s, always: true'), ['14:5 slos[0] is a mapping of name, probe, longestOutage, always; give exactly one of always, never, availability, longestOutage, recoversWithin, latency, errorBudget, consistent']],
    ['has a latency without a figure', change('longestOutage: 5s', 'latency: {}'), ['14:54 slos[0].latency is an empty mapping; give at least one of p50, p99, p99.9, max']],
  ]);
});

describe('a drill whose parts don\'t fit together', () => {
  table([
    ['names a fault of no kind', change('id: zone, kind: instance-terminate', 'id: zone, kind: instance-terminat'), ['11:23 faults[0].kind is "instance-terminat"; did you mean instance-terminate? (kinds of fault: instance-terminate, etcd-member-kill, pod-delete)']],
    ['names a probe of no kind', change('kind: asg-capacity', 'kind: http'), ['8:19 probes.groups.kind is "http"; kinds of probe: etcd-quorum, etcd-write, etcd-members, etcd-consistency, asg-capacity']],
    ['names a kind that every object has', change('kind: asg-capacity', 'kind: toString'), ['8:19 probes.groups.kind is "toString"; kinds of probe: etcd-quorum, etcd-write, etcd-members, etcd-consistency, asg-capacity']],
    ['selects by what its kind doesn\'t take', change('role: etcd, zone', 'leader: true, zone'), ['11:53 faults[0].select.leader means nothing to instance-terminate; it selects by role, zone, notZone, tags, names, pick']],
    ['selects for a kind that takes nothing', change('every: 20ms', 'select: { role: etcd }'), ['7:41 probes.writes.select.role means nothing to etcd-write; it selects nothing']],
    ['selects by a key nobody knows', change('role: etcd, zone', 'rolle: etcd, zone'), ['11:53 faults[0].select.rolle is not known here; did you mean role? (keys: role, zone, notZone, tags, names, pick)']],
    ['judges by no probe', change('probe: writes', 'probe: write'), ['14:37 slos[0].probe is "write"; did you mean writes? (probes: writes, groups)']],
    ['aborts by no probe', change('recovery:', 'abort: [{ probe: x, badFor: 60s }]\nrecovery:'), ['16:18 abort[0].probe is "x"; probes: writes, groups']],
    ['starts after no fault', change('at: 1s', 'after: zones'), ['12:51 faults[1].after is "zones"; did you mean zone? (faults: zone, extra)']],
    ['starts after itself', change('at: 1s', 'after: extra'), ['12:51 faults[1].after makes a circle, extra after extra; start one of them with at']],
    ['has faults that wait for each other', change('at: 1s', 'after: zone').replace('id: zone,', 'id: zone, after: extra,'), ['11:24 faults[0].after makes a circle, zone after extra after zone; start one of them with at']],
    ['counts from no fault', change('recoversWithin: 5m', 'recoversWithin: 5m, from: extr'), ['15:72 slos[1].from is "extr"; did you mean extra? (faults: zone, extra)']],
    ['counts from a fault without recoversWithin', change('longestOutage: 5s', 'longestOutage: 5s, from: extra'), ['14:70 slos[0].from is "extra"; it goes only with recoversWithin']],
    ['has a fault id twice', change('id: extra', 'id: zone'), ['12:11 faults[1].id is "zone", as faults[0].id is; give another']],
    ['has an SLO twice', change('name: groups are whole', 'name: writes are back'), ['15:13 slos[1].name is "writes are back", as slos[0].name is; give another']],
    ['looks away before its SLO is over', change('timeout: 10m', 'timeout: 1m'), ['15:62 slos[1].recoversWithin is 5m; give at most recovery.timeout, 1m, as nobody looks after that']],
    ['asks for a history where none is recorded', change('longestOutage: 5s', 'consistent: true'), ['14:45 slos[0].consistent is about a history, and probe writes (etcd-write) records none; give a probe of kind etcd-consistency, or another form of SLO']],
    ['wants a baseline longer than it waits', change('for: 3s', 'for: 3s, within: 2s'), ['9:18 baseline.for is 3s; give at most baseline.within, 2s']],
  ]);
});

describe('a drill whose parameters are wrong', () => {
  table([
    ['uses one that is not declared', change('notZone: $zone', 'notZone: $zon'), ['12:71 faults[1].select.notZone is $zon, a parameter that this drill doesn\'t declare; did you mean zone? (parameters: zone)']],
    ['uses one, and declares none', change(/parameters:\n.*\n/, '').replace('notZone: $zone', 'role: x'), ['9:71 faults[0].select.zone is $zone, a parameter that this drill doesn\'t declare; there are no parameters']],
    ['declares one that is not used', change('parameters:', 'parameters:\n  spare: { default: 1, description: nothing }'), ['5:3 parameters.spare is not used; write $spare where it belongs, or remove it']],
    ['declares one without a description', change(', description: the zone to lose', ''), ['5:9 parameters.zone.description is missing; give a text']],
    ['declares one without a default, and it is not set', change('default: any, ', ''), ['5:3 parameters.zone has no value; give one with --set zone=…, or a default']],
    ['has a default that is a list', change('default: any', 'default: [a]'), ['5:3 parameters.zone has no value; give one with --set zone=…, or a default', '5:20 parameters.zone.default is a list of 1; give a text, a number, or true or false']],
    ['is set what it doesn\'t declare', goodDrill, ['4:1 --set zon is for a parameter that this drill doesn\'t declare; did you mean zone? (parameters: zone)'], { zon: 'x' }],
    ['is set what every object has', goodDrill, ['4:1 --set constructor is for a parameter that this drill doesn\'t declare; parameters: zone'], { constructor: 'x' }],
    ['is set an empty zone', goodDrill, ['11:71 faults[0].select.zone is "" (from $zone); give a text that is not empty', '12:71 faults[1].select.notZone is "" (from $zone); give a text that is not empty'], { zone: '' }],
    ['is set a value that doesn\'t fit', change('for: 3s', 'for: $wait').replace('parameters:', 'parameters:\n  wait: { default: 3s, description: how long }'), ['10:18 baseline.for is 5 (from $wait); its unit is missing; write 5ms, 5s or 5m'], { wait: '5' }],
  ]);

  it('takes a parameter without a default when it is set', () => {
    assert.equal(load(change('default: any, ', ''), { zone: 'b' }).faults[0]?.select?.zone, 'b');
  });
});
