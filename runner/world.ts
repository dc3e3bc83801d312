import type { Environment } from './environment.ts';
import type { Change } from './changes.ts';
import type { CallCounts } from './clients/call-pace.ts';
import type { AutoScalingClient } from './clients/auto-scaling.ts';
import type { CloudTrailClient } from './clients/cloudtrail.ts';
import type { DnsClient } from './clients/dns.ts';
import type { Ec2Client } from './clients/ec2.ts';
import type { EtcdFleet } from './clients/etcd.ts';
import type { HttpClient } from './clients/http.ts';
import type { PrometheusClient } from './clients/prometheus.ts';
import type { KubernetesClient } from './clients/kubernetes.ts';
import type { Mask } from './mask.ts';
import type { OwnPlace } from './own-place.ts';
import type { StsClient } from './clients/sts.ts';

/**
 * The platform that the environment file names, reached through its APIs. A client is made (and its SDK loaded) when it
 * is first asked for.
 */
export interface World {
  readonly environment: Environment;
  /** What takes the secrets of this platform out of all that is written down. */
  readonly mask: Mask;
  /** Where the harness itself stands, when it is a pod. */
  readonly ownPlace?: OwnPlace | undefined;
  /** @throws ExpectedError when the environment file has no `aws` part */
  ec2(): Promise<Ec2Client>;
  autoScaling(): Promise<AutoScalingClient>;
  sts(): Promise<StsClient>;
  cloudTrail(): Promise<CloudTrailClient>;
  /** @throws ExpectedError when the environment file has no `etcd` part */
  etcd(): Promise<EtcdFleet>;
  /** @throws ExpectedError when the environment file has no `kubernetes` part, or its kubeconfig can't be used */
  kubernetes(): Promise<KubernetesClient>;
  dns(): Promise<DnsClient>;
  /** @throws ExpectedError when the environment file has no `traffic` part, or its certificates can't be read */
  http(): Promise<HttpClient>;
  /** @throws ExpectedError when the environment file has no `prometheus` part */
  prometheus(): Promise<PrometheusClient>;
  /** How many requests were made so far, retries included, by AWS action: `DescribeInstances`. */
  readonly calls: CallCounts;
  /** Tells, in a sentence for the journal, when an API throttles us. Replaces the listener before. */
  onThrottled(listener: (text: string) => void): void;
  /** Tells of each call that changes something, once its outcome is known; first of those made so far. Replaces the listener before. */
  onChange(listener: (change: Change) => void): void;
  close(): Promise<void>;
}
