import { background, type Cloud } from '../cloud.ts';
import type { Attachment, Instance, Volume } from '../state.ts';

/** `attaching` at once, `attached` after the attach time, when the device is there. Checks nothing. */
export function beginAttach(
  cloud: Cloud,
  volume: Volume,
  instance: Instance,
  device: string,
  deleteOnTermination: boolean,
): Attachment {
  const attachment: Attachment = {
    instanceId: instance.id,
    device,
    attachedAt: new Date(),
    state: 'attaching',
    deleteOnTermination,
  };
  volume.state = 'in-use';
  volume.attachment = attachment;
  background(cloud, `the attachment of ${volume.id} to ${instance.id}`, async () => {
    await cloud.timers.delay(cloud.timing.attachMs);
    if (!isCurrent(volume, attachment, 'attaching') || instance.state !== 'running') return;
    try {
      if (cloud.sabotage.isOn('data-lost')) await cloud.hypervisor.eraseVolume(volume.id);
      if (cloud.sabotage.isOn('etcd-lost-write')) await cloud.hypervisor.restoreVolume(volume.id);
      await cloud.hypervisor.attachVolume(volume.id, instance.id, device);
    } catch (error) {
      cloud.trouble(`${volume.id} could not be attached to ${instance.id}`, error);
      if (isCurrent(volume, attachment, 'attaching')) release(volume);
      return;
    }
    if (isCurrent(volume, attachment, 'attaching')) attachment.state = 'attached';
    // Released while the device was on its way: take it back.
    else if (volume.attachment !== attachment) await cloud.hypervisor.detachVolume(volume.id, instance.id);
  });
  return attachment;
}

/**
 * `detaching` at once, `available` after the detach time, when the device is gone. A volume that its machine has mounted is
 * `busy` until the machine lets go of it, or somebody pulls it out by force.
 */
export function beginDetach(cloud: Cloud, volume: Volume, attachment: Attachment, force: boolean): void {
  attachment.state = 'detaching';
  if (force && cloud.sabotage.isOn('volume-stays-detached')) volume.stuck = true;
  background(cloud, `the detachment of ${volume.id} from ${attachment.instanceId}`, async () => {
    await cloud.timers.delay(cloud.timing.detachMs);
    if (!isCurrent(volume, attachment, 'detaching')) return;
    if (!force && !(await letGo(cloud, volume, attachment))) return;
    await cloud.hypervisor.detachVolume(volume.id, attachment.instanceId);
    if (isCurrent(volume, attachment, 'detaching')) release(volume);
  });
}

/** Waits until the machine has unmounted the volume. @returns false when the volume was detached in another way meanwhile */
async function letGo(cloud: Cloud, volume: Volume, attachment: Attachment): Promise<boolean> {
  while (await cloud.hypervisor.isVolumeMounted(volume.id, attachment.instanceId)) {
    attachment.state = 'busy';
    await cloud.timers.delay(cloud.timing.detachMs);
    if (!isCurrent(volume, attachment, 'busy')) return false;
  }
  attachment.state = 'detaching';
  return true;
}

/** An instance has died: its volumes are free again, or go with it where `DeleteOnTermination` says so. */
export async function releaseVolumes(cloud: Cloud, instance: Instance): Promise<void> {
  const held = [...cloud.state.volumes.values()].filter((volume) => volume.attachment?.instanceId === instance.id);
  await Promise.all(
    held.map(async (volume) => {
      const attachment = volume.attachment!;
      try {
        await cloud.hypervisor.detachVolume(volume.id, instance.id);
      } catch (error) {
        // It stays in use, as a volume stuck in AWS does; a forced detach may free it.
        cloud.trouble(`${volume.id} could not be detached from the dead ${instance.id}`, error);
        return;
      }
      if (volume.attachment !== attachment) return;
      release(volume);
      if (attachment.deleteOnTermination) beginDelete(cloud, volume);
    }),
  );
}

export function beginDelete(cloud: Cloud, volume: Volume): void {
  volume.state = 'deleting';
  background(cloud, `the deletion of ${volume.id}`, async () => {
    await cloud.hypervisor.deleteVolume(volume.id);
    cloud.state.volumes.delete(volume.id);
  });
}

function release(volume: Volume): void {
  volume.attachment = undefined;
  volume.state = 'available';
}

const isCurrent = (volume: Volume, attachment: Attachment, state: Attachment['state']): boolean =>
  volume.attachment === attachment && attachment.state === state;
