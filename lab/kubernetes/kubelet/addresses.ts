import { setTimeout as wait } from 'node:timers/promises';
import { allTexts, query, type QueryApi } from '../../query.ts';

/** The node's stock of addresses for pods: secondary addresses of its network interface, as AWS's network plugin keeps one. */
export interface AddressPool {
  /** @throws when EC2 gives none */
  take(): Promise<string>;
  /** It is kept for a while before another pod gets it: connections to the old one may not have heard of its end. */
  give(address: string): void;
  readonly size: number;
}

export interface AddressPoolOptions {
  readonly ec2: QueryApi;
  readonly interfaceId: string;
  /** Addresses that the interface has from before. */
  readonly initial: readonly string[];
  readonly cooldownMs: number;
  readonly log: (line: string) => void;
}

/** So many are in stock, so that a pod need not wait for EC2, nor fail with it. */
const warmTarget = 3;
/** Those that are free beyond this go back to the subnet. */
const mostWarm = 8;

export function createAddressPool({ ec2, interfaceId, initial, cooldownMs, log }: AddressPoolOptions): AddressPool {
  const used = new Set<string>();
  /** Free addresses, with the time from which each may be given out. */
  const free = new Map<string, number>(initial.map((address) => [address, 0]));
  let assigning: Promise<void> | undefined;

  async function assign(count: number): Promise<void> {
    const xml = await query(ec2, 'AssignPrivateIpAddresses', { NetworkInterfaceId: interfaceId, SecondaryPrivateIpAddressCount: count });
    for (const address of allTexts(xml, 'privateIpAddress')) free.set(address, 0);
  }
  const inStock = (): string[] => [...free].filter(([, from]) => from <= performance.now()).map(([address]) => address);

  /** At most one call at a time; who comes meanwhile waits for it. */
  function restock(least: number): Promise<void> {
    const lacking = least - inStock().length;
    if (lacking <= 0) return Promise.resolve();
    assigning ??= assign(lacking).finally(() => (assigning = undefined));
    return assigning;
  }

  async function giveBack(): Promise<void> {
    const surplus = inStock().slice(mostWarm);
    if (surplus.length === 0) return;
    for (const address of surplus) free.delete(address);
    const list = Object.fromEntries(surplus.map((address, index) => [`PrivateIpAddress.${index + 1}`, address]));
    await query(ec2, 'UnassignPrivateIpAddresses', { NetworkInterfaceId: interfaceId, ...list });
  }

  const inBackground = (what: string, work: () => Promise<void>): void => {
    work().catch((error: unknown) => log(`${what}: ${error instanceof Error ? error.message : String(error)}`));
  };

  inBackground('addresses for pods', () => restock(warmTarget));
  return {
    async take() {
      let [address] = inStock();
      while (address === undefined) {
        await restock(1);
        [address] = inStock();
        // Another pod may have been faster.
        if (address === undefined) await wait(10);
      }
      free.delete(address);
      used.add(address);
      inBackground('addresses for pods', () => restock(warmTarget));
      return address;
    },
    give(address) {
      if (!used.delete(address)) return;
      free.set(address, performance.now() + cooldownMs);
      inBackground('addresses given back', async () => {
        await wait(cooldownMs, undefined, { ref: false });
        await giveBack();
      });
    },
    get size() {
      return used.size + free.size;
    },
  };
}
