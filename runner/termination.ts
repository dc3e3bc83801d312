import type { FaultContext, FaultPlan } from './fault.ts';
import type { Instance } from './inventory.ts';
import { shortName } from './roles.ts';

/** What the faults have in common that end in TerminateInstances. A kill: there is nothing to undo. */
export const termination = {
  permissions: { iam: ['ec2:DescribeInstances', 'ec2:TerminateInstances'] },

  says(instances: readonly Instance[], call = 'TerminateInstances'): string {
    const names = instances.map((instance) => shortName(instance.name)).join(', ');
    const orphans = instances.filter((instance) => instance.group === undefined);
    const healing =
      orphans.length === 0
        ? `${instances.length === 1 ? 'its Auto Scaling Group replaces it' : 'their Auto Scaling Groups replace them'}`
        : `nothing replaces ${orphans.map((instance) => shortName(instance.name)).join(', ')}: no Auto Scaling Group`;
    return `kill ${names} (${call}, not undone: ${healing})`;
  },

  async inject(plan: FaultPlan, { world, signal }: FaultContext): Promise<void> {
    const ec2 = await world.ec2();
    await ec2.terminate(plan.targets.map((target) => target.id), { signal });
  },
} as const;

/** Data volumes that would go with their instance. The first volume is the root's, and may go. */
export function doomedVolumes(instances: readonly Instance[]): string[] {
  return instances.flatMap((instance) =>
    dataVolumes(instance)
      .filter((volume) => volume.deleteOnTermination)
      .map(
        (volume) =>
          `${shortName(instance.name)}: its data volume ${volume.id} (${volume.device}) has DeleteOnTermination: true and would ` +
          `die with ${instance.id}; set it to false with: aws ec2 modify-instance-attribute --instance-id ${instance.id} ` +
          `--block-device-mappings '[{"DeviceName":"${volume.device}","Ebs":{"DeleteOnTermination":false}}]'`,
      ),
  );
}

/** The volumes of an instance besides that of its root. */
export function dataVolumes({ volumes }: Instance): Instance['volumes'] {
  return volumes.filter(({ device }) => !rootDevices.has(device));
}

const rootDevices = new Set(['/dev/xvda', '/dev/sda1']);
