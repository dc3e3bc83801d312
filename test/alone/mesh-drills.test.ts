import assert from 'node:assert/strict';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { runToVerdict } from '../e2e/run-to-verdict.ts';
import { shareOfToday } from '../e2e/share-of-today.ts';
import { sharedSpecimenLab } from '../e2e/shared-lab.ts';

/** Of neighbours in the list each day has one: a daemon that hangs, a pod that is slow, the whole story. */
const drills = [
  'linkerd-frozen', 'linkerd-kill-one-node', 'linkerd-kill-all',
  'cpu-throttled-service', 'linkerd-rolling-restart', 'service-pod-kill-under-load',
  'outage-2017-10-27', 'zone-loss-under-load', 'gateway-loss',
];

/** Each drill on a platform that it must not pass, and what says so. */
const sabotages: { drill: string; sabotage: readonly string[]; breaks: readonly RegExp[]; set?: string[] }[] = [
  { drill: 'linkerd-frozen', sabotage: ['mesh-no-retries'], breaks: [/^requests of other zones go on succeeding$/m] },
  { drill: 'gateway-loss', sabotage: ['gateway-single-replica'], breaks: [/^customers are not cut off$/m] },
  {
    drill: 'outage-2017-10-27',
    sabotage: ['mesh-stale-endpoints', 'mesh-crash-on-empty-endpoints'],
    breaks: [/^payments go on while they are deployed$/m, /^everything gets through again after the restart$/m, /^every linkerd is ready again$/m],
    set: ['served-again-within=15s', 'ready-again-within=15s'],
  },
  { drill: 'linkerd-kill-one-node', sabotage: ['slow-start'], breaks: [/^every linkerd is ready again$/m], set: ['ready-again-within=10s'] },
  { drill: 'linkerd-kill-all', sabotage: ['slow-start'], breaks: [/^every linkerd is ready again$/m], set: ['ready-again-within=10s'] },
  { drill: 'linkerd-rolling-restart', sabotage: ['slow-start'], breaks: [/^every linkerd is new and ready$/m], set: ['ready-again-within=10s'] },
  { drill: 'service-pod-kill-under-load', sabotage: ['no-reschedule'], breaks: [/^every pod is ready again$/m], set: ['ready-again-within=10s'] },
  { drill: 'cpu-throttled-service', sabotage: ['gateway-single-replica'], breaks: [/^(most requests are as quick as ever|requests go on succeeding)$/m] },
  { drill: 'zone-loss-under-load', sabotage: ['no-replacement'], breaks: [/^every node is ready again$/m], set: ['whole-again-within=10s', 'power-is-back-after=2s'] },
];

const mostInADay = 3;

describe('drills of the mesh, in the lab', function () {
  this.timeout('15m');
  const cluster = clusterUnderTest(sharedSpecimenLab);

  for (const drill of shareOfToday(drills, mostInADay)) {
    it(`${drill} is held`, async () => {
      await runToVerdict(0, { lab: cluster.lab, runs: cluster.runs, drill });
      const { slos, faults, probes } = cluster.runs.report();
      assert.ok(slos.every((slo) => slo.verdict === 'held'));
      assert.ok(faults.every(({ open, error }) => !open && error === null));
      const answered = probes.flatMap(({ kind, streams }) => (kind === 'http' ? streams.map(({ good }) => good) : []));
      assert.ok(answered.length >= 4 && answered.every((good) => good > 10), `requests through each node were answered: ${answered.join(', ')}`);
    });
  }

  for (const { drill, sabotage, breaks, set } of shareOfToday(sabotages, mostInADay)) {
    it(`${drill} is broken under ${sabotage.join(' and ')}, for that reason`, async () => {
      const { lab, runs } = cluster;
      await runToVerdict(1, { lab, runs, drill, sabotage, set, options: ['--recovery-timeout', '12s'] });
      const { slos } = cluster.runs.report();
      const broken = slos.flatMap((slo) => (slo.verdict === 'broken' ? [slo.name] : [])).join('\n');
      for (const name of breaks) assert.match(broken, name);
    });
  }
});
