import type { Aws } from '../aws/index.ts';
import type { Timing } from '../hypervisor.ts';
import type { LabHypervisor } from '../machine/create.ts';
import type { SabotageRegistry } from '../sabotage.ts';
import type { WorldConfig } from './config.ts';
import type { DnsZone } from './dns-zone.ts';
import type { LabKubernetes } from './kubernetes.ts';
import type { Progress } from './progress.ts';

/** One running lab, as its parts see each other. */
export interface Lab {
  readonly config: WorldConfig;
  readonly timing: Timing;
  readonly progress: Progress;
  readonly zone: DnsZone;
  readonly sabotage: SabotageRegistry;
  readonly hypervisor: LabHypervisor;
  readonly log: (line: string) => void;
  /** etcd works the cluster's id out of it and the members' names: it stays the same when the cluster is made anew. */
  readonly clusterToken: string;
  /** There as soon as the network is. */
  aws?: Aws;
  /** The lies of etcd, as the sabotage wants them. */
  etcdLies?: { settled(): Promise<void> };
  /** In a lab with Kubernetes, as soon as its machines begin to launch. */
  kubernetes?: LabKubernetes;
}
