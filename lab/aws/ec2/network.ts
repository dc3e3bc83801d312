import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import { ec2Filter } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Subnet, Vpc } from '../state.ts';
import { freeAddressCount } from './addresses.ts';
import { subnetNamed } from './launch.ts';
import { tagSet } from './tags.ts';

/** Throws `InvalidVpcID.NotFound` when this isn't the lab's VPC. */
export function checkVpc(cloud: Cloud, id: string): void {
  checkId('vpc', id);
  if (id !== cloud.state.vpc.id) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
}

const describeVpcs: Action = {
  parameters: ['VpcId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const { vpc } = cloud.state;
    const ids = params.strings('VpcId');
    for (const id of ids) checkVpc(cloud, id);
    const matches = ec2Filter<Vpc>(
      params,
      {
        'vpc-id': (each) => [each.id],
        cidr: (each) => [each.cidr],
        state: () => ['available'],
        'is-default': () => ['false'],
        'owner-id': () => [cloud.accountId],
      },
      (each) => each.tags,
    );
    return {
      vpcSet: [vpc].filter(matches).map((each) => ({
        vpcId: each.id,
        ownerId: cloud.accountId,
        state: 'available',
        cidrBlock: each.cidr,
        isDefault: false,
        instanceTenancy: 'default',
        tagSet: tagSet(each.tags),
      })),
    };
  },
};

const describeSubnets: Action = {
  parameters: ['SubnetId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const ids = params.strings('SubnetId');
    for (const id of ids) checkId('subnet', id);
    const all = ids.length > 0 ? ids.map((id) => subnetNamed(cloud, id)) : [...cloud.state.subnets.values()];
    const matches = ec2Filter<Subnet>(
      params,
      {
        'availability-zone': (each) => [each.zone],
        'availability-zone-id': (each) => [each.zoneId],
        'cidr-block': (each) => [each.cidr],
        state: () => ['available'],
        'subnet-id': (each) => [each.id],
        'vpc-id': (each) => [each.vpcId],
        'owner-id': () => [cloud.accountId],
      },
      (each) => each.tags,
    );
    const page = pageOf(
      all.filter(matches),
      (each) => each.cidr,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return {
      subnetSet: page.items.map((each) => ({
        subnetId: each.id,
        subnetArn: `arn:aws:ec2:${cloud.region}:${cloud.accountId}:subnet/${each.id}`,
        state: 'available',
        ownerId: cloud.accountId,
        vpcId: each.vpcId,
        cidrBlock: each.cidr,
        availableIpAddressCount: freeAddressCount(cloud.state, each),
        availabilityZone: each.zone,
        availabilityZoneId: each.zoneId,
        defaultForAz: false,
        mapPublicIpOnLaunch: false,
        tagSet: tagSet(each.tags),
      })),
      nextToken: page.nextToken,
    };
  },
};

const describeAvailabilityZones: Action = {
  parameters: ['ZoneName', 'ZoneId', 'AllAvailabilityZones', 'Filter'],
  run(cloud, params) {
    const subnets = zonesOf(cloud);
    const names = params.strings('ZoneName');
    const ids = params.strings('ZoneId');
    const unknown = names.find((name) => !subnets.some((each) => each.zone === name));
    if (unknown !== undefined) throw invalidParameterValue(`Invalid availability zone: [${unknown}]`);
    const matches = ec2Filter<Subnet>(params, {
      'zone-name': (each) => [each.zone],
      'zone-id': (each) => [each.zoneId],
      'region-name': () => [cloud.region],
      state: () => ['available'],
    });
    const chosen = subnets.filter(
      (each) =>
        (names.length === 0 || names.includes(each.zone)) &&
        (ids.length === 0 || ids.includes(each.zoneId)) &&
        matches(each),
    );
    return {
      availabilityZoneInfo: chosen.map((each) => ({
        zoneName: each.zone,
        zoneState: 'available',
        regionName: cloud.region,
        zoneId: each.zoneId,
        zoneType: 'availability-zone',
        groupName: cloud.region,
        networkBorderGroup: cloud.region,
        optInStatus: 'opt-in-not-required',
        messageSet: [],
      })),
    };
  },
};

/** One subnet for each zone stands for the zone. */
function zonesOf(cloud: Cloud): Subnet[] {
  return [...new Map([...cloud.state.subnets.values()].map((subnet) => [subnet.zone, subnet])).values()];
}

const describeRegions: Action = {
  parameters: ['RegionName', 'AllRegions', 'Filter'],
  run(cloud, params) {
    const unknown = params.strings('RegionName').find((name) => name !== cloud.region);
    if (unknown !== undefined) throw invalidParameterValue(`Invalid region(s): [${unknown}]`);
    const matches = ec2Filter<string>(params, { 'region-name': (name) => [name] });
    return {
      regionInfo: [cloud.region].filter(matches).map((name) => ({
        regionName: name,
        regionEndpoint: `ec2.${name}.amazonaws.com`,
        optInStatus: 'opt-in-not-required',
      })),
    };
  },
};

export const networkActions: Actions = {
  DescribeVpcs: describeVpcs,
  DescribeSubnets: describeSubnets,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeRegions: describeRegions,
};
