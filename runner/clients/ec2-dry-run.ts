import type { Instance, LaunchTemplate, NetworkAcl } from '@aws-sdk/client-ec2';
import { codeOf, isDenied } from './aws.ts';
import type { Ec2Connection } from './ec2-connection.ts';

/** What a dry run told: EC2 checks rights before anything else, but can't be asked about every action. */
export type DryRun = 'allowed' | 'denied' | 'unknown';

export interface Ec2DryRun {
  /**
   * Whether these credentials may make this call, asked as a dry run: nothing is touched.
   *
   * @param action such as `TerminateInstances`
   * @param examples what exists and the call can name
   */
  mayWe(action: string, examples: Examples, signal?: AbortSignal): Promise<DryRun>;

  /**
   * Looks for one thing of each sort that a dry run of these actions has to name: a dry run about nothing tells nothing.
   *
   * @param actions without their service
   */
  examples(actions: readonly string[], signal?: AbortSignal): Promise<Examples>;
}

/** One thing of each sort, as far as there is one. */
export interface Examples {
  readonly instance?: Instance;
  readonly acl?: NetworkAcl;
  readonly template?: LaunchTemplate;
}

type Sdk = Ec2Connection['sdk'];
type Question = (sdk: Sdk, examples: Examples) => object | undefined;

const DryRun = true;
const mark = [{ Key: 'firedrill:run', Value: 'doctor' }];
/** The name of what a dry run would make. */
const made = 'firedrill-doctor';
const everything = { Protocol: '-1', CidrBlock: '0.0.0.0/0', Egress: false } as const;

/** The calls that are only made for what exists. */
const questions: Readonly<Record<string, Question>> = {
  DescribeInstances: (sdk) => new sdk.DescribeInstancesCommand({ DryRun }),
  DescribeAvailabilityZones: (sdk) => new sdk.DescribeAvailabilityZonesCommand({ DryRun }),
  DescribeVolumes: (sdk) => new sdk.DescribeVolumesCommand({ DryRun }),
  DescribeTags: (sdk) => new sdk.DescribeTagsCommand({ DryRun }),
  DescribeSubnets: (sdk) => new sdk.DescribeSubnetsCommand({ DryRun }),
  DescribeNetworkAcls: (sdk) => new sdk.DescribeNetworkAclsCommand({ DryRun }),
  DescribeNetworkInterfaces: (sdk) => new sdk.DescribeNetworkInterfacesCommand({ DryRun }),
  DescribeSecurityGroups: (sdk) => new sdk.DescribeSecurityGroupsCommand({ DryRun }),
  DescribeLaunchTemplates: (sdk) => new sdk.DescribeLaunchTemplatesCommand({ DryRun }),
  DescribeLaunchTemplateVersions: (sdk, { template }) => template && new sdk.DescribeLaunchTemplateVersionsCommand({ DryRun, LaunchTemplateId: template.LaunchTemplateId }),

  TerminateInstances: (sdk, { instance }) => instance && new sdk.TerminateInstancesCommand({ DryRun, InstanceIds: [instance.InstanceId!] }),
  StopInstances: (sdk, { instance }) => instance && new sdk.StopInstancesCommand({ DryRun, InstanceIds: [instance.InstanceId!] }),
  StartInstances: (sdk, { instance }) => instance && new sdk.StartInstancesCommand({ DryRun, InstanceIds: [instance.InstanceId!] }),
  RunInstances: (sdk, { instance, template }) =>
    instance && template && new sdk.RunInstancesCommand({ DryRun, MinCount: 1, MaxCount: 1, SubnetId: instance.SubnetId, LaunchTemplate: { LaunchTemplateId: template.LaunchTemplateId } }),
  CreateTags: (sdk, { instance }) => instance && new sdk.CreateTagsCommand({ DryRun, Resources: [instance.InstanceId!], Tags: mark }),
  DeleteTags: (sdk, { instance }) => instance && new sdk.DeleteTagsCommand({ DryRun, Resources: [instance.InstanceId!], Tags: mark }),

  AttachVolume: (sdk, { instance }) => withVolume(instance, (VolumeId) => new sdk.AttachVolumeCommand({ DryRun, VolumeId, InstanceId: instance!.InstanceId, Device: '/dev/sdz' })),
  DetachVolume: (sdk, { instance }) => withVolume(instance, (VolumeId) => new sdk.DetachVolumeCommand({ DryRun, VolumeId })),

  CreateNetworkAcl: (sdk, { acl }) => acl && new sdk.CreateNetworkAclCommand({ DryRun, VpcId: acl.VpcId }),
  CreateNetworkAclEntry: (sdk, { acl }) => acl && new sdk.CreateNetworkAclEntryCommand({ DryRun, NetworkAclId: acl.NetworkAclId, RuleNumber: 1, RuleAction: 'deny', ...everything }),
  DeleteNetworkAcl: (sdk, { acl }) => acl && new sdk.DeleteNetworkAclCommand({ DryRun, NetworkAclId: acl.NetworkAclId }),
  ReplaceNetworkAclAssociation: (sdk, { acl }) =>
    acl?.Associations?.[0] && new sdk.ReplaceNetworkAclAssociationCommand({ DryRun, NetworkAclId: acl.NetworkAclId, AssociationId: acl.Associations[0].NetworkAclAssociationId }),

  CreateSecurityGroup: (sdk, { instance }) => instance && new sdk.CreateSecurityGroupCommand({ DryRun, GroupName: made, Description: made, VpcId: instance.VpcId }),
  DeleteSecurityGroup: (sdk, { instance }) => withGroup(instance, (GroupId) => new sdk.DeleteSecurityGroupCommand({ DryRun, GroupId })),
  RevokeSecurityGroupEgress: (sdk, { instance }) =>
    withGroup(instance, (GroupId) => new sdk.RevokeSecurityGroupEgressCommand({ DryRun, GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] })),
  ModifyNetworkInterfaceAttribute: (sdk, { instance }) => {
    const NetworkInterfaceId = instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId;
    return NetworkInterfaceId === undefined ? undefined : withGroup(instance, (group) => new sdk.ModifyNetworkInterfaceAttributeCommand({ DryRun, NetworkInterfaceId, Groups: [group] }));
  },

  CreateLaunchTemplate: (sdk, { instance }) =>
    instance && new sdk.CreateLaunchTemplateCommand({ DryRun, LaunchTemplateName: made, LaunchTemplateData: { ImageId: instance.ImageId, InstanceType: instance.InstanceType } }),
  DeleteLaunchTemplate: (sdk, { template }) => template && new sdk.DeleteLaunchTemplateCommand({ DryRun, LaunchTemplateId: template.LaunchTemplateId }),
};

function withVolume(instance: Instance | undefined, question: (volume: string) => object): object | undefined {
  const volume = instance?.BlockDeviceMappings?.find(({ Ebs }) => Ebs?.VolumeId)?.Ebs?.VolumeId;
  return volume === undefined ? undefined : question(volume);
}

function withGroup(instance: Instance | undefined, question: (group: string) => object): object | undefined {
  const group = instance?.SecurityGroups?.[0]?.GroupId;
  return group === undefined ? undefined : question(group);
}

export function dryRunCalls({ sdk, client, call }: Ec2Connection): Ec2DryRun {
  return {
    async mayWe(action, examples, signal) {
      const command = questions[action]?.(sdk, examples);
      if (!command) return 'unknown';
      try {
        await client.send(command as never, signal ? { abortSignal: signal } : {});
        return 'unknown';
      } catch (error) {
        signal?.throwIfAborted();
        const code = codeOf(error);
        if (code === 'DryRunOperation') return 'allowed';
        if (isDenied(error)) return 'denied';
        // It got as far as what it is about, which some calls look at first.
        if (/^(Invalid|Incorrect|Missing)/.test(code)) return 'unknown';
        throw error;
      }
    },

    async examples(actions, signal) {
      const about = (sort: RegExp): boolean => actions.some((action) => sort.test(action));
      const [instance, acl, template] = await Promise.all([
        look('DescribeInstances', async (options) => {
          const { Reservations = [] } = await client.send(new sdk.DescribeInstancesCommand(running), options);
          return fullest(Reservations.flatMap(({ Instances = [] }) => Instances));
        }),
        about(/NetworkAcl/) &&
          look('DescribeNetworkAcls', async (options) => {
            const { NetworkAcls = [] } = await client.send(new sdk.DescribeNetworkAclsCommand({}), options);
            return NetworkAcls.find(({ Associations = [] }) => Associations.length > 0);
          }),
        about(/LaunchTemplate|RunInstances/) &&
          look('DescribeLaunchTemplates', async (options) => (await client.send(new sdk.DescribeLaunchTemplatesCommand({}), options)).LaunchTemplates?.[0]),
      ]);
      return { ...(instance && { instance }), ...(acl && { acl }), ...(template && { template }) };

      /** Where the looking itself is denied there is none to be had. */
      async function look<T>(action: string, work: (options: { abortSignal?: AbortSignal }) => Promise<T | undefined>): Promise<T | undefined> {
        try {
          return await call(action, signal, work);
        } catch (error) {
          if (isDenied(error)) return undefined;
          throw error;
        }
      }
    },
  };
}

const running = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] };

/** One that has a volume, before others. */
function fullest(instances: readonly Instance[]): Instance | undefined {
  return instances.find(({ BlockDeviceMappings = [] }) => BlockDeviceMappings.length > 0) ?? instances[0];
}
