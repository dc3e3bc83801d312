import type { Cloud } from '../cloud.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { validationError } from '../protocol/errors.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Group } from '../state.ts';

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagateAtLaunch: boolean;
}

export function readGroupTags(params: Params): GroupTag[] {
  return params.list('Tags').map((tag) => {
    const key = tag.required('Key');
    if (key.startsWith('aws:')) throw validationError('aws: prefixed tag key names are not allowed for external use.');
    return { key, value: tag.string('Value') ?? '', propagateAtLaunch: tag.boolean('PropagateAtLaunch') ?? true };
  });
}

export function groupTagViews(group: Group): XmlObject[] {
  return [...group.tags]
    .map(([key, { value, propagateAtLaunch }]) => ({
      key,
      value,
      propagateAtLaunch,
      resourceId: group.name,
      resourceType: 'auto-scaling-group',
    }))
    .map(({ key, value, propagateAtLaunch, resourceId, resourceType }) => ({
      ResourceId: resourceId,
      ResourceType: resourceType,
      Key: key,
      Value: value,
      PropagateAtLaunch: propagateAtLaunch,
    }));
}

function groupOf(cloud: Cloud, tag: Params): Group {
  const name = tag.required('ResourceId');
  const group = cloud.state.groups.get(name);
  if (group === undefined) throw validationError(`AutoScalingGroup name not found - No such group: ${name}`);
  return group;
}

const createOrUpdateTags: Action = {
  parameters: ['Tags'],
  run(cloud, params) {
    params.requireList('Tags');
    const groups = params.list('Tags').map((tag) => groupOf(cloud, tag));
    readGroupTags(params).forEach(({ key, value, propagateAtLaunch }, index) => {
      groups[index]!.tags.set(key, { value, propagateAtLaunch });
    });
    return {};
  },
};

const deleteTags: Action = {
  parameters: ['Tags'],
  run(cloud, params) {
    const groups = params.list('Tags').map((tag) => groupOf(cloud, tag));
    readGroupTags(params).forEach(({ key }, index) => groups[index]!.tags.delete(key));
    return {};
  },
};

const describeTags: Action = {
  parameters: ['Filters', 'MaxRecords', 'NextToken'],
  run(cloud, params) {
    const filters = params
      .list('Filters')
      .map((filter) => ({ name: filter.required('Name'), values: filter.strings('Values') }));
    const unknown = filters.find(
      ({ name }) => !['auto-scaling-group', 'key', 'value', 'propagate-at-launch'].includes(name),
    );
    if (unknown !== undefined)
      throw validationError(
        `Filter type ${unknown.name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch`,
      );
    const rows = [...cloud.state.groups.values()]
      .flatMap((group) => groupTagViews(group))
      .map((view) => ({
        view,
        order: `${String(view.ResourceId)} ${String(view.Key)}`,
        values: {
          'auto-scaling-group': view.ResourceId,
          key: view.Key,
          value: view.Value,
          'propagate-at-launch': String(view.PropagateAtLaunch),
        } as Record<string, unknown>,
      }));
    const chosen = rows.filter((row) =>
      filters.every(({ name, values }) => values.some((value) => value === row.values[name])),
    );
    chosen.sort((a, b) => (a.order < b.order ? -1 : 1));
    const page = pageOf(
      chosen,
      (row) => row.order,
      params.integer('MaxRecords', { min: 1, max: 100 }) ?? 50,
      params.string('NextToken'),
    );
    return { Tags: page.items.map((row) => row.view), NextToken: page.nextToken };
  },
};

export const groupTagActions: Actions = {
  CreateOrUpdateTags: createOrUpdateTags,
  DeleteTags: deleteTags,
  DescribeTags: describeTags,
};
