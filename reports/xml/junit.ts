import type { JudgedRun, JudgedSlo } from '../../runner/verdict.ts';
import { exitMeaning, headline, openFaults, recoverCommand } from '../words/verdicts.ts';
import { content, element, type Xml } from './markup.ts';

/** A test suite as a document counts it. */
export interface TestSuite {
  readonly name: string;
  /** UTC. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly cases: readonly TestCase[];
  readonly properties: readonly (readonly [name: string, value: string])[];
}

export interface TestCase {
  readonly name: string;
  readonly className: string;
  readonly tookMs: number;
  readonly outcome?: {
    /** failure: it did not hold; error: that could not be told; skipped: it was not run. */
    readonly kind: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
    readonly text: string;
  };
}

/**
 * JUnit's XML, as the schema of Ant's JUnit task has it, which is the strictest of those in use: what it takes, Jenkins,
 * GitLab, GitHub's reporters and the others take too. Ends in a newline.
 */
export function junitDocument(suites: readonly TestSuite[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, suites.map(suiteElement))}\n`;
}

function suiteElement(suite: TestSuite, id: number): Xml {
  const { name, startedAt, tookMs, cases, properties } = suite;
  const count = (kind: string): number => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  const facts = properties.map(([key, value]) => element('property', { name: key, value }));
  return element('testsuite', { name: token(name), id, package: 'firedrill', timestamp: timestampOf(startedAt), hostname: 'localhost', ...counts, time: secondsOf(tookMs) }, [
    element('properties', {}, facts),
    ...cases.map(caseElement),
    element('system-out', {}),
    element('system-err', {}),
  ]);
}

function caseElement({ name, className, tookMs, outcome }: TestCase): Xml {
  const attributes = { name: token(name), classname: token(className), time: secondsOf(tookMs) };
  if (!outcome) return element('testcase', attributes);
  const { kind, type, message, text } = outcome;
  const child = kind === 'skipped' ? element('skipped', { message }) : element(kind, { message, type }, text === '' ? [] : [content(text)]);
  return element('testcase', attributes, [child]);
}

/** A name in the schema has no spaces around it and at least one character. */
function token(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim() || '–';
}

/** Without a fraction and a zone, as the schema asks for: it is UTC. */
function timestampOf(utc: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(utc)?.[0] ?? '1970-01-01T00:00:00';
}

function secondsOf(durationMs: number): string {
  return (Number.isFinite(durationMs) ? Math.max(0, durationMs) / 1_000 : 0).toFixed(3);
}

/**
 * A run as a test suite: a test case for each of its SLOs, and one for the run itself when that did not come to its own end.
 *
 * @param name what the suite is called; the drill's name by default
 */
export function runSuite(run: JudgedRun, name = run.run.drill): TestSuite {
  const { verdict, run: about, environment } = run;
  return {
    name,
    startedAt: about.startedAt,
    tookMs: about.endMs - about.startMs,
    cases: [...run.slos.map((slo) => sloCase(run, slo)), ...endCase(run)],
    properties: [
      ['verdict', verdict.value],
      ['exit code', `${verdict.exitCode} (${exitMeaning(verdict.exitCode)})`],
      ['headline', headline(run)],
      ['run', about.id],
      ['seed', String(about.seed)],
      ['environment', environment.name],
      ['firedrill', about.firedrillVersion],
      ['command', about.command],
      ...openFaults(run).map((fault): [string, string] => ['still broken', `${fault.id} (${fault.kind}); put back: ${recoverCommand(run)}`]),
      ...run.slos.flatMap(({ name: slo, measured }): [string, string][] => [[`measured: ${slo}`, measured]]),
    ],
  };
}

function sloCase(run: JudgedRun, slo: JudgedSlo): TestCase {
  const { name, verdict, objective, measured, margin, reason, times = [] } = slo;
  // What recovery took is what a CI system's charts of test times are worth looking at for.
  const base = { name, className: run.run.drill, tookMs: times[0]?.bestMs ?? 0 };
  if (verdict === 'held') return base;
  const text = [`objective: ${objective}`, `measured: ${measured}`, ...(margin === '' ? [] : [`margin: ${margin}`]), `why: ${reason}`, `run: ${run.run.id}, seed ${run.run.seed}`].join('\n');
  const kind = verdict === 'broken' ? 'failure' : 'error';
  return { ...base, outcome: { kind, type: verdict, message: `${objective}: ${measured}${margin === '' ? '' : ` (${margin})`}`, text } };
}

/** What no SLO tells: that the run was ended early, or has left something broken. */
function endCase(run: JudgedRun): TestCase[] {
  const { verdict, run: about } = run;
  const told = about.outcome === 'finished' && openFaults(run).length === 0 && run.slos.some((slo) => slo.verdict === verdict.value);
  if (told) return [];
  const text = openFaults(run).map((fault) => `still broken: ${fault.id} (${fault.kind}): ${fault.says}`).join('\n');
  const outcome = { kind: 'error', type: about.outcome ?? 'no end', message: headline(run), text } as const;
  return [{ name: 'the run comes to its end, and everything is undone', className: about.drill, tookMs: 0, outcome }];
}
