import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import type { Action } from '../protocol/action.ts';
import { AwsError } from '../protocol/errors.ts';
import { ec2Filter, type FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { Instance, Volume } from '../state.ts';
import { addressesOf } from './addresses.ts';
import { instanceView, privateDnsName, stateCode, stateView } from './instance-view.ts';
import { isHidden } from './visibility.ts';

/** The instances with these ids, in their order. Throws `InvalidInstanceID.Malformed` and `.NotFound`, naming all. */
export function instancesNamed(cloud: Cloud, ids: readonly string[]): Instance[] {
  for (const id of ids) checkId('i', id);
  const missing = ids.filter((id) => !cloud.state.instances.has(id));
  if (missing.length > 0) throw noSuchInstances(missing);
  return ids.map((id) => cloud.state.instances.get(id)!);
}

function noSuchInstances(ids: readonly string[]): AwsError {
  const words =
    ids.length === 1 ? `The instance ID '${ids[0]}' does not exist` : `The instance IDs '${ids.join(', ')}' do not exist`;
  return new AwsError('InvalidInstanceID.NotFound', words);
}

function filtersOf(cloud: Cloud): FilterTable<Instance> {
  const volumesOf = (instance: Instance): Volume[] =>
    [...cloud.state.volumes.values()].filter((volume) => volume.attachment?.instanceId === instance.id);
  const placed = <T>(instance: Instance, value: T): [T] | [] => (instance.state === 'terminated' ? [] : [value]);
  return {
    'availability-zone': (instance) => [instance.zone],
    'block-device-mapping.device-name': (instance) => volumesOf(instance).map((volume) => volume.attachment?.device),
    'block-device-mapping.volume-id': (instance) => volumesOf(instance).map((volume) => volume.id),
    'client-token': (instance) => [instance.clientToken],
    'image-id': (instance) => [instance.imageId],
    'instance-id': (instance) => [instance.id],
    'instance-state-code': (instance) => [stateCode(instance.state)],
    'instance-state-name': (instance) => [instance.state],
    'instance-type': (instance) => [instance.instanceType],
    'instance.group-id': (instance) => placed(instance, instance.securityGroupIds).flat(),
    'network-interface.network-interface-id': (instance) => placed(instance, instance.interfaceId),
    'network-interface.addresses.private-ip-address': (instance) => placed(instance, addressesOf(instance)).flat(),
    'network-interface.group-id': (instance) => placed(instance, instance.securityGroupIds).flat(),
    'key-name': (instance) => [instance.keyName],
    'launch-time': (instance) => [instance.launchedAt.toISOString()],
    'owner-id': () => [cloud.accountId],
    'private-dns-name': (instance) => placed(instance, privateDnsName(cloud, instance)),
    'private-ip-address': (instance) => placed(instance, instance.address),
    'reservation-id': (instance) => [instance.reservationId],
    'state-reason-code': (instance) => [instance.stateReason?.code],
    'subnet-id': (instance) => placed(instance, instance.subnetId),
    'vpc-id': (instance) => placed(instance, instance.vpcId),
  };
}

/** The instances that a describe call asks for, a page of them. */
function selectInstances(
  cloud: Cloud,
  params: Params,
  wanted: (instance: Instance) => boolean,
  table: FilterTable<Instance>,
) {
  const ids = params.strings('InstanceId');
  const maxResults = params.integer('MaxResults', { min: 5, max: 1000 });
  if (ids.length > 0 && maxResults !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  const matches = ec2Filter(params, table, (instance) => instance.tags);
  const hidden = ids.filter((id) => isHidden(cloud, id));
  if (hidden.length > 0) throw noSuchInstances(hidden);
  const all = ids.length > 0 ? instancesNamed(cloud, [...new Set(ids)]) : [...cloud.state.instances.values()];
  const chosen = all
    .filter((instance) => !isHidden(cloud, instance.id) && wanted(instance) && matches(instance))
    .sort((a, b) => a.sequence - b.sequence);
  return pageOf(chosen, (instance) => instance.sequence, maxResults ?? 1000, params.string('NextToken'));
}

export const describeInstances: Action = {
  parameters: ['InstanceId', 'Filter', 'MaxResults', 'NextToken'],
  accepted: ['IncludeManagedResources'],
  run(cloud, params) {
    const page = selectInstances(cloud, params, () => true, filtersOf(cloud));
    const reservations = Map.groupBy(page.items, (instance) => instance.reservationId);
    return {
      reservationSet: [...reservations].map(([reservationId, instances]) => ({
        reservationId,
        ownerId: cloud.accountId,
        groupSet: [],
        instancesSet: instances.map((instance) => instanceView(cloud, instance)),
      })),
      nextToken: page.nextToken,
    };
  },
};

const statusOf = (instance: Instance): string =>
  instance.state !== 'running' ? 'not-applicable' : instance.booted ? 'ok' : 'initializing';
const detailOf: Readonly<Record<string, string>> = { ok: 'passed', initializing: 'initializing' };

export const describeInstanceStatus: Action = {
  parameters: ['InstanceId', 'Filter', 'MaxResults', 'NextToken', 'IncludeAllInstances'],
  run(cloud, params) {
    const all = params.boolean('IncludeAllInstances') ?? false;
    const { 'availability-zone': zone, 'instance-state-code': code, 'instance-state-name': name } = filtersOf(cloud);
    const table: FilterTable<Instance> = {
      'availability-zone': zone!,
      'instance-state-code': code!,
      'instance-state-name': name!,
      'instance-status.status': (instance) => [statusOf(instance)],
      'system-status.status': (instance) => [statusOf(instance)],
    };
    const page = selectInstances(cloud, params, (instance) => all || instance.state === 'running', table);
    return {
      instanceStatusSet: page.items.map((instance) => {
        const status = statusOf(instance);
        const details =
          detailOf[status] === undefined ? undefined : [{ name: 'reachability', status: detailOf[status] }];
        return {
          instanceId: instance.id,
          availabilityZone: instance.zone,
          instanceState: stateView(instance.state),
          systemStatus: { status, details },
          instanceStatus: { status, details },
        };
      }),
      nextToken: page.nextToken,
    };
  },
};
