import assert from 'node:assert/strict';
import { loadKinds } from '../../runner/kinds.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { killAtEveryStep } from '../e2e/every-step.ts';
import { sharedKubernetesLab, sharedLab } from '../e2e/shared-lab.ts';
import { writeQuickDrill } from '../e2e/small-drill.ts';

/** Every fault that is undone, as a line of a drill. */
const ofAws: Record<string, string> = {
  'asg-suspend': 'processes: [Launch], select: { role: etcd, zone: eu-west-1a, pick: 2 }',
  'asg-launch-failure': 'select: { role: etcd, zone: eu-west-1a, pick: 1 }',
  'instance-isolate': 'select: { role: etcd, zone: eu-west-1b, pick: 1 }',
  'instance-stop': 'select: { role: etcd, pick: 1 }',
  'volume-detach': 'select: { role: etcd, pick: 1 }',
  'zone-partition': 'select: { role: etcd, zone: eu-west-1c }',
  'zone-power-loss': 'select: { role: etcd, zone: eu-west-1a }',
};
const ofKubernetes: Record<string, string> = {
  'container-signal': 'select: { namespace: shop, owner: deployment/web, pick: 1 }',
  'deployment-scale': 'to: 2, select: { namespace: shop, owner: deployment/web }',
  'network-deny': 'select: { namespace: shop, owner: deployment/web, pick: 1 }',
  'node-drain': 'select: { pick: 1 }',
};

describe('a run that is killed with SIGKILL at any of its steps leaves nothing that recover does not put back', function () {
  this.timeout('20m');
  for (const [kind, rest] of Object.entries(ofAws)) {
    it(kind, async () => {
      const lab = await sharedLab();
      const before = await accountOf(lab);
      await everyStep(lab, kind, rest, () => expectAccount(lab, before));
    });
  }

  for (const [kind, rest] of Object.entries(ofKubernetes)) {
    it(kind, async () => {
      const lab = await sharedKubernetesLab();
      const before = await clusterOf(lab);
      await everyStep(lab, kind, rest, () => expectCluster(lab, before), 'kind: nodes-ready, every: 200ms, timeout: 10s');
    });
  }

  it('and no kind that is undone was left out', async () => {
    const { faults } = await loadKinds();
    const undone = Object.entries(faults).flatMap(([kind, { undo }]) => (undo ? [kind] : []));
    assert.deepEqual(Object.keys({ ...ofAws, ...ofKubernetes }).sort(), undone.sort());
  });
});

async function everyStep(lab: string, kind: string, rest: string, expectAsBefore: () => Promise<void>, probe?: string): Promise<void> {
  const steps = await killAtEveryStep({ lab, drill: (runs) => writeQuickDrill(runs, `id: f, kind: ${kind}, for: 100ms, ${rest}`, probe), expectAsBefore });
  process.stdout.write(`      ${steps.length} steps: ${steps.join(', ')}\n`);
}
