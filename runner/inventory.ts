import type { Cluster } from './cluster.ts';

/** The platform as the APIs tell it at one moment. */
export interface Inventory {
  readonly instances: readonly Instance[];
  readonly groups: readonly Group[];
  readonly volumes: readonly Volume[];
  /** Undefined when the environment names no etcd. */
  readonly etcd: EtcdState | undefined;
  /** Left out where nothing that is planned needs it, or the environment names no Kubernetes. */
  readonly kubernetes?: Cluster | undefined;
}

export interface Instance {
  /** `i-…` */
  readonly id: string;
  /** The `Name` tag, or the id. */
  readonly name: string;
  readonly zone: string;
  /** `pending`, `running`, `shutting-down`, `terminated`, `stopping`, `stopped`. */
  readonly state: string;
  readonly address: string | undefined;
  /** `subnet-…`; left out by those that don't tell. */
  readonly subnet?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The roles of the environment file whose tags it carries. */
  readonly roles: readonly string[];
  /** The name of the Auto Scaling Group it belongs to. */
  readonly group: string | undefined;
  readonly volumes: readonly InstanceVolume[];
}

export interface InstanceVolume {
  readonly id: string;
  readonly device: string;
  readonly deleteOnTermination: boolean;
}

export interface Group {
  readonly name: string;
  /** Its name in all of AWS, region and account included; left out by those that don't tell. */
  readonly arn?: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly roles: readonly string[];
  readonly members: readonly GroupMember[];
  /** Processes that are suspended, such as `Launch`. */
  readonly suspended: readonly string[];
  /** What it launches from, as it is set: the version may be `$Default` or `$Latest`. Undefined when it uses no template. */
  readonly launchTemplate?: { readonly id: string; readonly version: string } | undefined;
}

export interface GroupMember {
  readonly instanceId: string;
  readonly zone: string;
  /** `Pending`, `InService`, `Terminating`, … */
  readonly lifecycle: string;
  readonly healthy: boolean;
}

export interface Volume {
  readonly id: string;
  readonly name: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly zone: string;
  /** `creating`, `available`, `in-use`, … */
  readonly state: string;
  readonly attachment: { readonly instanceId: string; readonly state: string; readonly device: string } | undefined;
}

/** One etcd member: what the member list says of it, and what it said itself. */
export interface EtcdMember {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly clientUrls: readonly string[];
  /** Undefined when it did not answer. */
  readonly status: EtcdStatus | undefined;
  /** Why it did not answer. */
  readonly silence: string | undefined;
  /** The instance that hosts it, when one was found by its name or address. */
  readonly instanceId: string | undefined;
}

export interface EtcdStatus {
  /** The id of the member that it follows, hexadecimal; undefined while it knows no leader. */
  readonly leader: string | undefined;
  readonly term: number;
  readonly raftIndex: number;
  readonly dbSizeBytes: number;
  readonly version: string;
}

export interface EtcdState {
  readonly clusterId: string;
  readonly members: readonly EtcdMember[];
}
