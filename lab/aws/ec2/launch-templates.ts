import type { Cloud } from '../cloud.ts';
import { newId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError } from '../protocol/errors.ts';
import { ec2Filter } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { Params } from '../protocol/params.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { LaunchData, LaunchTemplate, LaunchTemplateVersion } from '../state.ts';
import { launchDataAccepted, launchDataParameters, readLaunchData } from './launch-data.ts';
import { templateNamed, templateVersion } from './launch-template-lookup.ts';
import { readTagSpecifications, tagSet } from './tags.ts';

/** In a launch template a list of structures has `…Request` types, but on the wire the names are the same. */
function readTemplateData(params: Params): LaunchData {
  const data = params.child('LaunchTemplateData');
  const known: readonly string[] = [...launchDataParameters, ...launchDataAccepted];
  const unknown = data.names().find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new AwsError('UnknownParameter', `The parameter LaunchTemplateData.${unknown} is not recognized`);
  return readLaunchData(data);
}

const createLaunchTemplate: Action = {
  parameters: ['LaunchTemplateName', 'LaunchTemplateData', 'VersionDescription', 'TagSpecification'],
  accepted: ['ClientToken'],
  run(cloud, params, caller) {
    const name = params.required('LaunchTemplateName');
    if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) {
      throw new AwsError(
        'InvalidLaunchTemplateName.MalformedException',
        `Launch template name ${name} is malformed: 3 to 128 letters, digits and ().-/_`,
      );
    }
    if ([...cloud.state.launchTemplates.values()].some((each) => each.name === name)) {
      throw new AwsError('InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.');
    }
    const createdAt = new Date();
    const template: LaunchTemplate = {
      id: newId('lt'),
      sequence: cloud.nextSequence(),
      name,
      createdAt,
      createdBy: caller.arn,
      tags: readTagSpecifications(params, 'launch-template'),
      versions: [
        {
          number: 1,
          description: params.string('VersionDescription'),
          createdAt,
          createdBy: caller.arn,
          data: readTemplateData(params),
        },
      ],
      defaultVersion: 1,
    };
    cloud.state.launchTemplates.set(template.id, template);
    return { launchTemplate: templateView(template) };
  },
};

const createLaunchTemplateVersion: Action = {
  parameters: ['LaunchTemplateId', 'LaunchTemplateName', 'SourceVersion', 'VersionDescription', 'LaunchTemplateData'],
  accepted: ['ClientToken'],
  run(cloud, params, caller) {
    const template = named(cloud, params);
    const source = params.string('SourceVersion');
    const base = source === undefined ? {} : templateVersion(template, source).data;
    const given = Object.fromEntries(
      Object.entries(readTemplateData(params)).filter(([, value]) => value !== undefined),
    );
    const version: LaunchTemplateVersion = {
      number: template.versions.at(-1)!.number + 1,
      description: params.string('VersionDescription'),
      createdAt: new Date(),
      createdBy: caller.arn,
      data: { ...base, ...given },
    };
    template.versions.push(version);
    return { launchTemplateVersion: versionView(template, version) };
  },
};

const modifyLaunchTemplate: Action = {
  parameters: ['LaunchTemplateId', 'LaunchTemplateName', 'SetDefaultVersion', 'DefaultVersion'],
  accepted: ['ClientToken'],
  run(cloud, params) {
    const template = named(cloud, params);
    const version = params.string('SetDefaultVersion') ?? params.string('DefaultVersion');
    if (version !== undefined) template.defaultVersion = templateVersion(template, version).number;
    return { launchTemplate: templateView(template) };
  },
};

const deleteLaunchTemplate: Action = {
  parameters: ['LaunchTemplateId', 'LaunchTemplateName'],
  run(cloud, params) {
    const template = named(cloud, params);
    cloud.state.launchTemplates.delete(template.id);
    return { launchTemplate: templateView(template) };
  },
};

const describeLaunchTemplates: Action = {
  parameters: ['LaunchTemplateId', 'LaunchTemplateName', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const named = [
      ...params.strings('LaunchTemplateId').map((id) => templateNamed(cloud, id, undefined)),
      ...params.strings('LaunchTemplateName').map((name) => templateNamed(cloud, undefined, name)),
    ];
    const matches = ec2Filter<LaunchTemplate>(
      params,
      {
        'launch-template-name': (template) => [template.name],
        'create-time': (template) => [template.createdAt.toISOString()],
      },
      (template) => template.tags,
    );
    const all = named.length > 0 ? named : [...cloud.state.launchTemplates.values()];
    const page = pageOf(
      all.filter(matches),
      (each) => each.sequence,
      params.integer('MaxResults', { min: 1, max: 200 }) ?? 200,
      params.string('NextToken'),
    );
    return { launchTemplates: page.items.map(templateView), nextToken: page.nextToken };
  },
};

const describeLaunchTemplateVersions: Action = {
  parameters: [
    'LaunchTemplateId',
    'LaunchTemplateName',
    'LaunchTemplateVersion',
    'MinVersion',
    'MaxVersion',
    'MaxResults',
    'NextToken',
  ],
  run(cloud, params) {
    const template = named(cloud, params);
    const wanted = params.strings('LaunchTemplateVersion').map((version) => templateVersion(template, version));
    const min = params.integer('MinVersion') ?? 1;
    const max = params.integer('MaxVersion') ?? Number.MAX_SAFE_INTEGER;
    const all = (wanted.length > 0 ? wanted : template.versions).filter(
      (each) => each.number >= min && each.number <= max,
    );
    // AWS lists the newest first.
    const sorted = [...all].sort((a, b) => b.number - a.number);
    const page = pageOf(
      sorted,
      (each) => -each.number,
      params.integer('MaxResults', { min: 1, max: 200 }) ?? 200,
      params.string('NextToken'),
    );
    return {
      launchTemplateVersionSet: page.items.map((version) => versionView(template, version)),
      nextToken: page.nextToken,
    };
  },
};

const deleteLaunchTemplateVersions: Action = {
  parameters: ['LaunchTemplateId', 'LaunchTemplateName', 'LaunchTemplateVersion'],
  run(cloud, params) {
    const template = named(cloud, params);
    params.requireList('LaunchTemplateVersion');
    const gone: XmlObject[] = [];
    const kept: XmlObject[] = [];
    for (const asked of params.strings('LaunchTemplateVersion')) {
      const base = { launchTemplateId: template.id, launchTemplateName: template.name, versionNumber: asked };
      const index = template.versions.findIndex((each) => String(each.number) === asked);
      const refuse = (code: string, message: string) => kept.push({ ...base, responseError: { code, message } });
      if (index < 0) refuse('launchTemplateVersionDoesNotExist', `Version ${asked} does not exist.`);
      else if (Number(asked) === template.defaultVersion) {
        refuse('unexpectedError', 'Cannot delete the default launch template version.');
      } else {
        template.versions.splice(index, 1);
        gone.push(base);
      }
    }
    return {
      successfullyDeletedLaunchTemplateVersionSet: gone,
      unsuccessfullyDeletedLaunchTemplateVersionSet: kept,
    };
  },
};

const named = (cloud: Cloud, params: Params): LaunchTemplate =>
  templateNamed(cloud, params.string('LaunchTemplateId'), params.string('LaunchTemplateName'));

function templateView(template: LaunchTemplate): XmlObject {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: template.createdAt,
    createdBy: template.createdBy,
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: template.versions.at(-1)!.number,
    tagSet: tagSet(template.tags),
  };
}

function versionView(template: LaunchTemplate, version: LaunchTemplateVersion): XmlObject {
  const { data } = version;
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.number,
    versionDescription: version.description,
    createTime: version.createdAt,
    createdBy: version.createdBy,
    defaultVersion: version.number === template.defaultVersion,
    launchTemplateData: {
      imageId: data.imageId,
      instanceType: data.instanceType,
      keyName: data.keyName,
      userData: data.userData,
      instanceInitiatedShutdownBehavior: data.shutdownBehavior,
      securityGroupIdSet: data.securityGroupIds,
      blockDeviceMappingSet: data.blockDevices?.map(({ device, sizeGib, volumeType, deleteOnTermination }) => ({
        deviceName: device,
        ebs: { volumeSize: sizeGib, volumeType, deleteOnTermination },
      })),
      instanceMarketOptions:
        data.spotMaxPrice === undefined
          ? undefined
          : { marketType: 'spot', spotOptions: { maxPrice: data.spotMaxPrice } },
      tagSpecificationSet: data.tags?.map(({ resourceType, tags }) => ({
        resourceType,
        tagSet: tagSet(new Map(tags)),
      })),
    },
  };
}

export const launchTemplateActions: Actions = {
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  ModifyLaunchTemplate: modifyLaunchTemplate,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
};
