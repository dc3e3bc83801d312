import { command } from '../../../world/commands.ts';

/** A port of the node that leads to a port of a pod. */
export interface HostPort {
  readonly nodeAddress: string;
  readonly podAddress: string;
  readonly protocol: 'tcp' | 'udp';
  readonly hostPort: number;
  readonly containerPort: number;
}

/** All host ports of a node, by the pods that have them; each change loads the whole table. */
export function createPortMap(load: (script: string) => Promise<unknown> = (script) => command('nft', ['-f', '-'], script)) {
  const ports = new Map<string, readonly HostPort[]>();
  let last: Promise<unknown> = Promise.resolve();
  const reload = (): Promise<void> => {
    const mine = last.then(async () => void (await load(renderPorts([...ports.values()].flat()))));
    last = mine.catch(() => {});
    return mine;
  };
  return {
    async set(uid: string, mapped: readonly HostPort[]): Promise<void> {
      if (mapped.length === 0 && !ports.has(uid)) return;
      if (mapped.length === 0) ports.delete(uid);
      else ports.set(uid, mapped);
      await reload();
    },
    /** Whether another pod has this port of the node. */
    isTaken: (uid: string, port: number, protocol: string): boolean =>
      [...ports].some(([other, mapped]) => other !== uid && mapped.some((each) => each.hostPort === port && each.protocol === protocol)),
  };
}
export type PortMap = ReturnType<typeof createPortMap>;

/** Address translation as the portmap plugin does it: for what comes from outside, from other pods and from the node itself. */
export function renderPorts(ports: readonly HostPort[]): string {
  const to = ({ nodeAddress, protocol, hostPort, podAddress, containerPort }: HostPort): string =>
    `    ip daddr ${nodeAddress} ${protocol} dport ${hostPort} dnat to ${podAddress}:${containerPort}\n`;
  const rules = ports.map(to).join('');
  // A pod that calls its own node's port must hear the answer from there, not from itself.
  const hairpins = ports.map(({ podAddress }) => `    ct status dnat ip saddr ${podAddress} ip daddr ${podAddress} masquerade\n`).join('');
  return `table ip portmap
delete table ip portmap
table ip portmap {
  chain incoming {
    type nat hook prerouting priority dstnat; policy accept;
${rules}  }
  chain own {
    type nat hook output priority -100; policy accept;
${rules}  }
  chain hairpin {
    type nat hook postrouting priority srcnat; policy accept;
${hairpins}  }
}
`;
}
