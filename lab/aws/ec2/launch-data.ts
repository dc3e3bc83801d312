import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { BlockDevice, LaunchData } from '../state.ts';
import { readTags } from './tags.ts';

/** The names of the parameters that {@link readLaunchData} reads. */
export const launchDataParameters = [
  'ImageId',
  'InstanceType',
  'KeyName',
  'UserData',
  'InstanceInitiatedShutdownBehavior',
  'SecurityGroupId',
  'BlockDeviceMapping',
  'InstanceMarketOptions',
  'TagSpecification',
] as const;

/** Real parameters of a launch without an equivalent in the lab: taken and kept from having any effect. */
export const launchDataAccepted = [
  'Monitoring',
  'EbsOptimized',
  'IamInstanceProfile',
  'MetadataOptions',
  'CreditSpecification',
] as const;

const mostUserDataBytes = 16_384;

/** Reads what RunInstances and CreateLaunchTemplate have in common. Throws EC2's errors for what can't be. */
export function readLaunchData(params: Params): LaunchData {
  const imageId = params.string('ImageId');
  if (imageId !== undefined && !/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(imageId)) {
    throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${imageId}" (expecting "ami-...")`);
  }
  const securityGroupIds = params.strings('SecurityGroupId');
  const userData = params.string('UserData');
  if (userData !== undefined) checkUserData(userData);
  return {
    imageId,
    instanceType: params.string('InstanceType'),
    keyName: params.string('KeyName'),
    userData,
    shutdownBehavior: readShutdownBehavior(params),
    securityGroupIds: securityGroupIds.length > 0 ? securityGroupIds : undefined,
    blockDevices: params.has('BlockDeviceMapping') ? params.list('BlockDeviceMapping').map(readBlockDevice) : undefined,
    spotMaxPrice: readSpotMaxPrice(params.child('InstanceMarketOptions')),
    tags: params.has('TagSpecification')
      ? params
          .list('TagSpecification')
          .map((each) => ({ resourceType: each.required('ResourceType'), tags: readTags(each) }))
      : undefined,
  };
}

function checkUserData(base64: string): void {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64)) throw invalidParameterValue('Invalid BASE64 encoding of user data.');
  if (Buffer.from(base64, 'base64').byteLength > mostUserDataBytes) {
    throw invalidParameterValue('User data is limited to 16384 bytes');
  }
}

function readShutdownBehavior(params: Params): 'stop' | 'terminate' | undefined {
  const value = params.string('InstanceInitiatedShutdownBehavior');
  if (value === undefined || value === 'stop' || value === 'terminate') return value;
  throw invalidParameterValue(`Value (${value}) for parameter InstanceInitiatedShutdownBehavior is invalid.`);
}

/** Spot instances are as good as any other here; only their price matters, as a launch fails when it is too low. */
function readSpotMaxPrice(options: Params): string | undefined {
  const type = options.string('MarketType');
  if (type === undefined) return undefined;
  if (type !== 'spot') throw invalidParameterValue(`Value (${type}) for parameter MarketType is invalid.`);
  const price = options.child('SpotOptions').string('MaxPrice');
  if (price !== undefined && !/^\d+(\.\d+)?$/.test(price)) {
    throw invalidParameterValue(`Value (${price}) for parameter MaxPrice is invalid.`);
  }
  return price;
}

function readBlockDevice(mapping: Params): BlockDevice {
  const ebs = mapping.child('Ebs');
  return {
    device: mapping.required('DeviceName'),
    sizeGib: ebs.integer('VolumeSize', { min: 1, max: 16_384 }),
    volumeType: ebs.string('VolumeType'),
    kmsKeyId: ebs.string('KmsKeyId'),
    deleteOnTermination: ebs.boolean('DeleteOnTermination') ?? true,
  };
}
