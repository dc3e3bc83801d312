import assert from 'node:assert/strict';
import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { clusterUnderTest } from '../e2e/cluster-under-test.ts';
import { killAtEveryStep } from '../e2e/every-step.ts';
import { sharedSpecimenLab } from '../e2e/shared-lab.ts';
import { undoableOfMesh } from '../e2e/undoable-faults.ts';

describe('mesh-latency, in the lab', function () {
  this.timeout('20m');
  const cluster = clusterUnderTest(sharedSpecimenLab);

  it('is felt through the proxies of the zone that it is about, by the service that it is about, and no more when it is undone', async () => {
    const requests = (url: string, select: string): string => `{ kind: http, url: '${url}', via: node-local, rate: 20/s, every: 250ms, timeout: 5s, select: { ${select} } }`;
    const drill = cluster.write({
      probes: [
        `delayed: ${requests('http://accounts/accounts/acc_1', 'zone: eu-west-1a')}`,
        `elsewhere: ${requests('http://accounts/accounts/acc_1', 'notZone: eu-west-1a')}`,
        `another: ${requests('http://pots/pots/acc_1', 'zone: eu-west-1a')}`,
      ],
      faults: ['id: f, kind: mesh-latency, for: 5s, delay: 800ms, of: [accounts.bank], select: { namespace: mesh, owner: daemonset/linkerd, zone: eu-west-1a }'],
      slos: [
        'name: delayed is as quick as ever, probe: delayed, latency: { p50: 400ms }, during: fault',
        'name: elsewhere is as quick as ever, probe: elsewhere, latency: { p50: 400ms }, during: fault',
        'name: another is as quick as ever, probe: another, latency: { p50: 400ms }, during: fault',
        'name: delayed is quick again, probe: delayed, latency: { p50: 400ms }, during: recovery',
      ],
    });
    await cluster.run(1, drill);
    const { slos, faults } = cluster.runs.report();
    assert.deepEqual(slos.map(({ verdict }) => verdict), ['broken', 'held', 'held', 'held'], JSON.stringify(slos.map(({ measured, reason }) => [measured, reason])));
    assert.ok(faults.every(({ open, error }) => !open && error === null));
  });

  for (const [kind, rest] of Object.entries(undoableOfMesh)) {
    it(`a run that is killed with SIGKILL at any of its steps leaves nothing that recover does not put back: ${kind}`, async () => {
      const { lab } = cluster;
      const before = await clusterOf(lab);
      await killAtEveryStep({ lab, fault: `kind: ${kind}, ${rest}`, probe: 'kind: nodes-ready, every: 200ms, timeout: 10s', expectAsBefore: () => expectCluster(lab, before) });
    });
  }
});
