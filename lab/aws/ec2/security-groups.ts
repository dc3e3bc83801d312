import type { Cloud } from '../cloud.ts';
import { newId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import { ec2Filter, type FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { FlowRule, SecurityGroup } from '../state.ts';
import { networkChanged } from './enforcement.ts';
import {
  describeRule,
  flowParameters,
  isSameRule,
  openEgress,
  permissionViews,
  readFlowRules,
  ruleView,
} from './flow-rules.ts';
import { checkVpc } from './network.ts';
import { securityGroupNamed } from './security-group-lookup.ts';
import { readTagSpecifications, tagSet } from './tags.ts';
import { isHidden, justMade } from './visibility.ts';

const mostRules = 60;

const createSecurityGroup: Action = {
  parameters: ['GroupName', 'GroupDescription', 'VpcId', 'TagSpecification'],
  run(cloud, params) {
    const name = params.required('GroupName');
    const description = params.required('GroupDescription');
    const vpcId = params.string('VpcId') ?? cloud.state.vpc.id;
    checkVpc(cloud, vpcId);
    checkName(cloud, name, vpcId);
    const tags = readTagSpecifications(params, 'security-group');
    const group: SecurityGroup = {
      id: newId('sg'),
      sequence: cloud.nextSequence(),
      name,
      description,
      vpcId,
      ingress: [],
      egress: [openEgress()],
      tags,
    };
    cloud.state.securityGroups.set(group.id, group);
    justMade(cloud, group.id);
    return { return: true, groupId: group.id, securityGroupArn: arnOf(cloud, group), tagSet: tagSet(tags) };
  },
};

function checkName(cloud: Cloud, name: string, vpcId: string): void {
  if (name.startsWith('sg-')) {
    throw invalidParameterValue(`Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`);
  }
  if (!/^[\w .\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(name)) {
    throw invalidParameterValue(
      `Value (${name}) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.`,
    );
  }
  if ([...cloud.state.securityGroups.values()].some((group) => group.name === name)) {
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
  }
}

const deleteSecurityGroup: Action = {
  parameters: ['GroupId', 'GroupName'],
  run(cloud, params) {
    const group = named(cloud, params);
    if (group.id === cloud.state.vpc.defaultSecurityGroupId) {
      throw new AwsError(
        'CannotDelete',
        `the specified group: "${group.id}" name: "${group.name}" cannot be deleted by a user`,
      );
    }
    if (isNeeded(cloud, group)) {
      throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
    }
    cloud.state.securityGroups.delete(group.id);
    return { return: true, groupId: group.id };
  },
};

/** An interface has it, or another group's rule speaks of it. */
function isNeeded(cloud: Cloud, group: SecurityGroup): boolean {
  const { instances, securityGroups } = cloud.state;
  const isWorn = [...instances.values()].some(
    (instance) => instance.state !== 'terminated' && instance.securityGroupIds.includes(group.id),
  );
  const isNamed = [...securityGroups.values()].some(
    (other) =>
      other !== group &&
      [...other.ingress, ...other.egress].some(({ peer }) => 'groupId' in peer && peer.groupId === group.id),
  );
  return isWorn || isNamed;
}

const named = (cloud: Cloud, params: Params): SecurityGroup =>
  securityGroupNamed(cloud, params.string('GroupId'), params.string('GroupName'));

function authorize(direction: 'ingress' | 'egress'): Action {
  return {
    parameters: ['GroupId', 'GroupName', ...flowParameters],
    accepted: ['TagSpecification'],
    async run(cloud, params) {
      const group = named(cloud, params);
      const rules = readFlowRules(cloud, params);
      const known = group[direction].find((each) => rules.some((rule) => isSameRule(each, rule)));
      if (known !== undefined) {
        throw new AwsError('InvalidPermission.Duplicate', `the specified rule ${describeRule(known)} already exists`);
      }
      if (group[direction].length + rules.length > mostRules) {
        throw new AwsError(
          'RulesPerSecurityGroupLimitExceeded',
          `The maximum number of rules per security group has been reached.`,
        );
      }
      group[direction] = [...group[direction], ...rules];
      await networkChanged(cloud);
      return { return: true, securityGroupRuleSet: rules.map((rule) => ruleView(cloud, group, rule)) };
    },
  };
}

function revoke(direction: 'ingress' | 'egress'): Action {
  return {
    parameters: ['GroupId', 'GroupName', 'SecurityGroupRuleId', ...flowParameters],
    async run(cloud, params) {
      const group = named(cloud, params);
      const gone = params.has('SecurityGroupRuleId')
        ? params.strings('SecurityGroupRuleId').map((id) => ruleById(group[direction], id))
        : readFlowRules(cloud, params).map((wanted) => ruleLike(group[direction], wanted));
      group[direction] = group[direction].filter((rule) => !gone.includes(rule));
      await networkChanged(cloud);
      return { return: true };
    },
  };
}

function ruleById(rules: readonly FlowRule[], id: string): FlowRule {
  const rule = rules.find((each) => each.id === id);
  if (rule !== undefined) return rule;
  throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
}

function ruleLike(rules: readonly FlowRule[], wanted: FlowRule): FlowRule {
  const rule = rules.find((each) => isSameRule(each, wanted));
  if (rule !== undefined) return rule;
  throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
}

function filtersOf(cloud: Cloud): FilterTable<SecurityGroup> {
  return {
    description: (group) => [group.description],
    'group-id': (group) => [group.id],
    'group-name': (group) => [group.name],
    'owner-id': () => [cloud.accountId],
    'vpc-id': (group) => [group.vpcId],
    'ip-permission.cidr': (group) => group.ingress.map(({ peer }) => ('cidr' in peer ? peer.cidr : undefined)),
    'ip-permission.group-id': (group) => group.ingress.map(({ peer }) => ('groupId' in peer ? peer.groupId : undefined)),
    'egress.ip-permission.cidr': (group) => group.egress.map(({ peer }) => ('cidr' in peer ? peer.cidr : undefined)),
  };
}

const describeSecurityGroups: Action = {
  parameters: ['GroupId', 'GroupName', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const wanted = [
      ...params.strings('GroupId').map((id) => securityGroupNamed(cloud, id, undefined)),
      ...params.strings('GroupName').map((name) => securityGroupNamed(cloud, undefined, name)),
    ];
    const hidden = wanted.find(({ id }) => isHidden(cloud, id));
    if (hidden !== undefined) {
      throw new AwsError('InvalidGroup.NotFound', `The security group '${hidden.id}' does not exist`);
    }
    const all =
      wanted.length > 0 ? wanted : [...cloud.state.securityGroups.values()].filter(({ id }) => !isHidden(cloud, id));
    const page = pageOf(
      all.filter(ec2Filter(params, filtersOf(cloud), (group) => group.tags)).sort((a, b) => a.sequence - b.sequence),
      (group) => group.sequence,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return { securityGroupInfo: page.items.map((group) => groupView(cloud, group)), nextToken: page.nextToken };
  },
};

const describeSecurityGroupRules: Action = {
  parameters: ['SecurityGroupRuleId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const ids = params.strings('SecurityGroupRuleId');
    const rows = [...cloud.state.securityGroups.values()].flatMap((group) =>
      [...group.ingress, ...group.egress].map((rule) => ({ group, rule })),
    );
    const matches = ec2Filter<(typeof rows)[number]>(params, {
      'group-id': ({ group }) => [group.id],
      'security-group-rule-id': ({ rule }) => [rule.id],
    });
    const chosen = rows.filter((row) => (ids.length === 0 || ids.includes(row.rule.id)) && matches(row));
    const page = pageOf(
      chosen.sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1)),
      ({ rule }) => rule.id,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return {
      securityGroupRuleSet: page.items.map(({ group, rule }) => ruleView(cloud, group, rule)),
      nextToken: page.nextToken,
    };
  },
};

const arnOf = (cloud: Cloud, group: SecurityGroup): string =>
  `arn:aws:ec2:${cloud.region}:${cloud.accountId}:security-group/${group.id}`;

function groupView(cloud: Cloud, group: SecurityGroup): XmlObject {
  return {
    ownerId: cloud.accountId,
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    vpcId: group.vpcId,
    securityGroupArn: arnOf(cloud, group),
    ipPermissions: permissionViews(cloud, group.ingress),
    ipPermissionsEgress: permissionViews(cloud, group.egress),
    tagSet: tagSet(group.tags),
  };
}

/** The group that comes with a VPC: its members may talk to each other, and to everybody else. */
export function defaultGroup(vpcId: string): SecurityGroup {
  const id = newId('sg');
  return {
    id,
    sequence: 0,
    name: 'default',
    description: 'default VPC security group',
    vpcId,
    ingress: [{ ...openEgress(), peer: { groupId: id } }],
    egress: [openEgress()],
    tags: new Map(),
  };
}

export const securityGroupActions: Actions = {
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  AuthorizeSecurityGroupIngress: authorize('ingress'),
  AuthorizeSecurityGroupEgress: authorize('egress'),
  RevokeSecurityGroupIngress: revoke('ingress'),
  RevokeSecurityGroupEgress: revoke('egress'),
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
};
