import { createHash } from 'node:crypto';
import type { Environment } from './environment.ts';

/** The same for the same platform, by whichever file it is named. */
export function platformKey({ name, aws, etcd, kubernetes, enter }: Environment): string {
  const cluster = kubernetes ? [kubernetes.clusterUid ?? kubernetes.context] : [];
  const platform = JSON.stringify([name, aws?.accountId, aws?.endpoint, etcd?.clusterId, enter, ...cluster]);
  return createHash('sha256').update(platform).digest('hex').slice(0, 16);
}
