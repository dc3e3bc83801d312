import type { EndedRun, GateResult, NotRun } from '../../runner/gate/result.ts';
import { junitDocument, runSuite, type TestCase, type TestSuite } from '../xml/junit.ts';
import { comparedInWords, slowerTimes, whyOf, wordOf } from './words.ts';

/**
 * All runs of a gate as one JUnit file: a test suite for each run, with what was not run as skipped, and one for the gate, with
 * the times that were compared and whether the environment was left whole. Ends in a newline.
 */
export function gateJunit(result: GateResult): string {
  return junitDocument([...result.runs.map(endedSuite), ...result.notRun.map((each) => notRunSuite(each, result)), gateSuite(result)]);
}

function nameOf({ drill, round }: EndedRun | NotRun): string {
  return drill.repeat === 1 ? drill.id : `${drill.id} (${round} of ${drill.repeat})`;
}

function endedSuite(ended: EndedRun): TestSuite {
  const { judged, exitCode, drill, startedAt, tookMs } = ended;
  if (judged) {
    const suite = runSuite(judged, nameOf(ended));
    // Not what the journal says: the gate knows better, as of a run that was ended since the time was over.
    return judged.verdict.exitCode === exitCode ? suite : { ...suite, cases: [...suite.cases, runCase(ended)] };
  }
  return { name: nameOf(ended), startedAt, tookMs, cases: [runCase(ended)], properties: [['drill', drill.name], ['exit code', String(exitCode)]] };
}

function runCase(ended: EndedRun): TestCase {
  const { drill, exitCode, tookMs } = ended;
  const outcome = { kind: 'error', type: wordOf(exitCode), message: whyOf(ended), text: '' } as const;
  return { name: 'the drill is run', className: drill.name, tookMs, ...(exitCode === 0 ? {} : { outcome }) };
}

function notRunSuite(notRun: NotRun, { startedAt }: GateResult): TestSuite {
  const { drill, why } = notRun;
  const outcome = { kind: 'skipped', type: 'not run', message: `not run: ${why}`, text: '' } as const;
  return { name: nameOf(notRun), startedAt, tookMs: 0, cases: [{ name: 'the drill is run', className: drill.name, tookMs: 0, outcome }], properties: [['drill', drill.name]] };
}

function gateSuite(result: GateResult): TestSuite {
  const { suite, startedAt, tookMs, notWhole, comparison, gate, exitCode, headline, firedrillVersion } = result;
  const slower = slowerTimes(result);
  const whole: TestCase = {
    name: 'the environment is left whole',
    className: suite,
    tookMs: 0,
    ...(notWhole.length === 0 ? {} : { outcome: { kind: 'failure', type: 'not whole', message: notWhole[0]!, text: notWhole.join('\n') } }),
  };
  const times = (comparison?.times ?? []).map((time): TestCase => {
    const name = `${time.drill}: ${time.slo} (${time.of}) is not slower than the baseline`;
    const outcome = { kind: 'failure', type: 'slower', message: comparedInWords(time), text: `${time.nowRuns} runs now, ${time.beforeRuns} in ${comparison!.baseline}` } as const;
    return { name, className: suite, tookMs: time.nowMs, ...(slower.includes(time) ? { outcome } : {}) };
  });
  const missing = (comparison?.missing ?? []).map(({ drill, why }): TestCase => {
    return { name: `${drill} is compared with the baseline`, className: suite, tookMs: 0, outcome: { kind: 'skipped', type: 'not compared', message: why, text: '' } };
  });
  return {
    name: `gate ${suite}`,
    startedAt,
    tookMs,
    cases: [whole, ...times, ...missing],
    properties: [['gate', gate], ['exit code', String(exitCode)], ['headline', headline], ['firedrill', firedrillVersion]],
  };
}
