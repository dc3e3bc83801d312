import type { Hypervisor, MachineExit, MachineSpec, NetworkRules } from '../../../lab/hypervisor.ts';

/** A hypervisor that only remembers; tests read what it was told and make it fail. */
export interface InMemoryHypervisor extends Hypervisor {
  readonly running: Map<string, MachineSpec>;
  readonly killed: string[];
  /** Volume id to the instance that has it. */
  readonly attached: Map<string, string>;
  readonly volumes: Set<string>;
  /** The volumes that their machine has mounted. */
  readonly mounted: Set<string>;
  /** The volumes that were emptied. */
  readonly erased: string[];
  readonly restored: string[];
  /** Instance id to the addresses that it has on top of its own. */
  readonly routed: Map<string, readonly string[]>;
  /** The rules that packets go by. */
  readonly network: () => NetworkRules;
  /** The operations that reject while they are in here. */
  readonly failing: Set<keyof Hypervisor>;
  exit(instanceId: string): void;
}

export function inMemoryHypervisor(): InMemoryHypervisor {
  const running = new Map<string, MachineSpec>();
  const killed: string[] = [];
  const attached = new Map<string, string>();
  const volumes = new Set<string>();
  const mounted = new Set<string>();
  const erased: string[] = [];
  const restored: string[] = [];
  const routed = new Map<string, readonly string[]>();
  let rules: NetworkRules = { borders: [], groups: [], guarded: [] };
  const failing = new Set<keyof Hypervisor>();
  const listeners: ((exit: MachineExit) => void)[] = [];
  const act = async (name: keyof Hypervisor, action: () => void): Promise<void> => {
    await Promise.resolve();
    if (failing.has(name)) throw new Error(`${name} was told to fail`);
    action();
  };
  return {
    running,
    killed,
    attached,
    volumes,
    mounted,
    erased,
    restored,
    routed,
    network: () => rules,
    failing,
    start: (machine) => act('start', () => running.set(machine.instanceId, machine)),
    kill: (instanceId) =>
      act('kill', () => {
        running.delete(instanceId);
        routed.delete(instanceId);
        killed.push(instanceId);
      }),
    onExit: (listener) => void listeners.push(listener),
    createVolume: (volumeId) => act('createVolume', () => volumes.add(volumeId)),
    deleteVolume: (volumeId) => act('deleteVolume', () => volumes.delete(volumeId)),
    attachVolume: (volumeId, instanceId) => act('attachVolume', () => attached.set(volumeId, instanceId)),
    detachVolume: (volumeId) => act('detachVolume', () => attached.delete(volumeId)),
    isVolumeMounted: async (volumeId) => mounted.has(volumeId),
    eraseVolume: (volumeId) => act('eraseVolume', () => erased.push(volumeId)),
    restoreVolume: (volumeId) => act('restoreVolume', () => restored.push(volumeId)),
    routeAddresses: (instanceId, addresses) => act('routeAddresses', () => routed.set(instanceId, addresses)),
    applyNetwork: (wanted) => act('applyNetwork', () => (rules = wanted)),
    console: async (instanceId) => `console of ${instanceId}\n`,
    exit(instanceId) {
      running.delete(instanceId);
      for (const listener of listeners) listener({ instanceId, reason: 'exited with 1' });
    },
  };
}
