/**
 * What the lab's AWS needs of the machinery below it. `lab/aws/` decides *that* an instance starts or dies, and when;
 * a hypervisor makes it so with real namespaces and processes. Ids are AWS ids (`i-0abc…`, `vol-0abc…`).
 */
export interface MachineSpec {
  readonly instanceId: string;
  /** An availability zone such as `eu-west-1a`. */
  readonly zone: string;
  readonly subnetId: string;
  /** The private IPv4 address chosen by EC2 from the subnet. */
  readonly address: string;
  /** Such as `m4.large`; a label only. */
  readonly instanceType: string;
  /** The `Name` tag, when the instance has one. */
  readonly name: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** The decoded user data: a shell script, run as the machine's first process. */
  readonly userData: string;
}

/** Why a machine's first process ended, when nobody asked for it. */
export interface MachineExit {
  readonly instanceId: string;
  readonly reason: string;
}

/** One rule over packets, in words that no longer need AWS: who may (or may not) talk to whom. */
export interface PacketRule {
  /** A number of IANA's, such as 6 for TCP; undefined is any protocol. */
  readonly protocol: number | undefined;
  /** The other end: CIDRs and addresses of which one has to match. Empty matches nobody. */
  readonly peers: readonly string[];
  /** Destination ports; undefined is any. */
  readonly ports: { readonly from: number; readonly to: number } | undefined;
  /** ICMP's type and code; undefined is any. */
  readonly icmp: { readonly type: number | undefined; readonly code: number | undefined } | undefined;
}

/** The border of one subnet: the first rule that matches a packet decides, and what none matches is dropped. */
export interface SubnetBorder {
  readonly zone: string;
  readonly cidr: string;
  readonly ingress: readonly (PacketRule & { readonly allow: boolean })[];
  readonly egress: readonly (PacketRule & { readonly allow: boolean })[];
}

/** What may begin a connection to and from these addresses. Rules only allow; an address may stand in several. */
export interface AddressGroup {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly ingress: readonly PacketRule[];
  readonly egress: readonly PacketRule[];
}

/** All rules of the network at one moment. */
export interface NetworkRules {
  /** Network ACLs, stateless: each packet is judged by itself, also those of connections that stand already. */
  readonly borders: readonly SubnetBorder[];
  /** Security groups, stateful: only a connection's beginning is judged. */
  readonly groups: readonly AddressGroup[];
  /** The addresses that are subject to security groups: what no group of theirs allows is dropped. */
  readonly guarded: readonly string[];
}

export interface Hypervisor {
  /** Plugs the machine in and starts its user data. Resolves when the first process runs; rejects when it can't. */
  start(machine: MachineSpec): Promise<void>;
  /** SIGKILL to everything that runs in the machine, its network gone. Resolves when nothing of it is left. Idempotent. */
  kill(instanceId: string): Promise<void>;
  /** Called when a machine ends by itself (its first process exited). */
  onExit(listener: (exit: MachineExit) => void): void;
  createVolume(volumeId: string): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  /** The volume appears as `device` (`/dev/xvdf`) in the machine; mounting it is the machine's own business. */
  attachVolume(volumeId: string, instanceId: string, device: string): Promise<void>;
  /**
   * Takes the device away, mounts of it included; what holds files of it open is killed, as by the bus error that it gets
   * when a disk is pulled out. Idempotent; also called after the machine has died.
   */
  detachVolume(volumeId: string, instanceId: string): Promise<void>;
  /** Whether the machine has mounted the volume: its kernel then holds on to it unless it is pulled out by force. */
  isVolumeMounted(volumeId: string, instanceId: string): Promise<boolean>;
  /** Forgets all that is on the volume. It must not be attached. */
  eraseVolume(volumeId: string): Promise<void>;
  /** Puts the copy that was kept of the volume in its place, where there is one. It must not be attached. */
  restoreVolume(volumeId: string): Promise<void>;
  /**
   * Packets for these addresses go to the machine from now on, and those for other addresses that were its own no longer do.
   * They are lost with the machine. Does nothing when it doesn't run.
   */
  routeAddresses(instanceId: string, addresses: readonly string[]): Promise<void>;
  /** Puts these rules in the place of the ones before, all at once. When many come together the last is what counts. */
  applyNetwork(rules: NetworkRules): Promise<void>;
  /** The last lines of the machine's console, for GetConsoleOutput and `lab logs`. */
  console(instanceId: string): Promise<string>;
}

/** How long things take. All in milliseconds. */
export interface Timing {
  readonly name: 'fast' | 'aws';
  /** From TerminateInstances to `terminated`: the processes are dead at once, the state follows. */
  readonly terminateMs: number;
  /** How often a group compares what it has with what it wants. */
  readonly groupPeriodMs: number;
  /** From a launch activity's start to `running`. */
  readonly launchMs: number;
  /** From `running` to the first line of user data. */
  readonly bootMs: number;
  readonly attachMs: number;
  readonly detachMs: number;
}
