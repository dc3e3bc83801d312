import { background, type Cloud } from '../cloud.ts';
import { newId } from '../ids.ts';
import { AwsError, missingParameter } from '../protocol/errors.ts';
import type { Instance, LaunchData, Subnet, Tags } from '../state.ts';
import { beginAttach } from './attachments.ts';
import { launchInstance } from './lifecycle.ts';
import { checkGroups } from './security-group-lookup.ts';
import { addVolume } from './volumes.ts';

export interface LaunchOptions {
  readonly subnet: Subnet;
  readonly count: number;
  /** Given to each instance on top of those of the launch data. */
  readonly tags: Tags;
  readonly clientToken: string;
  readonly address?: string | undefined;
  readonly extraLaunchMs?: number;
}

/** What EC2 makes of an instance whose disk can't be decrypted: it accepts the launch, then gives up on it. */
const keyFailure = { code: 'Client.InternalError', message: 'Client.InternalError: Client error on launch' };

/** Launches instances from launch data, the volumes of its block devices included. All share one reservation. */
export function launchFrom(cloud: Cloud, data: LaunchData, options: LaunchOptions): Instance[] {
  const { imageId } = data;
  if (imageId === undefined) throw missingParameter('ImageId');
  checkImage(imageId);
  checkPrice(data.spotMaxPrice);
  const securityGroupIds = checkGroups(cloud, data.securityGroupIds ?? [cloud.state.vpc.defaultSecurityGroupId]);
  const reservationId = newId('r');
  const instances: Instance[] = [];
  for (let launchIndex = 0; launchIndex < options.count; launchIndex++) {
    const instance = launchInstance(cloud, {
      subnet: options.subnet,
      reservationId,
      imageId,
      instanceType: data.instanceType ?? 'm1.small',
      keyName: data.keyName,
      userData: Buffer.from(data.userData ?? '', 'base64').toString('utf8'),
      shutdownBehavior: data.shutdownBehavior ?? 'stop',
      securityGroupIds,
      tags: new Map([...tagsFor(data, 'instance'), ...options.tags]),
      clientToken: options.clientToken,
      launchIndex,
      address: options.address,
      extraLaunchMs: options.extraLaunchMs ?? 0,
      launchFailure: data.blockDevices?.some(({ kmsKeyId }) => kmsKeyId !== undefined) ? keyFailure : undefined,
    });
    addBlockDevices(cloud, data, instance);
    instances.push(instance);
  }
  return instances;
}

/** Dollars an hour: what the cheapest spot instance costs in the lab. */
const spotPrice = 0.0161;

function checkPrice(maxPrice: string | undefined): void {
  if (maxPrice === undefined || Number(maxPrice) >= spotPrice) return;
  throw new AwsError(
    'SpotMaxPriceTooLow',
    `Your Spot request price of ${maxPrice} is lower than the minimum required Spot request fulfillment price of ${spotPrice}.`,
  );
}

/** The lab has every image but those whose number is all zeros: so that there is one that isn't there. */
export function checkImage(imageId: string): void {
  if (!/^ami-0+$/.test(imageId)) return;
  throw new AwsError('InvalidAMIID.NotFound', `The image id '[${imageId}]' does not exist`);
}

export function tagsFor(data: LaunchData, resourceType: string): Tags {
  const specifications = data.tags?.filter((each) => each.resourceType === resourceType) ?? [];
  return new Map(specifications.flatMap((each) => each.tags));
}

/** Volumes that come with the instance are made at once and attached when it runs. */
function addBlockDevices(cloud: Cloud, data: LaunchData, instance: Instance): void {
  for (const { device, sizeGib = 8, volumeType = 'gp3', deleteOnTermination, kmsKeyId } of data.blockDevices ?? []) {
    if (kmsKeyId !== undefined) continue;
    const { volume, made } = addVolume(cloud, {
      zone: instance.zone,
      sizeGib,
      volumeType,
      encrypted: false,
      tags: tagsFor(data, 'volume'),
    });
    background(cloud, `the volume ${device} of ${instance.id}`, async () => {
      await made;
      while (instance.state === 'pending') await cloud.timers.delay(cloud.timing.attachMs);
      if (instance.state === 'running' && volume.state === 'available')
        beginAttach(cloud, volume, instance, device, deleteOnTermination);
    });
  }
}

/** Throws `InvalidSubnetID.NotFound` in EC2's words. */
export function subnetNamed(cloud: Cloud, id: string): Subnet {
  const subnet = cloud.state.subnets.get(id);
  if (subnet === undefined) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
  return subnet;
}
