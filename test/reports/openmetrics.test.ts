import assert from 'node:assert/strict';
import fc from 'fast-check';
import openmetrics from '../../reports/openmetrics.ts';
import { anyRun, hostileTexts, runFullOf } from './any-run.ts';
import { abortedRun, brokenRun, heldRun, requestsRun, sampleRuns, unfinishedRun } from './sample-runs.ts';

interface Read {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads OpenMetrics text as strictly as both its own readers and those of the older Prometheus text would. */
function read(text: string): Read[] {
  assert.ok(text.endsWith('# EOF\n'));
  const samples: Read[] = [];
  const families = new Set<string>();
  const seen = new Set<string>();
  let family = '';
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const [, keyword, name = '', rest = ''] = /^# (TYPE|UNIT|HELP) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (keyword === 'TYPE') {
      assert.ok(!families.has(name), `${name} comes twice`);
      assert.equal(rest, 'gauge', 'the only type that both have which fits figures of one run');
      families.add((family = name));
    } else if (keyword === 'UNIT') {
      assert.equal(name, family);
      assert.ok(name.endsWith(`_${rest}`), `${name} ends in its unit`);
    } else if (keyword === 'HELP') {
      assert.equal(name, family);
      assert.match(rest, /^[A-Z][^"\\]*\.$/);
    } else {
      const [, sample, set = '', value = ''] = /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)+)\} (\S+)$/.exec(line) ?? assert.fail(line);
      assert.equal(sample, family, 'samples stand behind their own TYPE');
      assert.match(value, /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf)$/, 'a value, and no timestamp');
      assert.ok(!seen.has(`${sample}{${set}}`), `${line} comes twice`);
      seen.add(`${sample}{${set}}`);
      const labels = Object.fromEntries([...set.matchAll(/([a-z_]+)="((?:[^"\\]|\\["\\n])*)"/g)].map(([, key, said]) => [key!, said!.replaceAll(/\\(["\\])/g, '$1')]));
      samples.push({ name: sample, labels, value: Number(value.replace('Inf', 'Infinity')) });
    }
  }
  return samples;
}

function valuesOf(samples: readonly Read[], name: string, wanted: Record<string, string> = {}): number[] {
  return samples.filter((one) => one.name === `firedrill_${name}` && Object.entries(wanted).every(([key, value]) => one.labels[key] === value)).map(({ value }) => value);
}

describe('the OpenMetrics report', () => {
  it('can be read strictly, whatever the run', () => {
    for (const run of Object.values(sampleRuns)) assert.ok(read(openmetrics.render(run)).length > 10);
    fc.assert(fc.property(anyRun, (run) => void read(openmetrics.render(run))), { numRuns: 60 });
  });

  it('has the verdict as a state: one for what it is, nought for the others', () => {
    const samples = read(openmetrics.render(brokenRun));
    assert.deepEqual(valuesOf(samples, 'run_verdict', { verdict: 'broken' }), [1]);
    assert.deepEqual(valuesOf(samples, 'run_verdict', { verdict: 'held' }), [0]);
    assert.deepEqual(valuesOf(samples, 'run_exit_code'), [1]);
    assert.equal(valuesOf(samples, 'slo_verdict').length, 3 * brokenRun.slos.length);
  });

  it('tells margins as parts of the limit and times in seconds, with their error bars', () => {
    const samples = read(openmetrics.render(requestsRun));
    for (const slo of requestsRun.slos) {
      assert.ok(Math.abs(valuesOf(samples, 'slo_margin_ratio', { slo: slo.name })[0]! - (1 - slo.used!)) < 1e-6);
      for (const { of, bestMs, length } of slo.times ?? []) {
        const told = [valuesOf(samples, 'slo_time_seconds', { slo: slo.name, of })[0]!, valuesOf(samples, 'slo_time_max_seconds', { slo: slo.name, of })[0]!];
        const measured = [bestMs / 1_000, length.max / 1_000];
        for (const [index, value] of told.entries()) assert.ok(value === measured[index] || Math.abs(value - measured[index]!) < 1e-6, `${of}: ${value}, ${measured[index]}`);
      }
    }
  });

  it('leaves out what is not known, and tells what did not end as infinite', () => {
    const samples = read(openmetrics.render(unfinishedRun));
    assert.deepEqual(valuesOf(samples, 'run_score_ratio'), []);
    assert.deepEqual([...new Set(valuesOf(samples, 'recovery_complete'))], [0]);
    assert.ok(valuesOf(samples, 'probe_longest_outage_seconds').includes(Infinity));
    assert.deepEqual(valuesOf(read(openmetrics.render(heldRun)), 'recovery_complete').filter((value) => value !== 1), []);
  });

  it('says which fault may still be in place', () => {
    assert.deepEqual(valuesOf(read(openmetrics.render(abortedRun)), 'fault_open', { fault: 'cut' }), [1]);
  });

  it('gives labels back as they were, but for characters that nobody sees', () => {
    for (const hostile of hostileTexts) {
      const samples = read(openmetrics.render(runFullOf(hostile)));
      // oxlint-disable-next-line no-control-regex -- control characters are what this is about
      if (!/[\u0000-\u001f\u200b-\u206f\ud800]/.test(hostile)) assert.equal(samples[0]!.labels['drill'], hostile);
    }
  });
});
