import { createHash } from 'node:crypto';
import type { Environment } from './environment.ts';

/** What tells one platform from another, each with its name for people. */
function identityOf({ name, aws, etcd, kubernetes, enter }: Environment): [what: string, value: unknown][] {
  return [
    ['name', name],
    ['aws.accountId', aws?.accountId],
    ['aws.endpoint', aws?.endpoint],
    ['etcd.clusterId', etcd?.clusterId],
    ['enter', enter],
    ...(kubernetes ? [['kubernetes', kubernetes.clusterUid ?? kubernetes.context] as [string, unknown]] : []),
  ];
}

/** The same for the same platform, by whichever file it is named. */
export function platformKey(environment: Environment): string {
  const platform = JSON.stringify(identityOf(environment).map(([, value]) => value));
  return createHash('sha256').update(platform).digest('hex').slice(0, 16);
}

/** What makes these two platforms, in words: `etcd.clusterId is cafe, not beef`; undefined when they are one. */
export function differenceOf(environment: Environment, other: Environment): string | undefined {
  const others = new Map(identityOf(other));
  const own = identityOf(environment);
  const [what, value] = own.find(([key, one]) => JSON.stringify(one) !== JSON.stringify(others.get(key))) ?? [];
  if (what !== undefined) return `${what} is ${JSON.stringify(value) ?? 'not named'}, not ${JSON.stringify(others.get(what)) ?? 'left out'}`;
  return own.length === others.size ? undefined : 'only one of them names Kubernetes';
}
