import type { Cloud } from '../cloud.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Instance } from '../state.ts';
import { instancesNamed } from './describe-instances.ts';
import { attachmentsOf } from './instance-view.ts';
import { changeGroups, groupSet } from './network-interfaces.ts';

/** What can be changed of an instance, and how; one of them a call, as in AWS. */
const changes: Readonly<Record<string, (cloud: Cloud, instance: Instance, params: Params) => Promise<void>>> = {
  GroupId: (cloud, instance, params) => changeGroups(cloud, instance, params.strings('GroupId')),
  async BlockDeviceMapping(cloud, instance, params) {
    for (const mapping of params.list('BlockDeviceMapping')) {
      const device = mapping.required('DeviceName');
      const found = [...cloud.state.volumes.values()].find(
        ({ attachment }) => attachment?.instanceId === instance.id && attachment.device === device,
      );
      if (found?.attachment === undefined) {
        throw new AwsError('InvalidInstanceAttributeValue', `No device is currently mapped at ${device}`);
      }
      const deleteOnTermination = mapping.child('Ebs').boolean('DeleteOnTermination');
      if (deleteOnTermination !== undefined) found.attachment.deleteOnTermination = deleteOnTermination;
    }
  },
  async InstanceInitiatedShutdownBehavior(_cloud, instance, params) {
    const behavior = params.child('InstanceInitiatedShutdownBehavior').required('Value');
    if (behavior !== 'stop' && behavior !== 'terminate') {
      throw invalidParameterValue(
        `Value (${behavior}) for parameter InstanceInitiatedShutdownBehavior is invalid. It must be stop or terminate.`,
      );
    }
    instance.shutdownBehavior = behavior;
  },
};

const modifyInstanceAttribute: Action = {
  parameters: ['InstanceId', ...Object.keys(changes)],
  async run(cloud, params) {
    const [instance] = instancesNamed(cloud, [params.required('InstanceId')]);
    const asked = Object.keys(changes).filter((name) => params.has(name));
    if (asked.length === 0) throw new AwsError('InvalidParameterCombination', 'No attributes specified.');
    if (asked.length > 1) {
      throw new AwsError('InvalidParameterCombination', 'Fields for multiple attribute types specified');
    }
    await changes[asked[0]!]!(cloud, instance!, params);
    return { return: true };
  },
};

const attributes: Readonly<Record<string, (cloud: Cloud, instance: Instance) => XmlObject>> = {
  groupSet: (cloud, instance) => ({ groupSet: groupSet(cloud, instance) }),
  blockDeviceMapping: (cloud, instance) => ({ blockDeviceMapping: attachmentsOf(cloud, instance) }),
  instanceInitiatedShutdownBehavior: (_cloud, instance) => ({
    instanceInitiatedShutdownBehavior: { value: instance.shutdownBehavior },
  }),
  instanceType: (_cloud, instance) => ({ instanceType: { value: instance.instanceType } }),
  userData: (_cloud, instance) => ({ userData: { value: Buffer.from(instance.userData).toString('base64') } }),
};

const describeInstanceAttribute: Action = {
  parameters: ['InstanceId', 'Attribute'],
  run(cloud, params) {
    const [instance] = instancesNamed(cloud, [params.required('InstanceId')]);
    const attribute = params.required('Attribute');
    const view = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
    if (view === undefined) throw invalidParameterValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`);
    return { instanceId: instance!.id, ...view(cloud, instance!) };
  },
};

export const instanceAttributeActions: Actions = {
  ModifyInstanceAttribute: modifyInstanceAttribute,
  DescribeInstanceAttribute: describeInstanceAttribute,
};
