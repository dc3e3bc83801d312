import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import type { Instance, InstanceState, Subnet } from '../state.ts';
import { describeInstances, describeInstanceStatus, instancesNamed } from './describe-instances.ts';
import { instanceView, stateView } from './instance-view.ts';
import { launchDataAccepted, launchDataParameters, readLaunchData } from './launch-data.ts';
import { launchFrom, subnetNamed } from './launch.ts';
import { templateData, templateNamed } from './launch-template-lookup.ts';
import { startInstance, stopInstance, terminateInstance } from './lifecycle.ts';

const mostInstancesAtOnce = 100;
/** AWS gives the last 64 KB. */
const mostConsoleCharacters = 65_536;

const runInstances: Action = {
  parameters: [
    ...launchDataParameters,
    'MinCount',
    'MaxCount',
    'SubnetId',
    'Placement',
    'PrivateIpAddress',
    'ClientToken',
    'LaunchTemplate',
  ],
  accepted: launchDataAccepted,
  run(cloud, params) {
    const minCount = params.requiredInteger('MinCount', { min: 1, max: mostInstancesAtOnce });
    const count = params.requiredInteger('MaxCount', { min: 1, max: mostInstancesAtOnce });
    if (minCount > count) {
      throw invalidParameterValue(
        `Value (${minCount}) for parameter minCount is invalid. The minimum must not be greater than the maximum (${count}).`,
      );
    }
    const address = params.string('PrivateIpAddress');
    if (address !== undefined && count > 1) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter PrivateIpAddress cannot be used with more than one instance',
      );
    }
    const clientToken = params.string('ClientToken') ?? '';
    const again =
      clientToken === '' ? [] : [...cloud.state.instances.values()].filter((each) => each.clientToken === clientToken);
    const instances =
      again.length > 0
        ? again
        : launchFrom(cloud, mergedData(cloud, params), {
            subnet: chooseSubnet(cloud, params),
            count,
            tags: new Map(),
            clientToken,
            address,
          });
    return {
      reservationId: instances[0]!.reservationId,
      ownerId: cloud.accountId,
      groupSet: [],
      instancesSet: instances.map((instance) => instanceView(cloud, instance)),
    };
  },
};

/** What the call says counts before what its launch template says. */
function mergedData(cloud: Cloud, params: Params) {
  const own = readLaunchData(params);
  if (!params.has('LaunchTemplate')) return own;
  const choice = params.child('LaunchTemplate');
  const template = templateNamed(cloud, choice.string('LaunchTemplateId'), choice.string('LaunchTemplateName'));
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...templateData(template, choice.string('Version') ?? '$Default'), ...given };
}

function chooseSubnet(cloud: Cloud, params: Params): Subnet {
  const subnetId = params.string('SubnetId');
  const zone = params.child('Placement').string('AvailabilityZone');
  if (subnetId !== undefined) {
    checkId('subnet', subnetId);
    const subnet = subnetNamed(cloud, subnetId);
    if (zone !== undefined && zone !== subnet.zone) {
      throw invalidParameterValue(
        `The availability zone '${zone}' is not the one of the subnet '${subnetId}' (${subnet.zone})`,
      );
    }
    return subnet;
  }
  const subnets = [...cloud.state.subnets.values()];
  const subnet = zone === undefined ? subnets[0] : subnets.find((each) => each.zone === zone);
  if (subnet === undefined) throw invalidParameterValue(`Invalid availability zone: [${zone}]`);
  return subnet;
}

const terminateInstances: Action = {
  parameters: ['InstanceId'],
  accepted: ['Force', 'SkipOsShutdown'],
  run(cloud, params) {
    params.requireList('InstanceId');
    const instances = instancesNamed(cloud, params.strings('InstanceId'));
    return { instancesSet: instances.map((instance) => changed(instance, () => terminateInstance(cloud, instance))) };
  },
};

function changed(instance: Instance, act: () => void) {
  const previousState = stateView(instance.state);
  act();
  return { instanceId: instance.id, currentState: stateView(instance.state), previousState };
}

const stopInstances: Action = {
  parameters: ['InstanceId'],
  // Without an operating system that could be asked, a stop is a cut of the power, forced or not.
  accepted: ['Force', 'SkipOsShutdown'],
  run(cloud, params) {
    params.requireList('InstanceId');
    const instances = instancesNamed(cloud, params.strings('InstanceId'));
    checkStates(instances, ['running', 'stopping', 'stopped'], 'stopped');
    return { instancesSet: instances.map((instance) => changed(instance, () => stopInstance(cloud, instance))) };
  },
};

const startInstances: Action = {
  parameters: ['InstanceId'],
  accepted: ['AdditionalInfo'],
  run(cloud, params) {
    params.requireList('InstanceId');
    const instances = instancesNamed(cloud, params.strings('InstanceId'));
    checkStates(instances, ['stopped', 'pending', 'running'], 'started');
    return { instancesSet: instances.map((instance) => changed(instance, () => startInstance(cloud, instance))) };
  },
};

/** All or nothing: one instance in the wrong state, and none of the call is touched. */
function checkStates(instances: readonly Instance[], states: readonly InstanceState[], wanted: string): void {
  const wrong = instances.find((instance) => !states.includes(instance.state));
  if (wrong === undefined) return;
  throw new AwsError(
    'IncorrectInstanceState',
    `The instance '${wrong.id}' is not in a state from which it can be ${wanted}.`,
  );
}

const getConsoleOutput: Action = {
  parameters: ['InstanceId', 'Latest'],
  async run(cloud, params) {
    const [instance] = instancesNamed(cloud, [params.required('InstanceId')]);
    const text = await cloud.hypervisor.console(instance!.id);
    const output = Buffer.from(text.slice(-mostConsoleCharacters)).toString('base64');
    return { instanceId: instance!.id, timestamp: new Date(), output };
  },
};

export const instanceActions: Actions = {
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  DescribeInstanceStatus: describeInstanceStatus,
  TerminateInstances: terminateInstances,
  StopInstances: stopInstances,
  StartInstances: startInstances,
  GetConsoleOutput: getConsoleOutput,
};
