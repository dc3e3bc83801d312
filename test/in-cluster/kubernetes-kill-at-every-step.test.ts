import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { killAtEveryStep } from '../e2e/every-step.ts';
import { expectInside } from '../e2e/inside-lab.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { neededOnKubernetes, undoableOfKubernetes } from '../e2e/undoable-faults.ts';

const probe = 'kind: nodes-ready, every: 200ms, timeout: 10s';

describe('a run on Kubernetes that is killed with SIGKILL at any of its steps leaves nothing that recover does not put back', function () {
  this.timeout('20m');
  for (const [kind, rest] of Object.entries(undoableOfKubernetes)) {
    it(kind, async () => {
      const lab = await sharedKubernetesLab();
      for (const object of neededOnKubernetes[kind] ?? []) await make(lab, object);
      const before = await clusterOf(lab);
      await killAtEveryStep({ lab, fault: `kind: ${kind}, ${rest}`, probe, expectAsBefore: () => expectCluster(lab, before) });
    });
  }
});

/** Makes an object, and waits until its pods are ready. */
async function make(lab: string, object: object): Promise<void> {
  const { metadata } = object as { metadata: { namespace: string; name: string } };
  await expectInside(lab, 'sh', '-c', 'printf %s "$1" | kubectl apply -f -', 'sh', JSON.stringify(object));
  await expectInside(lab, 'kubectl', '-n', metadata.namespace, 'rollout', 'status', `deployment/${metadata.name}`, '--timeout=60s');
}
