import { filtersOf, tagList, type Ec2Connection, type Tags } from './ec2-connection.ts';

/** Anything of EC2 that carries a tag that was asked for. */
export interface TaggedThing {
  readonly id: string;
  /** As EC2 calls it: `network-acl`. */
  readonly type: string;
  /** Those of its tags that were asked for. */
  readonly tags: Tags;
}

/** Calls that change single instances and volumes, and those on the tags of anything. */
export interface Ec2Machines {
  stop(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  start(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  /** With force: the volume is taken from a running system, which may lose what it had not written. */
  forceDetach(volume: string, signal?: AbortSignal): Promise<void>;
  attach(volume: string, to: { instance: string; device: string }, signal?: AbortSignal): Promise<void>;
  /** Whatever carries such tags; of the dead as well, for as long as EC2 remembers them. */
  tagged(keys: readonly string[], signal?: AbortSignal): Promise<TaggedThing[]>;
  tag(ids: readonly string[], tags: Tags, signal?: AbortSignal): Promise<void>;
  /** Takes tags away, each only where it has this value. */
  untag(ids: readonly string[], tags: Tags, signal?: AbortSignal): Promise<void>;
}

/** The service's own limit. */
const pageSize = 1000;

export function machineCalls({ sdk, client, call }: Ec2Connection): Ec2Machines {
  return {
    stop: (ids, { signal } = {}) =>
      call('StopInstances', signal, async (options) => {
        await client.send(new sdk.StopInstancesCommand({ InstanceIds: [...ids] }), options);
      }),
    start: (ids, { signal } = {}) =>
      call('StartInstances', signal, async (options) => {
        await client.send(new sdk.StartInstancesCommand({ InstanceIds: [...ids] }), options);
      }),
    forceDetach: (volume, signal) =>
      call('DetachVolume', signal, async (options) => {
        await client.send(new sdk.DetachVolumeCommand({ VolumeId: volume, Force: true }), options);
      }),
    attach: (volume, { instance, device }, signal) =>
      call('AttachVolume', signal, async (options) => {
        await client.send(new sdk.AttachVolumeCommand({ VolumeId: volume, InstanceId: instance, Device: device }), options);
      }),
    tagged: (keys, signal) =>
      call('DescribeTags', signal, async (options) => {
        const found = new Map<string, { id: string; type: string; tags: Record<string, string> }>();
        for await (const page of sdk.paginateDescribeTags({ client, pageSize }, filtersOf({ key: keys }), options)) {
          for (const { ResourceId: id = '', ResourceType: type = '', Key = '', Value = '' } of page.Tags ?? []) {
            const one = found.get(id) ?? { id, type, tags: {} };
            one.tags[Key] = Value;
            found.set(id, one);
          }
        }
        return [...found.values()];
      }),
    tag: (ids, tags, signal) =>
      call('CreateTags', signal, async (options) => {
        await client.send(new sdk.CreateTagsCommand({ Resources: [...ids], Tags: tagList(tags) }), options);
      }),
    untag: (ids, tags, signal) =>
      call('DeleteTags', signal, async (options) => {
        await client.send(new sdk.DeleteTagsCommand({ Resources: [...ids], Tags: tagList(tags) }), options);
      }),
  };
}
