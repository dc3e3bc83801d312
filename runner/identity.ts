import type { Environment } from './environment.ts';
import type { Inventory } from './inventory.ts';
import type { World } from './world.ts';

/** Whose platform this is, as its APIs tell. Undefined: not asked for by the environment file. */
export interface Identity {
  readonly accountId: string | undefined;
  /** Where EC2 and Auto Scaling say that they are: one region, or they are not the same platform's. */
  readonly regions?: readonly string[] | undefined;
  /** The accounts that the Auto Scaling Groups belong to. */
  readonly groupAccounts?: readonly string[] | undefined;
  readonly etcdClusterId: string | undefined;
  /** The uid of namespace kube-system. */
  readonly clusterUid?: string | undefined;
}

export type AwsIdentity = Pick<Identity, 'accountId' | 'regions' | 'groupAccounts'>;

/**
 * Asks AWS whose credentials these are, and where it is that answers: an endpoint of one's own, in the environment file or
 * in the SDK's settings, may lead to another region than the one that is named.
 */
export async function askAws(world: World, signal?: AbortSignal): Promise<AwsIdentity> {
  const [sts, ec2] = await Promise.all([world.sts(), world.ec2()]);
  const [accountId, regions] = await Promise.all([sts.accountId(signal), ec2.regions(signal)]);
  return { accountId, regions, groupAccounts: [] };
}

/** With what the groups' own names tell: Auto Scaling may be reached by another endpoint than EC2. */
export function withGroups({ accountId, regions = [] }: AwsIdentity, { groups }: Pick<Inventory, 'groups'>): AwsIdentity {
  // arn:aws:autoscaling:<region>:<account>:…
  const arns = groups.flatMap(({ arn }) => (arn === undefined ? [] : [arn.split(':')]));
  const different = (values: readonly (string | undefined)[]): string[] => [...new Set(values.map((value) => value ?? ''))];
  return {
    accountId,
    regions: different([...regions, ...arns.map((parts) => parts[3])]),
    groupAccounts: different(arns.map((parts) => parts[4])),
  };
}

/** Why these are not the account and the region that the environment file names; empty when they are, or it names none. */
export function awsRefusals({ aws }: Environment, { accountId, regions = [], groupAccounts }: AwsIdentity): string[] {
  if (!aws) return [];
  const strangers = (groupAccounts ?? ['']).filter((account) => account !== aws.accountId);
  const elsewhere = regions.filter((region) => region !== aws.region);
  return [
    ...(accountId === aws.accountId
      ? []
      : [`the credentials belong to AWS account ${accountId || '(unknown)'}, the environment file names ${aws.accountId}; log in to that one, or name another environment file`]),
    ...(strangers.length === 0
      ? []
      : [`Auto Scaling answers for AWS account ${strangers.map(shown).join(', ')}, the environment file names ${aws.accountId}; check aws.endpoint and aws.profile`]),
    ...(regions.length > 0 && elsewhere.length === 0
      ? []
      : [`AWS answers from region ${elsewhere.map(shown).join(', ') || '(unknown)'}, the environment file names ${aws.region}; check aws.region and aws.endpoint`]),
  ];
}

function shown(value: string): string {
  return value || '(unknown)';
}
