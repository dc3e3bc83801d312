import type { Cloud } from './cloud.ts';
import type { InstanceState } from './state.ts';

/** The platform at a glance, for `lab status`. */
export interface AwsStatus {
  readonly vpcId: string;
  readonly subnets: readonly { readonly id: string; readonly zone: string; readonly cidr: string }[];
  readonly instances: readonly {
    readonly id: string;
    readonly name: string | undefined;
    readonly zone: string;
    readonly address: string;
    readonly state: InstanceState;
    /** Its user data has been started. */
    readonly booted: boolean;
    /** The group it is a member of. */
    readonly group: string | undefined;
  }[];
  readonly volumes: readonly {
    readonly id: string;
    readonly name: string | undefined;
    readonly zone: string;
    readonly state: string;
    readonly instanceId: string | undefined;
  }[];
  readonly groups: readonly {
    readonly name: string;
    readonly desired: number;
    readonly inService: number;
    readonly suspended: readonly string[];
  }[];
}

export function statusOf(cloud: Cloud): AwsStatus {
  const { vpc, subnets, instances, volumes, groups } = cloud.state;
  return {
    vpcId: vpc.id,
    subnets: [...subnets.values()].map(({ id, zone, cidr }) => ({ id, zone, cidr })),
    instances: [...instances.values()].map(({ id, tags, zone, address, state, booted }) => ({
      id,
      name: tags.get('Name'),
      zone,
      address,
      state,
      booted,
      group: tags.get('aws:autoscaling:groupName'),
    })),
    volumes: [...volumes.values()].map(({ id, tags, zone, state, attachment }) => ({
      id,
      name: tags.get('Name'),
      zone,
      state,
      instanceId: attachment?.instanceId,
    })),
    groups: [...groups.values()].map(({ name, desired, members, suspended }) => ({
      name,
      desired,
      inService: [...members.values()].filter(
        (member) => member.lifecycle === 'InService' && member.health === 'Healthy',
      ).length,
      suspended: [...suspended.keys()],
    })),
  };
}
