import { newId } from '../ids.ts';
import type { State, Subnet, Vpc } from '../state.ts';
import { beforeFirstHost } from './addresses.ts';
import { defaultAcl } from './network-acls.ts';
import { defaultGroup } from './security-groups.ts';

type Network = Pick<State, 'vpc' | 'subnets' | 'networkAcls' | 'aclAssociations' | 'securityGroups'>;

/** The lab's one VPC, with its default network ACL and security group, and one subnet in each of three zones. */
export function createNetwork(region: string): Network {
  const vpcId = newId('vpc');
  const group = defaultGroup(vpcId);
  const vpc: Vpc = {
    id: vpcId,
    cidr: '10.200.0.0/16',
    defaultSecurityGroupId: group.id,
    tags: new Map([['Name', 'lab']]),
  };
  const subnets = ['a', 'b', 'c'].map((letter, index): Subnet => ({
    id: newId('subnet'),
    zone: `${region}${letter}`,
    zoneId: `${shortRegion(region)}-az${index + 1}`,
    vpcId: vpc.id,
    cidr: `10.200.${index + 1}.0/24`,
    tags: new Map([['Name', `lab-${region}${letter}`]]),
    lastHost: beforeFirstHost,
  }));
  const { acl, associations } = defaultAcl(
    vpc.id,
    subnets.map((subnet) => subnet.id),
  );
  return {
    vpc,
    subnets: new Map(subnets.map((subnet) => [subnet.id, subnet])),
    networkAcls: new Map([[acl.id, acl]]),
    aclAssociations: associations,
    securityGroups: new Map([[group.id, group]]),
  };
}

/** `eu-west-1` is `euw1` in the ids of zones. */
function shortRegion(region: string): string {
  const [area = '', direction = '', number = ''] = region.split('-');
  return `${area}${direction.slice(0, 1)}${number}`;
}
