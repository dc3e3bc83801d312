import { tagList, type Ec2Connection, type Tags } from './ec2-connection.ts';

/** Calls that change single instances and volumes. */
export interface Ec2Machines {
  stop(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  start(ids: readonly string[], options?: { signal?: AbortSignal }): Promise<void>;
  /** With force: the volume is taken from a running system, which may lose what it had not written. */
  forceDetach(volume: string, signal?: AbortSignal): Promise<void>;
  attach(volume: string, to: { instance: string; device: string }, signal?: AbortSignal): Promise<void>;
  tag(ids: readonly string[], tags: Tags, signal?: AbortSignal): Promise<void>;
  /** Takes tags away, each only where it has this value. */
  untag(ids: readonly string[], tags: Tags, signal?: AbortSignal): Promise<void>;
}

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
