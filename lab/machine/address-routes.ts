import type { MachineSpec } from '../hypervisor.ts';
import { harnessAddress, zoneNamed } from '../names.ts';
import { ip } from '../world/commands.ts';

/** By which machine the router reaches addresses that are no machine's first one. */
export interface AddressRoutes {
  /** These addresses are behind this machine from now on, in the place of those that were. */
  set(machine: MachineSpec, addresses: readonly string[]): Promise<void>;
  /** The machine is gone, and its addresses with it. */
  drop(machine: MachineSpec): Promise<void>;
  /** The addresses that are behind a machine. */
  of(instanceId: string): readonly string[];
}

/** @param change replaced in tests: takes lines for `ip -batch` */
export function createAddressRoutes(change: (lines: readonly string[]) => Promise<unknown> = ip): AddressRoutes {
  const routed = new Map<string, readonly string[]>();
  let last: Promise<unknown> = Promise.resolve();

  /** One change after the other, so that what is asked last is what holds. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  async function replace(machine: MachineSpec, addresses: readonly string[]): Promise<void> {
    const before = routed.get(machine.instanceId) ?? [];
    routed.set(machine.instanceId, addresses);
    const { bridge } = zoneNamed(machine.zone);
    for (const address of before.filter((each) => !addresses.includes(each))) {
      // By its machine: another one may have the address by now, and keeps it.
      await quietly(change, `route del ${address}/32 via ${machine.address} dev ${bridge}`);
    }
    const added = addresses.filter((each) => !before.includes(each));
    // The harness comes from outside of the subnet here, too.
    if (added.length > 0) await change(added.map((each) => `route replace ${each}/32 via ${machine.address} dev ${bridge} src ${harnessAddress}`));
  }

  return {
    set: (machine, addresses) => inTurn(() => replace(machine, addresses)),
    drop: (machine) =>
      inTurn(async () => {
        await replace(machine, []);
        routed.delete(machine.instanceId);
      }),
    of: (instanceId) => routed.get(instanceId) ?? [],
  };
}

async function quietly(change: (lines: readonly string[]) => Promise<unknown>, line: string): Promise<void> {
  try {
    await change([line]);
  } catch (error) {
    // The route has been another machine's for a while.
    if (!/No such process/.test(String(error))) throw error;
  }
}
