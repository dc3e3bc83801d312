import type { Cloud } from './cloud.ts';
import { networkFollows } from './ec2/enforcement.ts';
import type { AclAssociation, NetworkAcl, SecurityGroup, Tags } from './state.ts';

/** The rules of the network, and the tags of all that makes it up, as they were. */
export interface NetworkBaseline {
  readonly acls: ReadonlyMap<string, Pick<NetworkAcl, 'entries'>>;
  readonly associations: ReadonlyMap<string, AclAssociation>;
  readonly groups: ReadonlyMap<string, Pick<SecurityGroup, 'ingress' | 'egress'>>;
  /** By the id of what has them. */
  readonly tags: ReadonlyMap<string, Tags>;
}

export function takeNetworkBaseline(cloud: Cloud): NetworkBaseline {
  const { networkAcls, aclAssociations, securityGroups } = cloud.state;
  return {
    acls: new Map([...networkAcls].map(([id, { entries }]) => [id, { entries }])),
    associations: new Map(aclAssociations),
    groups: new Map([...securityGroups].map(([id, { ingress, egress }]) => [id, { ingress, egress }])),
    tags: new Map(tagged(cloud).map(({ id, tags }) => [id, new Map(tags)])),
  };
}

/** Gives all of it back, and each instance the security groups that it was launched with. What was added goes. */
export function restoreNetwork(cloud: Cloud, baseline: NetworkBaseline): void {
  const { networkAcls, aclAssociations, securityGroups, instances } = cloud.state;
  for (const [subnetId, { aclId }] of baseline.associations) {
    if (aclAssociations.get(subnetId)?.aclId !== aclId) {
      aclAssociations.set(subnetId, baseline.associations.get(subnetId)!);
    }
  }
  for (const instance of instances.values()) instance.securityGroupIds = instance.firstSecurityGroupIds;
  keepOnly(networkAcls, baseline.acls);
  keepOnly(securityGroups, baseline.groups);
  for (const { id, tags } of tagged(cloud)) {
    tags.clear();
    for (const [key, value] of baseline.tags.get(id) ?? []) tags.set(key, value);
  }
  cloud.held.borders.clear();
  cloud.held.groups.clear();
  cloud.madeAt.clear();
  networkFollows(cloud);
}

/** What the baseline knows is as it was there, all else is gone. What was deleted since stays so: its id is lost. */
function keepOnly<Kept extends object>(now: Map<string, Kept>, then: ReadonlyMap<string, Partial<Kept>>): void {
  for (const [id, resource] of now) {
    const before = then.get(id);
    if (before === undefined) now.delete(id);
    else Object.assign(resource, before);
  }
}

function tagged(cloud: Cloud): { readonly id: string; readonly tags: Tags }[] {
  const { vpc, subnets, networkAcls, securityGroups } = cloud.state;
  return [vpc, ...subnets.values(), ...networkAcls.values(), ...securityGroups.values()];
}
