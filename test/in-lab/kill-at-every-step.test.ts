import assert from 'node:assert/strict';
import { loadKinds } from '../../runner/kinds.ts';
import { accountOf, expectAccount } from '../e2e/account.ts';
import { killAtEveryStep } from '../e2e/every-step.ts';
import { sharedLab } from '../e2e/shared-lab.ts';
import { undoableOfAws, undoableOfKubernetes, undoableOfMesh } from '../e2e/undoable-faults.ts';

describe('a run that is killed with SIGKILL at any of its steps leaves nothing that recover does not put back', function () {
  this.timeout('20m');
  for (const [kind, rest] of Object.entries(undoableOfAws)) {
    it(kind, async () => {
      const lab = await sharedLab();
      const before = await accountOf(lab);
      await killAtEveryStep({ lab, fault: `kind: ${kind}, ${rest}`, expectAsBefore: () => expectAccount(lab, before) });
    });
  }

  it('and no kind that is undone was left out, here, in the cluster or on the mesh', async () => {
    const { faults } = await loadKinds();
    const undone = Object.entries(faults).flatMap(([kind, { undo }]) => (undo ? [kind] : []));
    const shown = Object.keys({ ...undoableOfAws, ...undoableOfKubernetes, ...undoableOfMesh });
    assert.deepEqual(shown.filter((kind) => !undone.includes(kind)), []);
    // One that is broken and put back by the very functions of another is shown by that.
    const isAs = (kind: string, other: string): boolean => faults[kind]!.inject === faults[other]!.inject && faults[kind]!.undo === faults[other]!.undo;
    assert.deepEqual(undone.filter((kind) => !shown.some((other) => isAs(kind, other))), []);
  });
});
