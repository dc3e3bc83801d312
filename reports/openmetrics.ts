import type { JudgedRun, JudgedSlo } from '../runner/verdict.ts';
import { defineFormat } from './format.ts';
import { exposition, family, type Family, type Sample } from './openmetrics/exposition.ts';
import { longestOutage } from './words/verdicts.ts';

/**
 * For monitoring: figures of one run, as OpenMetrics text. A Pushgateway and node_exporter's textfile collector take it as
 * well, which read the older Prometheus text: so every figure is a gauge, a state is one gauge for each value that it can have
 * (1 for the one that it has), and no sample carries a timestamp. What is not known is left out, and never nought.
 *
 * Lengths of time are seconds, an infinite one has not ended; parts are ratios. `margin` is what is left of an SLO's limit.
 */
export default defineFormat({
  summary: 'For monitoring: verdict, margins, recovery times and outages as OpenMetrics, for a Pushgateway or a textfile collector.',
  extension: 'prom',
  render: (run) => exposition(families(run), { drill: run.run.drill, environment: run.environment.name }),
});

const verdicts = ['held', 'broken', 'inconclusive'] as const;
const answers = ['good', 'bad', 'unknown'] as const;

function families(run: JudgedRun): Family[] {
  return [...ofRun(run), ...ofSlos(run), ...ofFaults(run), ...ofRecoveries(run), ...ofProbes(run)];
}

function ofRun({ run, verdict, score }: JudgedRun): Family[] {
  const info = { run: run.id, seed: String(run.seed), version: run.firedrillVersion, outcome: run.outcome ?? 'no end' };
  return [
    family('run_info', 'What the run is called, and what it was made with.', [{ labels: info, value: 1 }]),
    family('run_verdict', 'The verdict on the whole run.', verdicts.map((value) => ({ labels: { verdict: value }, value: Number(verdict.value === value) }))),
    family('run_exit_code', 'What the command ended with.', [{ value: verdict.exitCode }]),
    family('run_score_ratio', 'What the worst SLO left of its limit; below nought it was broken.', known(score.value), 'ratio'),
    family('run_start_timestamp_seconds', 'When the run began, since 1970.', known(Date.parse(run.startedAt) / 1_000), 'seconds'),
    family('run_end_timestamp_seconds', 'When the run ended, since 1970.', known(Date.parse(run.endedAt) / 1_000), 'seconds'),
    family('run_duration_seconds', 'How long the run took.', known((run.endMs - run.startMs) / 1_000), 'seconds'),
  ];
}

function ofSlos({ slos }: JudgedRun): Family[] {
  const labelsOf = ({ name, probe, form }: JudgedSlo) => ({ slo: name, probe, form });
  const times = slos.flatMap((slo) => (slo.times ?? []).map((time) => ({ labels: { ...labelsOf(slo), of: time.of }, time })));
  return [
    family('slo_verdict', 'The verdict on each SLO.', slos.flatMap((slo) => verdicts.map((value) => ({ labels: { ...labelsOf(slo), verdict: value }, value: Number(slo.verdict === value) })))),
    family('slo_margin_ratio', 'What an SLO left of its limit; below nought it was broken.', slos.flatMap((slo) => (slo.used === null ? [] : known(1 - slo.used, labelsOf(slo)))), 'ratio'),
    family('slo_time_seconds', 'What an SLO about a length of time measured.', times.flatMap(({ labels, time }) => known(time.bestMs / 1_000, labels)), 'seconds'),
    family('slo_time_min_seconds', 'The lower end of its error bar.', times.flatMap(({ labels, time }) => known(time.length.min / 1_000, labels)), 'seconds'),
    family('slo_time_max_seconds', 'The upper end of its error bar.', times.flatMap(({ labels, time }) => known(time.length.max / 1_000, labels)), 'seconds'),
  ];
}

function ofFaults({ faults }: JudgedRun): Family[] {
  const labels = faults.map(({ id, kind }) => ({ fault: id, kind }));
  return [
    family('fault_targets', 'How many targets a fault hit.', faults.map(({ injectedMs, targets }, index) => ({ labels: labels[index]!, value: injectedMs === null ? 0 : targets.length }))),
    family('fault_open', 'Whether a fault may still be in place.', faults.map(({ open }, index) => ({ labels: labels[index]!, value: Number(open) }))),
  ];
}

function ofRecoveries({ waterfall }: JudgedRun): Family[] {
  const all = waterfall.map((recovery) => ({ recovery, labels: { target: recovery.target, zone: recovery.zone, fault: recovery.fault } }));
  const expected = all.filter(({ recovery }) => recovery.forGood === undefined);
  const whole = expected.flatMap(({ recovery, labels }) => (recovery.whole ? [{ bar: recovery.whole, labels }] : []));
  const steps = all.flatMap(({ recovery, labels }) => recovery.steps.flatMap(({ step, tookMs }) => (tookMs === null ? [] : known(tookMs / 1_000, { ...labels, step }))));
  return [
    family('recovery_complete', 'Whether a target was seen to be whole again.', expected.map(({ recovery, labels }) => ({ labels, value: Number(recovery.whole !== null) }))),
    family('recovery_min_seconds', 'From the fault until a target was whole again: the lower end of the error bar.', whole.flatMap(({ bar, labels }) => known(bar.min / 1_000, labels)), 'seconds'),
    family('recovery_max_seconds', 'From the fault until a target was whole again: the upper end of the error bar.', whole.flatMap(({ bar, labels }) => known(bar.max / 1_000, labels)), 'seconds'),
    family('recovery_step_seconds', 'How long a step of the recovery took, from the step before.', steps, 'seconds'),
  ];
}

function ofProbes({ probes }: JudgedRun): Family[] {
  const streams = probes.flatMap((probe) => probe.streams.map((stream) => ({ stream, labels: { probe: probe.name, stream: stream.name, kind: probe.kind } })));
  return [
    family('probe_answers', 'How many answers a probe got or, of one that counts requests, how many requests were so.', streams.flatMap(({ stream, labels }) => answers.map((value) => ({ labels: { ...labels, value }, value: stream[value] })))),
    family('probe_outages', 'How many outages a probe saw.', streams.map(({ stream, labels }) => ({ labels, value: stream.outages.length }))),
    family('probe_longest_outage_seconds', 'The longest of them; nought when there was none.', streams.flatMap(({ stream, labels }) => {
      const longest = longestOutage(stream);
      return known((longest?.end === null ? Infinity : (longest?.lengthMs ?? 0)) / 1_000, labels);
    }), 'seconds'),
  ];
}

/** One sample, or none where the value is not known. */
function known(value: number | null, labels: Sample['labels'] = {}): Sample[] {
  return value === null || Number.isNaN(value) ? [] : [{ labels, value }];
}
