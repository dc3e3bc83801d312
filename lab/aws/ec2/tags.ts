import type { Cloud } from '../cloud.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import { ec2Filter } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { Xml } from '../protocol/xml.ts';
import type { Tags } from '../state.ts';

const mostTags = 50;

/** Tags as AWS lists them in answers. */
export function tagSet(tags: ReadonlyMap<string, string>): Xml {
  return [...tags].map(([key, value]) => ({ key, value }));
}

/** The tags under `Tag.1.Key`, `Tag.1.Value`, checked by AWS's rules. */
export function readTags(params: Params): [string, string][] {
  return params.list('Tag').map((tag) => {
    const key = tag.required('Key');
    const value = tag.string('Value') ?? '';
    checkTagKey(key);
    if (value.length > 256) throw invalidParameterValue(`Tag value exceeds the maximum length of 256 characters`);
    return [key, value];
  });
}

function checkTagKey(key: string): void {
  if (key.startsWith('aws:'))
    throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
  if (key.length > 127) throw invalidParameterValue('Tag key exceeds the maximum length of 127 characters');
}

/** All tags that `TagSpecification.n` of a creating call gives to one type of resource. */
export function readTagSpecifications(params: Params, resourceType: string, name = 'TagSpecification'): Tags {
  const tags: Tags = new Map();
  for (const specification of params.list(name)) {
    const type = specification.required('ResourceType');
    if (type === resourceType) for (const [key, value] of readTags(specification)) tags.set(key, value);
  }
  return tags;
}

const notFound: Readonly<Record<string, readonly [string, string]>> = {
  i: ['InvalidInstanceID.NotFound', 'The instance ID'],
  vol: ['InvalidVolume.NotFound', 'The volume'],
  subnet: ['InvalidSubnetID.NotFound', 'The subnet ID'],
  vpc: ['InvalidVpcID.NotFound', 'The vpc ID'],
  lt: ['InvalidLaunchTemplateId.NotFound', 'The launch template ID'],
  acl: ['InvalidNetworkAclID.NotFound', 'The networkAcl ID'],
  sg: ['InvalidGroup.NotFound', 'The security group'],
};

interface Tagged {
  readonly id: string;
  readonly type: string;
  readonly tags: Tags;
}

function taggedResources(cloud: Cloud): Tagged[] {
  const { vpc, subnets, instances, volumes, launchTemplates, networkAcls, securityGroups } = cloud.state;
  const of = (type: string, resources: Iterable<{ readonly id: string; readonly tags: Tags }>): Tagged[] =>
    [...resources].map(({ id, tags }) => ({ id, type, tags }));
  return [
    ...of('instance', instances.values()),
    ...of('volume', volumes.values()),
    ...of('launch-template', launchTemplates.values()),
    ...of('subnet', subnets.values()),
    ...of('network-acl', networkAcls.values()),
    ...of('security-group', securityGroups.values()),
    ...of('vpc', [vpc]),
  ];
}

function resourcesNamed(cloud: Cloud, params: Params): Tagged[] {
  params.requireList('ResourceId');
  const known = new Map(taggedResources(cloud).map((resource) => [resource.id, resource]));
  return params.strings('ResourceId').map((id) => {
    const resource = known.get(id);
    if (resource !== undefined) return resource;
    const [code, words] = notFound[id.split('-')[0]!] ?? ['InvalidID', 'The ID'];
    throw new AwsError(code, code === 'InvalidID' ? `The ID '${id}' is not valid` : `${words} '${id}' does not exist`);
  });
}

const createTags: Action = {
  parameters: ['ResourceId', 'Tag'],
  run(cloud, params) {
    const resources = resourcesNamed(cloud, params);
    params.requireList('Tag');
    const tags = readTags(params);
    for (const resource of resources) {
      if (new Set([...resource.tags.keys(), ...tags.map(([key]) => key)]).size > mostTags) {
        throw new AwsError('TagLimitExceeded', `Tag limit of ${mostTags} exceeded for resource ${resource.id}`);
      }
    }
    for (const resource of resources) for (const [key, value] of tags) resource.tags.set(key, value);
    return { return: true };
  },
};

const deleteTags: Action = {
  parameters: ['ResourceId', 'Tag'],
  run(cloud, params) {
    for (const { tags } of resourcesNamed(cloud, params)) {
      // Without a list of tags all of the user's own go; with a value given, only a tag that has it.
      if (!params.has('Tag')) for (const key of [...tags.keys()]) if (!key.startsWith('aws:')) tags.delete(key);
      for (const tag of params.list('Tag')) {
        const key = tag.required('Key');
        checkTagKey(key);
        const value = tag.string('Value');
        if (value === undefined || tags.get(key) === value) tags.delete(key);
      }
    }
    return { return: true };
  },
};

const describeTags: Action = {
  parameters: ['Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const rows = taggedResources(cloud).flatMap((resource) =>
      [...resource.tags].map(([key, value]) => ({ resource, key, value, order: `${resource.id} ${key}` })),
    );
    rows.sort((a, b) => (a.order < b.order ? -1 : 1));
    const matches = ec2Filter<(typeof rows)[number]>(params, {
      'resource-id': (row) => [row.resource.id],
      'resource-type': (row) => [row.resource.type],
      key: (row) => [row.key],
      value: (row) => [row.value],
    });
    const page = pageOf(
      rows.filter(matches),
      (row) => row.order,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return {
      tagSet: page.items.map((row) => ({
        resourceId: row.resource.id,
        resourceType: row.resource.type,
        key: row.key,
        value: row.value,
      })),
      nextToken: page.nextToken,
    };
  },
};

export const tagActions: Actions = { CreateTags: createTags, DeleteTags: deleteTags, DescribeTags: describeTags };
