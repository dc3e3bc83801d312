import assert from 'node:assert/strict';
import { fingerprint, isSameFault, seedOf, type Fingerprinted } from '../../runner/fingerprint.ts';
import type { Plan, PlannedFault } from '../../runner/plan.ts';
import { targetOf } from '../../runner/select.ts';
import { sampleEnvironment, samplePlatform } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';

const platform = samplePlatform();
const targets = platform.instances.slice(0, 2).map((instance) => targetOf(instance, platform));
const fault: PlannedFault = { id: 'f', kind: 'instance-stop', when: '0s', says: 'stop them', undo: { ids: ['a', 'b'], was: { x: 1, y: 2 } }, targets, objections: [] };
const plan: Plan = { faults: [fault], zones: {}, blastRadius: { instances: 2, zonesLost: [], etcdMembersDown: 2 }, quorum: null };
const base: Fingerprinted = {
  scenario: sampleScenario(),
  environment: sampleEnvironment(),
  identity: { accountId: '123456789012', etcdClusterId: 'cafe' },
  plan,
  seed: 7,
};
const withFault = (change: Partial<PlannedFault>): Fingerprinted => ({ ...base, plan: { ...plan, faults: [{ ...fault, ...change }] } });

describe('the hash of a plan', () => {
  it('begins with its seed', () => {
    assert.match(fingerprint(base), /^7-[0-9a-f]{16}$/);
    assert.equal(seedOf(fingerprint(base)), 7);
    for (const text of ['', '7', '7-', 'x-0123456789abcdef', '4294967296-0123456789abcdef', '7-0123456789ABCDEF', '-1-0123456789abcdef']) assert.equal(seedOf(text), undefined, text);
  });

  const same: [string, Fingerprinted][] = [
    ['targets come in another order', withFault({ targets: targets.toReversed() })],
    ['a target has become the leader of something', withFault({ targets: targets.map((target) => ({ ...target, etcdMember: 'beef' })) })],
    ['keys stand in another order', withFault({ undo: { was: { y: 2, x: 1 }, ids: ['a', 'b'] } })],
    ['the drill is told in other words', { ...base, scenario: sampleScenario({ title: 'Another title', why: 'Because.' }) }],
  ];
  for (const [name, other] of same) it(`stays when ${name}`, () => assert.equal(fingerprint(other), fingerprint(base)));

  const different: [string, Fingerprinted][] = [
    ['a target is another', withFault({ targets: [targets[0]!, { ...targets[1]!, id: 'i-999' }] })],
    ['a target is missing', withFault({ targets: targets.slice(1) })],
    ['what is to be put back is another', withFault({ undo: { ids: ['a', 'b'], was: { x: 1, y: 3 } } })],
    ['it is done in another way', withFault({ kind: 'instance-terminate' })],
    ['it is done with other settings', withFault({ settings: { signal: 'STOP' } })],
    ['the seed is another', { ...base, seed: 8 }],
    ['the drill asks for other limits', { ...base, scenario: sampleScenario({ limits: { quorumLoss: 'expected' } }) }],
    ['the drill waits longer', { ...base, scenario: sampleScenario({ recovery: { timeout: 1, stableFor: 1 } }) }],
    ['it is another account', { ...base, identity: { accountId: '999999999999', etcdClusterId: 'cafe' } }],
    ['it is another environment', { ...base, environment: sampleEnvironment({ name: 'production' }) }],
  ];
  for (const [name, other] of different) it(`changes when ${name}`, () => assert.notEqual(fingerprint(other), fingerprint(base)));

  it('of one fault tells whether it is still what it was', () => {
    assert.ok(isSameFault(fault, { ...fault, says: 'in other words' }));
    assert.ok(!isSameFault(fault, { ...fault, targets: [] }));
  });
});
