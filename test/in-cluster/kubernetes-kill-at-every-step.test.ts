import { clusterOf, expectCluster } from '../e2e/cluster-state.ts';
import { killAtEveryStep } from '../e2e/every-step.ts';
import { sharedKubernetesLab } from '../e2e/shared-lab.ts';
import { undoableOfKubernetes } from '../e2e/undoable-faults.ts';

const probe = 'kind: nodes-ready, every: 200ms, timeout: 10s';

describe('a run on Kubernetes that is killed with SIGKILL at any of its steps leaves nothing that recover does not put back', function () {
  this.timeout('20m');
  for (const [kind, rest] of Object.entries(undoableOfKubernetes)) {
    it(kind, async () => {
      const lab = await sharedKubernetesLab();
      const before = await clusterOf(lab);
      await killAtEveryStep({ lab, fault: `kind: ${kind}, ${rest}`, probe, expectAsBefore: () => expectCluster(lab, before) });
    });
  }
});
