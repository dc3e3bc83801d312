import type { Client } from '../client/index.ts';
import type { ClusterTiming } from '../names.ts';
import type { Pod } from '../objects.ts';
import type { AddressPool } from './addresses.ts';
import type { EventRecorder } from './events.ts';
import type { ResourceLimits } from './resource-limits.ts';
import type { PortMap } from './runtime/port-map.ts';
import type { StatusWriter } from './status-writer.ts';

/** The machine that a kubelet runs on. */
export interface NodeIdentity {
  /** The node's name: the instance's private DNS name. */
  readonly name: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  readonly address: string;
  readonly interfaceId: string;
}

/** What the parts of one kubelet share. */
export interface KubeletContext {
  readonly client: Client;
  readonly node: NodeIdentity;
  readonly timing: ClusterTiming;
  readonly addresses: AddressPool;
  readonly ports: PortMap;
  readonly events: EventRecorder;
  readonly statuses: StatusWriter;
  readonly limits: ResourceLimits;
  /** The pods on this node. */
  readonly pods: () => Pod[];
  /** Ways in which the lab was told to be wrong. */
  readonly sabotage: { isOn(name: 'slow-start'): boolean };
  readonly log: (line: string) => void;
}

/** Where a kubelet keeps what it makes; the machine's own /run, so it is gone with the machine. */
export const kubeletFolder = '/run/kubelet';
