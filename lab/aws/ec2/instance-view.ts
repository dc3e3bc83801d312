import type { Cloud } from '../cloud.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Instance, InstanceState } from '../state.ts';
import { groupSet, interfaceView } from './network-interfaces.ts';
import { tagSet } from './tags.ts';

const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const stateView = (state: InstanceState): XmlObject => ({ code: stateCodes[state], name: state });
export const stateCode = (state: InstanceState): string => String(stateCodes[state]);

export const privateDnsName = (cloud: Cloud, instance: Instance): string =>
  `ip-${instance.address.replaceAll('.', '-')}.${cloud.region}.compute.internal`;

/** An instance as DescribeInstances and RunInstances show it. A terminated one has lost its place in the network. */
export function instanceView(cloud: Cloud, instance: Instance): XmlObject {
  const placed = instance.state !== 'terminated';
  const dnsName = privateDnsName(cloud, instance);
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateView(instance.state),
    privateDnsName: placed ? dnsName : '',
    dnsName: '',
    reason: instance.stateTransitionReason,
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.instanceType,
    launchTime: instance.launchedAt,
    placement: { availabilityZone: instance.zone, groupName: '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    subnetId: placed ? instance.subnetId : undefined,
    vpcId: placed ? instance.vpcId : undefined,
    privateIpAddress: placed ? instance.address : undefined,
    sourceDestCheck: placed ? true : undefined,
    groupSet: placed ? groupSet(cloud, instance) : [],
    stateReason: instance.state === 'running' ? undefined : instance.stateReason && { ...instance.stateReason },
    architecture: 'x86_64',
    // Such an instance can be stopped. Its root disk is no volume here: it begins empty each time.
    rootDeviceType: 'ebs',
    blockDeviceMapping: attachmentsOf(cloud, instance),
    virtualizationType: 'hvm',
    clientToken: instance.clientToken,
    tagSet: tagSet(instance.tags),
    hypervisor: 'xen',
    networkInterfaceSet: placed ? [interfaceView(cloud, instance)] : [],
    ebsOptimized: false,
  };
}

/** The volumes of an instance as they stand in answers. */
export function attachmentsOf(cloud: Cloud, instance: Instance): XmlObject[] {
  const devices: XmlObject[] = [];
  for (const { id, attachment } of cloud.state.volumes.values()) {
    if (attachment?.instanceId !== instance.id) continue;
    const { device: deviceName, state: status, attachedAt: attachTime, deleteOnTermination } = attachment;
    devices.push({ deviceName, ebs: { volumeId: id, status, attachTime, deleteOnTermination } });
  }
  return devices;
}
