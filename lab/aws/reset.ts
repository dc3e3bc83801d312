import { standing } from './autoscaling/members.ts';
import type { Cloud } from './cloud.ts';
import { restoreNetwork, takeNetworkBaseline, type NetworkBaseline } from './reset-network.ts';
import type { Group, Tags } from './state.ts';

/** What a platform looks like when it is whole: taken once it is set up, given back by a reset. */
export interface Baseline {
  readonly groups: ReadonlyMap<string, GroupBaseline>;
  readonly volumes: ReadonlyMap<string, { readonly name: string; readonly tags: Tags }>;
  readonly templates: ReadonlyMap<
    string,
    { readonly name: string; readonly defaultVersion: number; readonly versionCount: number }
  >;
  readonly network: NetworkBaseline;
}

type GroupBaseline = Pick<
  Group,
  'min' | 'max' | 'desired' | 'subnetIds' | 'launchTemplate' | 'healthCheckGracePeriodSeconds' | 'newInstancesProtected'
> & { readonly tags: Group['tags'] };

export function takeBaseline(cloud: Cloud): Baseline {
  const { groups, volumes, launchTemplates } = cloud.state;
  return {
    groups: new Map(
      [...groups.values()].map((group) => [
        group.name,
        {
          min: group.min,
          max: group.max,
          desired: group.desired,
          subnetIds: group.subnetIds,
          launchTemplate: { ...group.launchTemplate },
          healthCheckGracePeriodSeconds: group.healthCheckGracePeriodSeconds,
          newInstancesProtected: group.newInstancesProtected,
          tags: new Map(group.tags),
        },
      ]),
    ),
    volumes: new Map(
      [...volumes.values()].map(({ id, tags }) => [id, { name: tags.get('Name') ?? id, tags: new Map(tags) }]),
    ),
    templates: new Map(
      [...launchTemplates.values()].map(({ id, name, defaultVersion, versions }) => [
        id,
        { name, defaultVersion, versionCount: versions.length },
      ]),
    ),
    network: takeNetworkBaseline(cloud),
  };
}

/**
 * Undoes what calls changed since the baseline, and forgets what is over: activities, terminated instances, waits after
 * failed launches. The groups then repair the rest by themselves; what they can't bring back, {@link missing} names.
 */
export function restore(cloud: Cloud, baseline: Baseline): void {
  const { groups, volumes, launchTemplates, instances } = cloud.state;
  restoreNetwork(cloud, baseline.network);
  for (const id of launchTemplates.keys()) if (!baseline.templates.has(id)) launchTemplates.delete(id);
  for (const [id, { defaultVersion, versionCount }] of baseline.templates) {
    const template = launchTemplates.get(id);
    if (template === undefined) continue;
    template.defaultVersion = defaultVersion;
    template.versions.splice(versionCount);
  }
  for (const group of groups.values()) {
    const whole = baseline.groups.get(group.name);
    if (whole !== undefined)
      Object.assign(group, { ...whole, launchTemplate: { ...whole.launchTemplate }, tags: new Map(whole.tags) });
    group.suspended.clear();
    group.pendingCauses = [];
    group.launchFailures = 0;
    group.nextLaunchAt = 0;
    group.activities = group.activities.filter((activity) => activity.endedAt === undefined);
  }
  for (const [id, { tags }] of baseline.volumes) {
    const volume = volumes.get(id);
    if (volume === undefined) continue;
    volume.stuck = false;
    if (volume.attachment !== undefined) volume.attachment.deleteOnTermination = false;
    volume.tags.clear();
    for (const [key, value] of tags) volume.tags.set(key, value);
  }
  for (const instance of [...instances.values()]) if (instance.state === 'terminated') instances.delete(instance.id);
}

/** What is not as in the baseline yet, in words; empty when the platform is whole as far as AWS can tell. */
export function missing(cloud: Cloud, baseline: Baseline): string[] {
  const { groups, volumes, instances } = cloud.state;
  const found: string[] = [];
  for (const [name, whole] of baseline.groups) {
    const group = groups.get(name);
    if (group === undefined) {
      found.push(`the group ${name} is gone`);
      continue;
    }
    const good = standing(group).filter(
      (member) =>
        member.lifecycle === 'InService' &&
        member.health === 'Healthy' &&
        instances.get(member.instanceId)?.booted === true,
    );
    if (good.length !== whole.desired)
      found.push(`the group ${name} has ${good.length} of ${whole.desired} instances in service`);
    if (group.members.size !== standing(group).length) found.push(`the group ${name} is still terminating an instance`);
  }
  for (const [id, { name }] of baseline.volumes) {
    const volume = volumes.get(id);
    if (volume === undefined) found.push(`the volume ${name} (${id}) is gone`);
    else if (volume.attachment?.state !== 'attached') found.push(`the volume ${name} (${id}) is not attached`);
  }
  return found;
}
