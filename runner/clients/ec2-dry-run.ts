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
   * Looks for what a dry run of these actions has to name: a dry run about nothing tells nothing.
   *
   * @param actions without their service
   * @param targets ids of the instances that it is about, since rights may depend on tags; any that runs when there are none
   */
  examples(actions: readonly string[], targets: readonly string[], signal?: AbortSignal): Promise<Examples>;
}

/** What a dry run can name, as far as it is there. */
export interface Examples {
  readonly instances: readonly Instance[];
  /** Of the first instance's subnet, where there is one. */
  readonly acl?: NetworkAcl;
  readonly template?: LaunchTemplate;
}

type Sdk = Ec2Connection['sdk'];
/** The calls to ask about, each with something that exists; none where there is nothing. */
type Question = (sdk: Sdk, examples: Examples) => readonly object[];

const DryRun = true;
const mark = [{ Key: 'firedrill:run', Value: 'doctor' }];
/** The name of what a dry run would make. */
const made = 'firedrill-doctor';
const everything = { Protocol: '-1', CidrBlock: '0.0.0.0/0', Egress: false } as const;

const questions: Readonly<Record<string, Question>> = {
  DescribeInstances: (sdk) => [new sdk.DescribeInstancesCommand({ DryRun })],
  DescribeAvailabilityZones: (sdk) => [new sdk.DescribeAvailabilityZonesCommand({ DryRun })],
  DescribeVolumes: (sdk) => [new sdk.DescribeVolumesCommand({ DryRun })],
  DescribeTags: (sdk) => [new sdk.DescribeTagsCommand({ DryRun })],
  DescribeSubnets: (sdk) => [new sdk.DescribeSubnetsCommand({ DryRun })],
  DescribeNetworkAcls: (sdk) => [new sdk.DescribeNetworkAclsCommand({ DryRun })],
  DescribeNetworkInterfaces: (sdk) => [new sdk.DescribeNetworkInterfacesCommand({ DryRun })],
  DescribeSecurityGroups: (sdk) => [new sdk.DescribeSecurityGroupsCommand({ DryRun })],
  DescribeLaunchTemplates: (sdk) => [new sdk.DescribeLaunchTemplatesCommand({ DryRun })],
  DescribeLaunchTemplateVersions: (sdk, { template }) => about(template, ({ LaunchTemplateId }) => new sdk.DescribeLaunchTemplateVersionsCommand({ DryRun, LaunchTemplateId })),

  TerminateInstances: (sdk, { instances }) => aboutAll(instances, (InstanceIds) => new sdk.TerminateInstancesCommand({ DryRun, InstanceIds })),
  StopInstances: (sdk, { instances }) => aboutAll(instances, (InstanceIds) => new sdk.StopInstancesCommand({ DryRun, InstanceIds })),
  StartInstances: (sdk, { instances }) => aboutAll(instances, (InstanceIds) => new sdk.StartInstancesCommand({ DryRun, InstanceIds })),
  RunInstances: (sdk, { instances: [instance], template }) =>
    about(instance && template, ({ LaunchTemplateId }) => new sdk.RunInstancesCommand({ DryRun, MinCount: 1, MaxCount: 1, SubnetId: instance!.SubnetId, LaunchTemplate: { LaunchTemplateId } })),
  CreateTags: (sdk, { instances }) => aboutAll(instances, (Resources) => new sdk.CreateTagsCommand({ DryRun, Resources, Tags: mark })),
  DeleteTags: (sdk, { instances }) => aboutAll(instances, (Resources) => new sdk.DeleteTagsCommand({ DryRun, Resources, Tags: mark })),

  AttachVolume: (sdk, { instances }) => aboutVolumes(instances, (VolumeId, InstanceId) => new sdk.AttachVolumeCommand({ DryRun, VolumeId, InstanceId, Device: '/dev/sdz' })),
  DetachVolume: (sdk, { instances }) => aboutVolumes(instances, (VolumeId) => new sdk.DetachVolumeCommand({ DryRun, VolumeId })),

  CreateNetworkAcl: (sdk, { acl }) => about(acl, ({ VpcId }) => new sdk.CreateNetworkAclCommand({ DryRun, VpcId })),
  CreateNetworkAclEntry: (sdk, { acl }) => about(acl, ({ NetworkAclId }) => new sdk.CreateNetworkAclEntryCommand({ DryRun, NetworkAclId, RuleNumber: 1, RuleAction: 'deny', ...everything })),
  DeleteNetworkAcl: (sdk, { acl }) => about(acl, ({ NetworkAclId }) => new sdk.DeleteNetworkAclCommand({ DryRun, NetworkAclId })),
  ReplaceNetworkAclAssociation: (sdk, { acl }) =>
    about(acl?.Associations?.[0], ({ NetworkAclAssociationId: AssociationId }) => new sdk.ReplaceNetworkAclAssociationCommand({ DryRun, NetworkAclId: acl!.NetworkAclId, AssociationId })),

  CreateSecurityGroup: (sdk, { instances: [instance] }) => about(instance, ({ VpcId }) => new sdk.CreateSecurityGroupCommand({ DryRun, GroupName: made, Description: made, VpcId })),
  DeleteSecurityGroup: (sdk, { instances: [instance] }) => about(groupOf(instance), (GroupId) => new sdk.DeleteSecurityGroupCommand({ DryRun, GroupId })),
  RevokeSecurityGroupEgress: (sdk, { instances: [instance] }) =>
    about(groupOf(instance), (GroupId) => new sdk.RevokeSecurityGroupEgressCommand({ DryRun, GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] })),
  ModifyNetworkInterfaceAttribute: (sdk, { instances }) =>
    instances.flatMap((instance) => {
      const NetworkInterfaceId = instance.NetworkInterfaces?.[0]?.NetworkInterfaceId;
      return NetworkInterfaceId === undefined ? [] : about(groupOf(instance), (group) => new sdk.ModifyNetworkInterfaceAttributeCommand({ DryRun, NetworkInterfaceId, Groups: [group] }));
    }),

  CreateLaunchTemplate: (sdk, { instances: [instance] }) =>
    about(instance, ({ ImageId, InstanceType }) => new sdk.CreateLaunchTemplateCommand({ DryRun, LaunchTemplateName: made, LaunchTemplateData: { ImageId, InstanceType } })),
  DeleteLaunchTemplate: (sdk, { template }) => about(template, ({ LaunchTemplateId }) => new sdk.DeleteLaunchTemplateCommand({ DryRun, LaunchTemplateId })),
};

function about<T>(thing: T | undefined, question: (thing: T) => object): readonly object[] {
  return thing === undefined ? [] : [question(thing)];
}

/** One call about all of them. */
function aboutAll(instances: readonly Instance[], question: (ids: string[]) => object): readonly object[] {
  return instances.length === 0 ? [] : [question(instances.map(({ InstanceId }) => InstanceId!))];
}

/** A call for the volume of each. */
function aboutVolumes(instances: readonly Instance[], question: (volume: string, instance: string) => object): readonly object[] {
  return instances.flatMap(({ InstanceId, BlockDeviceMappings = [] }) => {
    const volume = BlockDeviceMappings.find(({ Ebs }) => Ebs?.VolumeId)?.Ebs?.VolumeId;
    return volume === undefined ? [] : [question(volume, InstanceId!)];
  });
}

function groupOf(instance: Instance | undefined): string | undefined {
  return instance?.SecurityGroups?.[0]?.GroupId;
}

export function dryRunCalls({ sdk, client, call }: Ec2Connection): Ec2DryRun {
  const ask = async (command: object, signal: AbortSignal | undefined): Promise<DryRun> => {
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
  };
  return {
    async mayWe(action, examples, signal) {
      const commands = questions[action]?.(sdk, examples) ?? [];
      let answer: DryRun = commands.length > 0 ? 'allowed' : 'unknown';
      for (const command of commands) {
        const one = await ask(command, signal);
        if (one === 'denied') return one;
        if (one === 'unknown') answer = one;
      }
      return answer;
    },

    async examples(actions, targets, signal) {
      const isAbout = (sort: RegExp): boolean => actions.some((action) => sort.test(action));
      const [instances = [], acls = [], template] = await Promise.all([
        look('DescribeInstances', async (options) => {
          const { Reservations = [] } = await client.send(new sdk.DescribeInstancesCommand(targets.length > 0 ? these(targets) : running), options);
          const found = Reservations.flatMap(({ Instances = [] }) => Instances);
          return targets.length > 0 ? found : fullest(found);
        }),
        isAbout(/NetworkAcl/) ? look('DescribeNetworkAcls', async (options) => (await client.send(new sdk.DescribeNetworkAclsCommand({}), options)).NetworkAcls) : [],
        isAbout(/LaunchTemplate|RunInstances/)
          ? look('DescribeLaunchTemplates', async (options) => (await client.send(new sdk.DescribeLaunchTemplatesCommand({}), options)).LaunchTemplates?.[0])
          : undefined,
      ]);
      const acl = acls.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === instances[0]?.SubnetId)) ?? acls.find(({ Associations = [] }) => Associations.length > 0);
      return { instances, ...(acl && { acl }), ...(template && { template }) };

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

/** Also when one is gone meanwhile. */
const these = (ids: readonly string[]) => ({ Filters: [{ Name: 'instance-id', Values: [...ids] }] });
const running = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] };

/** One that has a volume, before others. */
function fullest(instances: readonly Instance[]): readonly Instance[] {
  const found = instances.find(({ BlockDeviceMappings = [] }) => BlockDeviceMappings.length > 0) ?? instances[0];
  return found ? [found] : [];
}
