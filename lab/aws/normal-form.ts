import type { Cloud } from './cloud.ts';
import { toJson, type Json } from './snapshot.ts';
import type { Group, Instance, Volume } from './state.ts';

/**
 * The state without all that is different after an instance was replaced by its group: instances are named by what they
 * are, not by their ids, and history (activities, times, ids of associations, instances that are gone) is left out. What a
 * drill must leave as it was is all there: compare two of them as text.
 */
export function normalForm(cloud: Cloud): Json {
  const { vpc, subnets, networkAcls, aclAssociations, securityGroups, instances, volumes, launchTemplates, groups } =
    cloud.state;
  return toJson({
    vpc,
    subnets: [...subnets.values()].map(({ lastHost: _lastHost, ...subnet }) => ({
      ...subnet,
      networkAcl: aclAssociations.get(subnet.id)?.aclId,
    })),
    networkAcls,
    securityGroups,
    instances: [...instances.values()]
      .filter((instance) => instance.state !== 'terminated')
      .map(instanceForm)
      .sort(byText),
    volumes: [...volumes.values()].map((volume) => volumeForm(volume, instances)),
    launchTemplates,
    groups: [...groups.values()].map(groupForm),
    held: { borders: [...cloud.held.borders.keys()], groups: cloud.held.groups.size },
  });
}

function instanceForm(instance: Instance) {
  const { zone, subnetId, imageId, instanceType, shutdownBehavior, securityGroupIds, state, booted, tags } = instance;
  return { zone, subnetId, imageId, instanceType, shutdownBehavior, securityGroupIds, state, booted, tags };
}

function volumeForm(volume: Volume, instances: ReadonlyMap<string, Instance>) {
  const { createdAt: _createdAt, sequence: _sequence, attachment, ...rest } = volume;
  if (attachment === undefined) return rest;
  const { device, state, deleteOnTermination } = attachment;
  const holder = instances.get(attachment.instanceId)?.tags.get('Name') ?? 'an instance without a name';
  return { ...rest, attachment: { holder, device, state, deleteOnTermination } };
}

function groupForm(group: Group) {
  const members = [...group.members.values()].map(({ zone, lifecycle, health, launchTemplate, protectedFromScaleIn }) => ({
    zone,
    lifecycle,
    health,
    launchTemplate,
    protectedFromScaleIn,
  }));
  const {
    activities: _activities,
    pendingCauses: _pendingCauses,
    launchFailures: _launchFailures,
    nextLaunchAt: _nextLaunchAt,
    suspended,
    ...rest
  } = group;
  return { ...rest, members: members.sort(byText), suspended: [...suspended.keys()].sort() };
}

function byText(a: object, b: object): number {
  return JSON.stringify(toJson(a)) < JSON.stringify(toJson(b)) ? -1 : 1;
}
