import { createRequire } from 'node:module';
import type { Instance as SdkInstance, Volume as SdkVolume } from '@aws-sdk/client-ec2';
import type { Instance, Volume } from '../inventory.ts';
import { awsConfig, calling, codeOf, hookInto, type AwsEnvironment, type AwsHooks } from './aws.ts';
import { tagsOf, type Ec2Connection } from './ec2-connection.ts';
import { dryRunCalls, type Ec2DryRun } from './ec2-dry-run.ts';
import { launchTemplateCalls, type Ec2LaunchTemplates } from './ec2-launch-templates.ts';
import { machineCalls, type Ec2Machines } from './ec2-machines.ts';
import { networkCalls, type Ec2Network } from './ec2-network.ts';

/** An instance before the environment's roles are known. */
export type Ec2Instance = Omit<Instance, 'roles' | 'group'>;

export interface Ec2Client extends Ec2Network, Ec2Machines, Ec2LaunchTemplates, Ec2DryRun {
  /** Every instance that EC2 still tells of, or only those of these ids (ids that EC2 has forgotten are left out). */
  instances(options?: { ids?: readonly string[]; signal?: AbortSignal }): Promise<Ec2Instance[]>;
  volumes(options?: { ids?: readonly string[]; signal?: AbortSignal }): Promise<Volume[]>;
  /**
   * TerminateInstances: a crash. With `dryRun` nothing is touched: it returns when it would be allowed.
   *
   * @throws ExpectedError when it isn't
   */
  terminate(ids: readonly string[], options?: { dryRun?: boolean; signal?: AbortSignal }): Promise<void>;
  close(): void;
}

/** How many instances or volumes one page holds at most: the service's own limit. */
const pageSize = 1000;

/** Loads the SDK, which takes a quarter of a second and more: only when EC2 is needed. */
export async function connectEc2(aws: AwsEnvironment, hooks: AwsHooks): Promise<Ec2Client> {
  // A megabyte of CommonJS: `import` would parse it a second time, only to find out what it is.
  const sdk = createRequire(import.meta.url)('@aws-sdk/client-ec2') as typeof import('@aws-sdk/client-ec2');
  const client = new sdk.EC2Client(awsConfig(aws, hooks));
  hookInto(client, hooks, 'ec2');
  const connection: Ec2Connection = {
    sdk,
    client,
    call: (action, signal, work) => calling(aws, action, signal, work(signal ? { abortSignal: signal } : {})),
  };
  return {
    ...networkCalls(connection),
    ...machineCalls(connection),
    ...launchTemplateCalls(connection),
    ...dryRunCalls(connection),
    async instances({ ids, signal } = {}) {
      if (ids?.length === 0) return [];
      const collect = async (): Promise<Ec2Instance[]> => {
        const found: Ec2Instance[] = [];
        // A filter in place of InstanceIds: an id that EC2 has forgotten would turn the whole answer into an error.
        const input = ids ? { Filters: [{ Name: 'instance-id', Values: [...ids] }] } : {};
        for await (const page of sdk.paginateDescribeInstances({ client, pageSize }, input, { abortSignal: signal })) {
          for (const { Instances = [] } of page.Reservations ?? []) found.push(...Instances.map(toInstance));
        }
        return found;
      };
      return calling(aws, 'DescribeInstances', signal, collect());
    },
    async volumes({ ids, signal } = {}) {
      if (ids?.length === 0) return [];
      const collect = async (): Promise<Volume[]> => {
        const found: Volume[] = [];
        const input = ids ? { Filters: [{ Name: 'volume-id', Values: [...ids] }] } : {};
        for await (const page of sdk.paginateDescribeVolumes({ client, pageSize }, input, { abortSignal: signal })) {
          found.push(...(page.Volumes ?? []).map(toVolume));
        }
        return found;
      };
      return calling(aws, 'DescribeVolumes', signal, collect());
    },
    async terminate(ids, { dryRun = false, signal } = {}) {
      if (ids.length === 0) return;
      const command = new sdk.TerminateInstancesCommand({ InstanceIds: [...ids], DryRun: dryRun });
      try {
        await calling(aws, 'TerminateInstances', signal, client.send(command, { abortSignal: signal }));
      } catch (error) {
        if (dryRun && codeOf(error) === 'DryRunOperation') return;
        throw error;
      }
    },
    close: () => client.destroy(),
  };
}

function toInstance(instance: SdkInstance): Ec2Instance {
  const id = instance.InstanceId ?? '';
  const tags = tagsOf(instance.Tags);
  return {
    id,
    name: tags['Name'] ?? id,
    zone: instance.Placement?.AvailabilityZone ?? '',
    state: instance.State?.Name ?? 'unknown',
    address: instance.PrivateIpAddress || undefined,
    ...(instance.SubnetId ? { subnet: instance.SubnetId } : {}),
    tags,
    volumes: (instance.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => ({
      id: Ebs?.VolumeId ?? '',
      device: DeviceName ?? '',
      deleteOnTermination: Ebs?.DeleteOnTermination ?? false,
    })),
  };
}

function toVolume(volume: SdkVolume): Volume {
  const [attachment] = volume.Attachments ?? [];
  return {
    id: volume.VolumeId ?? '',
    name: tagsOf(volume.Tags)['Name'],
    tags: tagsOf(volume.Tags),
    zone: volume.AvailabilityZone ?? '',
    state: volume.State ?? 'unknown',
    attachment: attachment && {
      instanceId: attachment.InstanceId ?? '',
      state: attachment.State ?? 'unknown',
      device: attachment.Device ?? '',
    },
  };
}
