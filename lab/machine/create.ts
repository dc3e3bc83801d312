import { createAddressRoutes } from './address-routes.ts';
import { createConsole, type Console } from './console.ts';
import type { Hypervisor, MachineExit, MachineSpec } from '../hypervisor.ts';
import { clearMachine, killMachine, startMachine, type Machine } from './machine.ts';
import { createFirewall } from '../world/firewall.ts';
import { createVolume, deleteVolume, eraseVolume, isMountedIn, plug, restoreVolume, unplug } from './volumes.ts';

/** The hypervisor, and what the lab itself wants to know of its machines. */
export interface LabHypervisor extends Hypervisor {
  /** The machines that run. */
  machines(): readonly Machine[];
  /** The machine that has this address, as its first or as another one. */
  machineAt(address: string): MachineSpec | undefined;
  /** The volumes that are plugged into a machine. */
  volumesOf(instanceId: string): readonly string[];
  consoleOf(instanceId: string): Console | undefined;
  /** The newest machine, dead ones included, that had this `Name` tag or began with it and a dot. */
  newestNamed(name: string): string | undefined;
}

/** Consoles of machines that are gone, for a look afterwards. */
const keptConsoles = 60;

interface Plug {
  readonly instanceId: string;
  readonly device: string;
}

export function createHypervisor(log: (line: string) => void): LabHypervisor {
  const machines = new Map<string, Machine>();
  const consoles = new Map<string, { console: Console; name: string }>();
  const plugs = new Map<string, Plug>();
  const listeners: ((exit: MachineExit) => void)[] = [];
  /** Machines whose death was asked for: their end is no news. */
  const condemned = new Set<string>();
  const firewall = createFirewall();
  const routes = createAddressRoutes();
  const starting = new Map<string, Promise<void>>();

  function openConsole(spec: MachineSpec): Console {
    const console = createConsole();
    consoles.set(spec.instanceId, { console, name: spec.name ?? spec.instanceId });
    for (const id of consoles.keys()) {
      if (consoles.size <= keptConsoles) break;
      if (!machines.has(id) && id !== spec.instanceId) consoles.delete(id);
    }
    return console;
  }

  async function start(spec: MachineSpec): Promise<void> {
    const machine = await startMachine(spec, openConsole(spec));
    machines.set(spec.instanceId, machine);
    afterEnd(machine).catch((error: unknown) => log(`hypervisor: after the end of ${spec.instanceId}: ${String(error)}`));
  }

  async function afterEnd(machine: Machine): Promise<void> {
    const reason = await machine.ended;
    const { instanceId } = machine.spec;
    machines.delete(instanceId);
    if (condemned.has(instanceId)) return;
    await routes.drop(machine.spec);
    await clearMachine(instanceId);
    for (const listener of listeners) listener({ instanceId, reason });
  }

  return {
    async start(spec) {
      // It may have been stopped before.
      condemned.delete(spec.instanceId);
      const work = start(spec);
      starting.set(spec.instanceId, work);
      try {
        await work;
      } finally {
        starting.delete(spec.instanceId);
      }
    },
    async kill(instanceId) {
      condemned.add(instanceId);
      // A start that fails has left nothing to kill.
      await starting.get(instanceId)?.catch((error: unknown) => log(`hypervisor: ${String(error)}`));
      const machine = machines.get(instanceId);
      if (!machine) return;
      await killMachine(machine);
      await routes.drop(machine.spec);
      await clearMachine(instanceId);
    },
    onExit: (listener) => void listeners.push(listener),
    async createVolume(volumeId) {
      createVolume(volumeId);
    },
    async deleteVolume(volumeId) {
      deleteVolume(volumeId);
    },
    async attachVolume(volumeId, instanceId, device) {
      if (!machines.has(instanceId)) throw new Error(`${instanceId} does not run: nothing can be plugged into it`);
      plugs.set(volumeId, { instanceId, device });
      await plug(volumeId, instanceId, device);
    },
    async detachVolume(volumeId, instanceId) {
      const where = plugs.get(volumeId);
      if (where?.instanceId !== instanceId) return;
      const killed = await unplug(volumeId, instanceId, where.device, machines.get(instanceId)?.shepherd);
      for (const program of killed) {
        consoles.get(instanceId)?.console.write(`kernel: ${where.device} is gone; ${program} had files of it open: bus error\n`);
      }
      plugs.delete(volumeId);
    },
    async isVolumeMounted(volumeId, instanceId) {
      const machine = machines.get(instanceId);
      return machine !== undefined && isMountedIn(volumeId, machine.shepherd);
    },
    async eraseVolume(volumeId) {
      eraseVolume(volumeId);
    },
    restoreVolume,
    async routeAddresses(instanceId, addresses) {
      const machine = machines.get(instanceId);
      if (machine) await routes.set(machine.spec, addresses);
    },
    applyNetwork: (rules) => firewall.apply(rules),
    async console(instanceId) {
      return consoles.get(instanceId)?.console.text() ?? '';
    },
    machines: () => [...machines.values()],
    machineAt: (address) =>
      [...machines.values()].find(({ spec }) => spec.address === address || routes.of(spec.instanceId).includes(address))?.spec,
    volumesOf: (instanceId) => [...plugs].filter(([, where]) => where.instanceId === instanceId).map(([id]) => id),
    consoleOf: (instanceId) => consoles.get(instanceId)?.console,
    newestNamed: (name) => [...consoles].findLast(([, each]) => each.name === name || each.name.startsWith(`${name}.`))?.[0],
  };
}
