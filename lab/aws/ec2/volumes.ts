import type { Cloud } from '../cloud.ts';
import { checkId, newId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import { ec2Filter, type FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { Attachment, Instance, Tags, Volume } from '../state.ts';
import { beginAttach, beginDelete, beginDetach } from './attachments.ts';
import { instancesNamed } from './describe-instances.ts';
import { readTagSpecifications, tagSet } from './tags.ts';
import { isHidden, justMade } from './visibility.ts';

interface NewVolume {
  readonly zone: string;
  readonly sizeGib: number;
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly tags: Tags;
}

/** Makes a volume: `creating` at once, `available` (or `error`) when the hypervisor is done, which `made` waits for. */
export function addVolume(cloud: Cloud, wanted: NewVolume): { readonly volume: Volume; readonly made: Promise<void> } {
  const volume: Volume = {
    ...wanted,
    id: newId('vol'),
    sequence: cloud.nextSequence(),
    createdAt: new Date(),
    stuck: false,
    state: 'creating',
    attachment: undefined,
  };
  cloud.state.volumes.set(volume.id, volume);
  justMade(cloud, volume.id);
  const made = (async () => {
    try {
      await cloud.hypervisor.createVolume(volume.id);
      volume.state = 'available';
    } catch (error) {
      volume.state = 'error';
      cloud.trouble(`the volume ${volume.id} could not be made`, error);
    }
  })();
  return { volume, made };
}

function volumeNamed(cloud: Cloud, id: string): Volume {
  checkId('vol', id);
  const volume = cloud.state.volumes.get(id);
  if (volume === undefined) throw noSuchVolume(id);
  return volume;
}

const noSuchVolume = (id: string): AwsError =>
  new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);

const createVolume: Action = {
  parameters: ['AvailabilityZone', 'Size', 'VolumeType', 'Encrypted', 'TagSpecification'],
  accepted: ['ClientToken', 'Iops', 'Throughput'],
  run(cloud, params) {
    const zone = params.required('AvailabilityZone');
    if (![...cloud.state.subnets.values()].some((subnet) => subnet.zone === zone)) {
      throw new AwsError('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
    }
    const { volume } = addVolume(cloud, {
      zone,
      sizeGib: params.requiredInteger('Size', { min: 1, max: 16_384 }),
      volumeType: params.string('VolumeType') ?? 'gp2',
      encrypted: params.boolean('Encrypted') ?? false,
      tags: readTagSpecifications(params, 'volume'),
    });
    return volumeView(volume);
  },
};

const describeVolumes: Action = {
  parameters: ['VolumeId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const ids = params.strings('VolumeId');
    const maxResults = params.integer('MaxResults', { min: 5, max: 1000 });
    if (ids.length > 0 && maxResults !== undefined) {
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter volumeSet cannot be used with the parameter maxResults',
      );
    }
    const hidden = ids.find((id) => isHidden(cloud, id));
    if (hidden !== undefined) throw noSuchVolume(hidden);
    const all =
      ids.length > 0
        ? [...new Set(ids)].map((id) => volumeNamed(cloud, id))
        : [...cloud.state.volumes.values()].filter(({ id }) => !isHidden(cloud, id));
    const matches = ec2Filter(params, volumeFilters, (volume) => volume.tags);
    const page = pageOf(
      all.filter(matches),
      (volume) => volume.sequence,
      maxResults ?? 1000,
      params.string('NextToken'),
    );
    return { volumeSet: page.items.map(volumeView), nextToken: page.nextToken };
  },
};

const volumeFilters: FilterTable<Volume> = {
  'attachment.delete-on-termination': (volume) => [volume.attachment && String(volume.attachment.deleteOnTermination)],
  'attachment.device': (volume) => [volume.attachment?.device],
  'attachment.instance-id': (volume) => [volume.attachment?.instanceId],
  'attachment.status': (volume) => [volume.attachment?.state],
  'availability-zone': (volume) => [volume.zone],
  'create-time': (volume) => [volume.createdAt.toISOString()],
  encrypted: (volume) => [String(volume.encrypted)],
  size: (volume) => [String(volume.sizeGib)],
  status: (volume) => [volume.state],
  'volume-id': (volume) => [volume.id],
  'volume-type': (volume) => [volume.volumeType],
};

const attachVolume: Action = {
  parameters: ['VolumeId', 'InstanceId', 'Device'],
  run(cloud, params) {
    const volume = volumeNamed(cloud, params.required('VolumeId'));
    const [instance] = instancesNamed(cloud, [params.required('InstanceId')]);
    const device = params.required('Device');
    checkAttachable(cloud, volume, instance!, device);
    return attachmentView(volume, beginAttach(cloud, volume, instance!, device, false));
  },
};

function checkAttachable(cloud: Cloud, volume: Volume, instance: Instance, device: string): void {
  if (volume.zone !== instance.zone) {
    throw new AwsError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
  if (instance.state !== 'running') {
    throw new AwsError('IncorrectState', `Instance '${instance.id}' is not 'running'.`);
  }
  if (volume.state === 'in-use') throw new AwsError('VolumeInUse', `${volume.id} is already attached to an instance`);
  if (volume.state !== 'available') throw new AwsError('IncorrectState', `${volume.id} is not 'available'.`);
  const taken = [...cloud.state.volumes.values()].find(
    (other) => other.attachment?.instanceId === instance.id && other.attachment.device === device,
  );
  if (taken !== undefined) {
    throw invalidParameterValue(
      `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
    );
  }
  // AWS's own words for a volume that its storage layer won't let go: a client that retries will hear it again.
  if (cloud.sabotage.isOn('no-volume') || volume.stuck) throw new AwsError('IncorrectState', `${volume.id} is not 'available'.`);
}

const detachVolume: Action = {
  parameters: ['VolumeId', 'InstanceId', 'Device', 'Force'],
  run(cloud, params) {
    const volume = volumeNamed(cloud, params.required('VolumeId'));
    const { attachment } = volume;
    const instanceId = params.string('InstanceId');
    const device = params.string('Device');
    if (instanceId !== undefined) instancesNamed(cloud, [instanceId]);
    if (attachment === undefined)
      throw new AwsError('IncorrectState', `Volume '${volume.id}' is in the '${volume.state}' state.`);
    const differs =
      (instanceId !== undefined && instanceId !== attachment.instanceId) ||
      (device !== undefined && device !== attachment.device);
    if (differs) {
      throw new AwsError(
        'InvalidAttachment.NotFound',
        `Volume '${volume.id}' is not attached to instance '${instanceId ?? attachment.instanceId}' as ${device ?? attachment.device}`,
      );
    }
    const force = params.boolean('Force') ?? false;
    if ((attachment.state === 'detaching' || attachment.state === 'busy') && !force) {
      throw new AwsError('IncorrectState', `Volume '${volume.id}' is in the '${attachment.state}' state.`);
    }
    beginDetach(cloud, volume, attachment, force);
    return attachmentView(volume, attachment);
  },
};

const deleteVolume: Action = {
  parameters: ['VolumeId'],
  run(cloud, params) {
    const volume = volumeNamed(cloud, params.required('VolumeId'));
    if (volume.attachment !== undefined) {
      throw new AwsError('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.attachment.instanceId}`);
    }
    if (volume.state !== 'available' && volume.state !== 'error') {
      throw new AwsError('IncorrectState', `The volume '${volume.id}' is in the '${volume.state}' state.`);
    }
    beginDelete(cloud, volume);
    return { return: true };
  },
};

function volumeView(volume: Volume): XmlObject {
  return {
    volumeId: volume.id,
    size: volume.sizeGib,
    snapshotId: '',
    availabilityZone: volume.zone,
    status: volume.state,
    createTime: volume.createdAt,
    attachmentSet: volume.attachment === undefined ? [] : [attachmentView(volume, volume.attachment)],
    tagSet: tagSet(volume.tags),
    volumeType: volume.volumeType,
    encrypted: volume.encrypted,
    multiAttachEnabled: false,
  };
}

function attachmentView(volume: Volume, attachment: Attachment): XmlObject {
  const { instanceId, device, state: status, attachedAt: attachTime, deleteOnTermination } = attachment;
  return { volumeId: volume.id, instanceId, device, status, attachTime, deleteOnTermination };
}

export const volumeActions: Actions = {
  CreateVolume: createVolume,
  DescribeVolumes: describeVolumes,
  AttachVolume: attachVolume,
  DetachVolume: detachVolume,
  DeleteVolume: deleteVolume,
};
