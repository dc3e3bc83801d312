import { codeOf } from './aws.ts';
import type { Ec2Connection } from './ec2-connection.ts';

/** What a dry run told: EC2 checks rights before anything else, but can't be asked about every action. */
export type DryRun = 'allowed' | 'denied' | 'unknown';

export interface Ec2DryRun {
  /**
   * Whether these credentials may make this call, asked as a dry run: nothing is touched.
   *
   * @param action such as `TerminateInstances`
   * @param instance one that exists, for calls that name one
   */
  mayWe(action: string, instance: string | undefined, signal?: AbortSignal): Promise<DryRun>;
}

/** The calls that a dry run can be made of without making anything up that must exist. */
function commandFor({ sdk }: Ec2Connection, action: string, instance: string) {
  const DryRun = true;
  switch (action) {
    case 'DescribeInstances':
      return new sdk.DescribeInstancesCommand({ DryRun });
    case 'DescribeAvailabilityZones':
      return new sdk.DescribeAvailabilityZonesCommand({ DryRun });
    case 'DescribeVolumes':
      return new sdk.DescribeVolumesCommand({ DryRun });
    case 'DescribeTags':
      return new sdk.DescribeTagsCommand({ DryRun });
    case 'DescribeSubnets':
      return new sdk.DescribeSubnetsCommand({ DryRun });
    case 'DescribeNetworkAcls':
      return new sdk.DescribeNetworkAclsCommand({ DryRun });
    case 'DescribeNetworkInterfaces':
      return new sdk.DescribeNetworkInterfacesCommand({ DryRun });
    case 'DescribeSecurityGroups':
      return new sdk.DescribeSecurityGroupsCommand({ DryRun });
    case 'DescribeLaunchTemplates':
      return new sdk.DescribeLaunchTemplatesCommand({ DryRun });
    case 'TerminateInstances':
      return new sdk.TerminateInstancesCommand({ DryRun, InstanceIds: [instance] });
    case 'StopInstances':
      return new sdk.StopInstancesCommand({ DryRun, InstanceIds: [instance] });
    case 'StartInstances':
      return new sdk.StartInstancesCommand({ DryRun, InstanceIds: [instance] });
    case 'CreateTags':
      return new sdk.CreateTagsCommand({ DryRun, Resources: [instance], Tags: [{ Key: 'firedrill:run', Value: 'doctor' }] });
    case 'DeleteTags':
      return new sdk.DeleteTagsCommand({ DryRun, Resources: [instance], Tags: [{ Key: 'firedrill:run', Value: 'doctor' }] });
    default:
      return undefined;
  }
}

export function dryRunCalls(connection: Ec2Connection): Ec2DryRun {
  return {
    async mayWe(action, instance, signal) {
      const command = commandFor(connection, action, instance ?? '');
      if (!command || (instance === undefined && !action.startsWith('Describe'))) return 'unknown';
      try {
        await connection.client.send(command as never, signal ? { abortSignal: signal } : {});
        return 'unknown';
      } catch (error) {
        signal?.throwIfAborted();
        const code = codeOf(error);
        if (code === 'DryRunOperation') return 'allowed';
        if (code === 'UnauthorizedOperation' || code === 'AccessDenied') return 'denied';
        throw error;
      }
    },
  };
}
