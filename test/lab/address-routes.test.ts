import assert from 'node:assert/strict';
import type { MachineSpec } from '../../lab/hypervisor.ts';
import { createAddressRoutes } from '../../lab/machine/address-routes.ts';

describe('addresses behind a machine', () => {
  const machine: MachineSpec = {
    instanceId: 'i-1', zone: 'eu-west-1a', subnetId: 'subnet-1', address: '10.200.1.5', instanceType: 'm4.large', name: 'worker', tags: {}, userData: '',
  };

  it('are routed to it, and no longer when they or the machine are gone', async () => {
    const lines: string[] = [];
    const routes = createAddressRoutes(async (some) => void lines.push(...some));
    await Promise.all([routes.set(machine, ['10.200.1.7', '10.200.1.8']), routes.set(machine, ['10.200.1.8', '10.200.1.9'])]);
    assert.deepEqual(lines, [
      'route replace 10.200.1.7/32 via 10.200.1.5 dev zone-a src 10.200.0.10',
      'route replace 10.200.1.8/32 via 10.200.1.5 dev zone-a src 10.200.0.10',
      'route del 10.200.1.7/32 via 10.200.1.5 dev zone-a',
      'route replace 10.200.1.9/32 via 10.200.1.5 dev zone-a src 10.200.0.10',
    ]);
    assert.deepEqual(routes.of('i-1'), ['10.200.1.8', '10.200.1.9']);
    await routes.drop(machine);
    assert.deepEqual(routes.of('i-1'), []);
    assert.equal(lines.length, 6);
  });

  it('that are another machine\'s by now stay there', async () => {
    const routes = createAddressRoutes(async ([line]) => {
      if (line?.startsWith('route del')) throw new Error('RTNETLINK answers: No such process');
    });
    await routes.set(machine, ['10.200.1.7']);
    await routes.drop(machine);
  });
});
