import assert from 'node:assert/strict';
import { longestDrillMs, longestFaultMs } from '../../runner/drill-length.ts';
import type { PlannedFault } from '../../runner/plan.ts';
import { samplePlatform } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';
import { targetOf } from '../../runner/select.ts';

const targets = samplePlatform().instances.map((instance) => targetOf(instance, samplePlatform()));
const planned = (id: string, more: Partial<PlannedFault> = {}): PlannedFault => ({ id, kind: 'k', when: '0s', says: '', undo: null, targets: targets.slice(0, 3), objections: [], ...more });

describe('the longest that a drill may take', () => {
  // The sample: 5 s for a baseline, 60 s for the recovery.
  const drills: [what: string, faults: object[], plan: PlannedFault[], seconds: number][] = [
    ['waits for a baseline and for the recovery', [{ id: 'a' }], [planned('a')], 65],
    ['waits for the last fault to start', [{ id: 'a', at: 9_000 }, { id: 'b', at: 2_000 }], [planned('a'), planned('b')], 74],
    ['waits for the last fault to end', [{ id: 'a', at: 9_000 }, { id: 'b', at: 2_000, for: 30_000 }], [planned('a'), planned('b')], 97],
    ['waits for those that come after others', [{ id: 'c', after: 'b', at: 1_000 }, { id: 'b', after: 'a' }, { id: 'a', at: 3_000 }], [planned('a'), planned('b'), planned('c')], 69],
    ['waits for evictions that may be refused for a while', [{ id: 'a' }, { id: 'b', after: 'a' }], [planned('a', { waitsMs: 30_000 }), planned('b')], 95],
    ['waits for a recovery between two targets of a rolling fault', [{ id: 'a', rolling: true }], [planned('a', { rolling: true })], 185],
  ];
  for (const [what, faults, plan, seconds] of drills) {
    it(what, () => {
      const scenario = sampleScenario({ faults: faults.map((fault) => ({ kind: 'k', ...fault })) as never });
      assert.equal(longestDrillMs(scenario, plan), seconds * 1_000);
    });
  }

  it('from one injection on is what that fault lasts and its recovery', () => {
    const { recovery } = sampleScenario();
    assert.equal(longestFaultMs({}, planned('a'), recovery), 60_000);
    assert.equal(longestFaultMs({ for: 20_000 }, planned('a', { waitsMs: 5_000 }), recovery), 85_000);
  });
});
