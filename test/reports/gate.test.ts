import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';
import { annotations, stepSummary } from '../../reports/gate/github.ts';
import { gateJunit } from '../../reports/gate/junit.ts';
import { endedLine, gateText } from '../../reports/gate/text.ts';
import junit from '../../reports/junit.ts';
import type { GateResult } from '../../runner/gate/result.ts';
import { endedRun, gateDrill, gateResult, judgedRun } from '../runner/gate/sample-gate.ts';
import { hostileTexts, runFullOf } from './any-run.ts';
import { brokenRun, heldRun, requestsRun, sampleRuns } from './sample-runs.ts';

const schema = readFileSync(new URL('./junit.xsd', import.meta.url), 'utf8');

async function assertValid(documents: readonly string[]): Promise<void> {
  const { valid, errors } = await validateXML({ xml: documents.map((contents, index) => ({ fileName: `${index}.xml`, contents })), schema });
  assert.ok(valid, errors.map(({ message, loc }) => `${loc?.fileName}:${loc?.lineNumber} ${message}`).join('\n'));
}

const leader = gateDrill('leader', { repeat: 2, place: { file: 'suite.yaml', line: 7 }, slos: brokenRun.slos.map((_, index) => ({ file: 'drills/leader.yaml', line: 20 + index })) });
const zone = gateDrill('zone', { title: 'Lose a zone' });
const slower = { drill: 'zone', slo: 'writes are back', of: 'recovery', nowMs: 4_200, beforeMs: 3_100, nowRuns: 10, beforeRuns: 10, byPart: 0.35, tolerated: 0.1, p: 0.0004, slower: true };
const everything: GateResult = gateResult({
  exitCode: 6,
  headline: 'A human is needed: zone left the environment not whole',
  runs: [
    endedRun(leader, 1, { judged: brokenRun }), endedRun(leader, 0, { round: 2, judged: heldRun }), endedRun(zone, 3), endedRun(zone, 0, { judged: judgedRun(4_200) }),
  ],
  notRun: [{ drill: gateDrill('later'), round: 1, why: 'zone left the environment not whole' }],
  notWhole: ['group peer-3 has 0 of 1 in service'],
  comparison: { baseline: 'b.json', times: [slower, { ...slower, slo: 'groups', byPart: 0.02, p: null, slower: false }], missing: [{ drill: 'leader', why: 'the baseline does not have it' }] },
});

function fullOf(hostile: string): GateResult {
  const drill = { ...zone, id: hostile, title: hostile, place: { file: hostile, line: 1 }, slos: [{ file: hostile, line: 2 }] };
  return {
    ...everything,
    headline: hostile,
    suite: hostile,
    runs: [endedRun(drill, 1, { judged: runFullOf(hostile, brokenRun), lastWords: hostile }), endedRun(drill, 3, { lastWords: hostile })],
    notRun: [{ drill, round: 1, why: hostile }],
    notWhole: [hostile],
    comparison: { baseline: hostile, times: [{ ...slower, drill: hostile, slo: hostile }], missing: [{ drill: hostile, why: hostile }] },
  };
}

describe('JUnit files', () => {
  it('are what the common schema asks for, of every run and of whole gates, whatever their texts', async () => {
    const runs = [...Object.values(sampleRuns), ...hostileTexts.map((text) => runFullOf(text)), ...hostileTexts.map((text) => runFullOf(text, requestsRun))];
    await assertValid([...runs.map((run) => junit.render(run)), gateJunit(everything), gateJunit(gateResult()), ...hostileTexts.map((text) => gateJunit(fullOf(text)))]);
  });

  it('would be found out by that schema', async () => {
    await assert.rejects(assertValid([junit.render(heldRun).replace('hostname="localhost" ', '')]), /hostname/);
    await assert.rejects(assertValid([junit.render(heldRun).replace('</testsuites>', '')]));
  });

  it('have a test case for each SLO: broken is a failure, what could not be told an error', () => {
    const text = junit.render(sampleRuns['aborted']!);
    assert.match(text, /tests="3" failures="1" errors="2"/);
    assert.match(text, /<testcase name="writes are back within 5 s" classname="zone-partition" time="[\d.]+">\s+<failure message="longest outage at most 5 s: at least 60.0 s \(over by 55 s at least\)" type="broken">/);
    assert.match(text, /<error [^>]*type="inconclusive"/);
    assert.match(text, /<property name="seed" value="\d+"\/>/);
    assert.doesNotMatch(junit.render(heldRun), /<failure|<error/);
  });

  it('of a gate have a suite for each run, what was not run as skipped, and what became slower as a failure', () => {
    const text = gateJunit(everything);
    assert.deepEqual([...text.matchAll(/<testsuite name="([^"]+)"/g)].map((match) => match[1]), ['leader (1 of 2)', 'leader (2 of 2)', 'zone', 'zone', 'later', 'gate before-a-change']);
    assert.match(text, /<skipped message="not run: zone left the environment not whole"\/>/);
    assert.match(text, /<failure message="4.2 s, was 3.1 s: 35 % slower \(p = 0.0004\)" type="slower">/);
    assert.match(text, /<failure message="group peer-3 has 0 of 1 in service" type="not whole">/);
    assert.match(text, /<error message="the last it said" type="refused"\/>/);
  });
});

describe('a gate on the terminal', () => {
  it('has a line for each run as it ends', () => {
    assert.equal(endedLine(endedRun(leader, 0, { round: 2 }), 2, 4), '✓ held  leader 2/2  1 s, 2 of 4');
    assert.match(endedLine(endedRun(zone, 3), 3, 4), /^\? refused {2}zone {2}1 s, 3 of 4 {2}the last it said$/);
    assert.match(endedLine(endedRun(leader, 1, { judged: { ...brokenRun, verdict: { ...brokenRun.verdict, exitCode: 1 } } }), 1, 4), /^✗ broken {2}leader 1\/2 {2}1 s, 1 of 4 {2}\S/);
  });

  it('ends with a table, the comparison, and the verdict last', () => {
    const lines = gateText(everything).trimEnd().split('\n');
    assert.match(lines[0]!, /^drill +runs +took +why$/);
    assert.match(lines.find((line) => line.startsWith('leader'))!, /✗ 1 broken, ✓ 1 held/);
    assert.match(lines.find((line) => line.startsWith('later'))!, /– 1 not run/);
    assert.ok(lines.some((line) => /^✗ {2}zone {2}writes are back \(recovery\) {2}4.2 s, was 3.1 s: 35 % slower \(p = 0.0004\)$/.test(line)), lines.join('\n'));
    assert.ok(lines.includes('? leader is not compared: the baseline does not have it'));
    assert.ok(lines.includes('  group peer-3 has 0 of 1 in service'));
    assert.ok(lines.includes('not run, as zone left the environment not whole: later'));
    assert.equal(lines.at(-1), '✗ A human is needed: zone left the environment not whole (exit 6)');
  });

  it('shows no unseen or reordering character', () => {
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    for (const hostile of hostileTexts) assert.doesNotMatch(gateText(fullOf(hostile)) + stepSummary(fullOf(hostile)), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/);
  });
});

describe('a gate on GitHub', () => {
  it('puts what broke beside the line of the SLO in its drill, and what has none beside the line of the suite', () => {
    const lines = annotations(everything);
    const index = brokenRun.slos.findIndex(({ verdict }) => verdict === 'broken');
    const place = lines.find((line) => line.startsWith(`::error file=drills/leader.yaml,line=${20 + index},`));
    assert.match(place ?? '', /title=leader%3A [^:]+::broken: .*, measured: /);
    assert.ok(lines.includes('::error file=suite.yaml,line=3,title=zone::refused: the last it said'), lines.join('\n'));
    assert.ok(lines.some((line) => line.includes('::slower than the baseline: 4.2 s, was 3.1 s: 35 %25 slower')));
    assert.ok(lines.some((line) => line.startsWith('::error title=the environment is not whole::group peer-3')));
  });

  it('says the same of repeated runs once, and never more than GitHub shows', () => {
    const runs = Array.from({ length: 30 }, (_, index) => endedRun(leader, 1, { round: index, judged: brokenRun }));
    const lines = annotations({ ...everything, runs, comparison: null, notWhole: [] });
    assert.equal(lines.length, brokenRun.slos.filter(({ verdict }) => verdict !== 'held').length);
    assert.ok(annotations({ ...everything, notWhole: Array.from({ length: 50 }, String) }).length <= 10);
  });

  it('lets no text out of its command', () => {
    for (const hostile of [...hostileTexts, '::set-env name=x::y', '%0A::error::x']) {
      for (const line of annotations(fullOf(hostile))) assert.match(line, /^::(?:error|warning) [^\r\n]*$/);
      assert.ok(annotations(fullOf(hostile)).every((line) => !/%0A/.test(line)));
    }
  });

  it('has a summary of the step, whose tables no text breaks', () => {
    const text = stepSummary(everything);
    assert.match(text, /^## ✗ A human is needed: zone left the environment not whole\n/);
    assert.match(text, /\| – not run \| later \| 1 \|/);
    assert.match(text, /\| ✗ slower \| zone \| writes are back \\\(recovery\\\) \|/);
    for (const hostile of hostileTexts) {
      const summary = stepSummary(fullOf(hostile));
      const columns = summary.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').length);
      assert.deepEqual([...new Set(columns)].sort((left, right) => left - right), [6, 7]);
      assert.doesNotMatch(summary, /<(?!\/?code>)[a-z/!]/i);
    }
  });
});
