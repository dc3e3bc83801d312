import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import { AwsError } from '../protocol/errors.ts';
import type { SecurityGroup } from '../state.ts';

/** The most groups that one network interface can have. */
const mostGroups = 5;

/** The group with this id or name; one of them must be given. Throws `InvalidGroup.NotFound` and `InvalidGroupId.Malformed`. */
export function securityGroupNamed(cloud: Cloud, id: string | undefined, name: string | undefined): SecurityGroup {
  if (id === undefined && name === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
  }
  if (id !== undefined) checkId('sg', id);
  for (const group of cloud.state.securityGroups.values()) if (id === undefined ? group.name === name : group.id === id) return group;
  throw new AwsError('InvalidGroup.NotFound', `The security group '${id ?? name}' does not exist`);
}

/** The ids as they are, when they can be the groups of an interface. */
export function checkGroups(cloud: Cloud, ids: readonly string[]): readonly string[] {
  if (ids.length > mostGroups) {
    throw new AwsError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      `The maximum number of security groups per interface (${mostGroups}) has been reached.`,
    );
  }
  for (const id of ids) securityGroupNamed(cloud, id, undefined);
  return [...new Set(ids)];
}
