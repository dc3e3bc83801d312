import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import type { Fault, Target } from '../../runner/fault.ts';
import { refusalsFor } from '../../runner/guard.ts';
import { openJournal, parseJournal } from '../../runner/journal-file.ts';
import { prepare } from '../../runner/prepare.ts';
import { planFault } from '../../runner/plan.ts';
import type { Kinds } from '../../runner/kinds.ts';
import { createMask } from '../../runner/mask.ts';
import { run } from '../../runner/run.ts';
import { targetOf } from '../../runner/select.ts';
import type { World } from '../../runner/world.ts';
import { Service, serviceKinds } from './engine.ts';
import { sampleEnvironment, samplePlatform } from './sample-platform.ts';
import { sampleScenario } from './sample-scenario.ts';
import { simulatedClock } from './simulated-clock.ts';

const target = (n: number): Target => ({ kind: 'instance', name: `peer-${n}`, id: `i-${n}`, zone: 'z', roles: [], group: undefined, etcdMember: undefined });

/** Kills one of three machines at a time; the service is broken for five seconds after each. */
function rollingKinds(service: Service, clock: ReturnType<typeof simulatedClock>, heals: () => boolean): Kinds {
  const kinds = serviceKinds(service);
  const kill: Fault = {
    ...kinds.faults['kill']!,
    plan: async (spec) => {
      const names = spec.select?.names;
      const targets = [1, 2, 3].map(target).filter(({ id }) => names === undefined || names.includes(id));
      return { targets, says: 'kill', undo: null, objections: [] };
    },
    async inject({ targets }) {
      const id = targets.map((one) => one.id).join();
      service.log.push(`kill ${id} at ${Math.round(clock.now() / 1000)}`);
      service.broken.add(id);
      clock.schedule(clock.now() + 5_000, () => heals() && service.broken.delete(id));
    },
  };
  return { ...kinds, faults: { kill } };
}

async function roll(heals: () => boolean) {
  const service = new Service();
  const clock = simulatedClock();
  const kinds = rollingKinds(service, clock, heals);
  const scenario = sampleScenario({ probes: { p: { kind: 'ping' } }, faults: [{ id: 'f', kind: 'kill', rolling: true }], recovery: { timeout: 20_000, stableFor: 1_000 } });
  const world = { environment: sampleEnvironment({ aws: undefined, etcd: undefined }) } as World;
  const prepared = await prepare({ scenario, world, kinds, seed: 1, clock });
  const written: string[] = [];
  const openSink = async () => ({ write: async (text: string) => void written.push(text), sync: async () => {}, close: async () => {} });
  const journal = await openJournal({ folder: tmpdir(), clock, mask: createMask(), openSink });
  const outcome = await clock.until(
    run({ ...prepared, scenario, source: 'd', world, kinds, seed: 1, id: 'r', journal, clock, versions: { firedrill: '0', node: '0' }, command: 'c', interrupt: new AbortController().signal }),
  );
  await journal.close();
  return { outcome, service, entries: parseJournal(written.join(''), 'journal') };
}

describe('a rolling fault', () => {
  it('takes the next target only when all is good again', async () => {
    const { outcome, service, entries } = await roll(() => true);
    assert.equal(outcome, 'finished');
    const kills = service.log.filter((line) => line.startsWith('kill'));
    const times = kills.map((line) => Number(line.split(' ').at(-1)));
    assert.deepEqual(kills.map((line) => line.split(' ')[1]), ['i-1', 'i-2', 'i-3']);
    for (const [index, at] of times.entries()) if (index > 0) assert.ok(at - times[index - 1]! >= 6, `${at} after ${times[index - 1]}`);
    const intents = entries.flatMap((entry) => (entry.type === 'fault.intent' ? [entry.fault] : []));
    assert.deepEqual(intents, ['f/peer-1', 'f/peer-2', 'f/peer-3']);
  });

  it('breaks nothing more when one does not come back', async () => {
    const { outcome, service, entries } = await roll(() => false);
    assert.equal(outcome, 'failed');
    assert.equal(service.log.filter((line) => line.startsWith('kill')).length, 1);
    const ended = entries.find((entry) => entry.type === 'run.ended');
    assert.match(ended?.type === 'run.ended' ? ended.reason : '', /not whole again within 20s, so nothing more is broken: p is bad: broken/);
  });

  it('of all nine members takes one at a time from quorum, and is refused where it could not be undone', async () => {
    const inventory = samplePlatform();
    const kind = (undo: object | null): Fault => ({
      ...serviceKinds(new Service()).faults['kill']!,
      plan: async () => ({ targets: inventory.instances.map((one) => targetOf(one, inventory)), says: '', undo: undo as never, objections: [] }),
    });
    const scenario = sampleScenario({ limits: { etcdMembersDown: 1, quorumLoss: 'refuse' } });
    const world = { environment: sampleEnvironment() } as World;
    const refusals = async (undo: object | null): Promise<string[]> => {
      const kinds = { faults: { k: kind(undo) }, probes: {} };
      const fault = await planFault({ spec: { id: 'f', kind: 'k', rolling: true }, zones: {}, world, kinds, inventory, seed: 1 });
      const identity = { accountId: '123456789012', regions: ['eu-west-1'], groupAccounts: [], etcdClusterId: 'cafe' };
      return refusalsFor({ scenario, environment: world.environment, inventory, before: inventory, faults: [fault], hit: [], identity });
    };
    assert.deepEqual(await refusals(null), []);
    assert.match((await refusals({ a: 1 })).join(), /rolling goes only with kinds that are not undone/);
  });
});
