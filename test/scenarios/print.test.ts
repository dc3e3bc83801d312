import assert from 'node:assert/strict';
import { loadScenario } from '../../scenarios/load.ts';
import { printScenario } from '../../scenarios/print.ts';
import { goodDrill, vocabulary } from './vocabulary.ts';

const options = { file: 'd.yaml', vocabulary };

describe('a printed drill', () => {
  it('reads as one that was written by hand', () => {
    assert.equal(
      printScenario(loadScenario(goodDrill, options), vocabulary),
      `name: lose-a-zone
title: Lose a zone
why: to see what happens
tags: []
parameters:
  zone: { default: any, description: the zone to lose }
probes:
  writes: { kind: etcd-write, every: 20ms, hedge: 200ms, via: any }
  groups: { kind: asg-capacity, select: { role: etcd } }
baseline: { for: 3s, within: 1m }
faults:
  - { id: zone, kind: instance-terminate, select: { role: etcd, zone: $zone } }
  - { id: extra, kind: instance-terminate, at: 1s, select: { notZone: $zone, pick: 1 } }
slos:
  - { name: writes are back, probe: writes, longestOutage: 5s }
  - { name: groups are whole, probe: groups, recoversWithin: 5m }
abort: []
limits: { quorumLoss: refuse }
recovery: { timeout: 10m, stableFor: 3s }
`,
    );
  });

  it('has what was set as its default', () => {
    const drill = loadScenario(goodDrill, { ...options, set: { zone: 'eu-west-1b' } });
    const printed = printScenario(drill, vocabulary);
    assert.match(printed, /zone: \{ default: eu-west-1b, description/);
    assert.deepEqual(loadScenario(printed, options), drill);
  });

  it('can\'t be made without the words for it', () => {
    const drill = loadScenario(goodDrill, options);
    assert.throws(() => printScenario(drill, { ...vocabulary, faults: {} }), /kind instance-terminate can't be printed/);
  });
});
