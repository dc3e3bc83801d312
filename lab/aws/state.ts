/** All that the lab's AWS knows. Maps keep the order in which things were made; `sequence` says it too. */

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';
export type Tags = Map<string, string>;

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface Instance {
  readonly id: string;
  readonly sequence: number;
  readonly reservationId: string;
  /** A start after a stop counts anew. */
  launchedAt: Date;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly address: string;
  /** What its interface has on top of that, in the order of assignment; they go with the instance. */
  secondaryAddresses: readonly string[];
  /** Its one network interface, which lives as long as it does. */
  readonly interfaceId: string;
  readonly interfaceAttachmentId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName: string | undefined;
  readonly userData: string;
  shutdownBehavior: 'stop' | 'terminate';
  readonly clientToken: string;
  readonly launchIndex: number;
  securityGroupIds: readonly string[];
  /** The groups that it was launched with. */
  readonly firstSecurityGroupIds: readonly string[];
  readonly tags: Tags;
  state: InstanceState;
  /** True once the hypervisor has started it: its status checks pass. */
  booted: boolean;
  /** Settles when a start that was under way is over; a kill waits for it. */
  starting: Promise<void> | undefined;
  stateReason: Reason | undefined;
  stateTransitionReason: string;
}

export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting' | 'error';

export interface Attachment {
  readonly instanceId: string;
  readonly device: string;
  readonly attachedAt: Date;
  /** `busy`: it was to be detached, but the machine has it mounted and holds on to it. */
  state: 'attaching' | 'attached' | 'busy' | 'detaching';
  deleteOnTermination: boolean;
}

export interface Volume {
  readonly id: string;
  readonly sequence: number;
  readonly createdAt: Date;
  readonly zone: string;
  readonly sizeGib: number;
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly tags: Tags;
  /** Sabotage has made it impossible to attach. */
  stuck: boolean;
  state: VolumeState;
  attachment: Attachment | undefined;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly tags: Tags;
  /** The last address given out; the next one is above it, so that a freed address stays unused the longest. */
  lastHost: number;
}

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
  readonly defaultSecurityGroupId: string;
  readonly tags: Tags;
}

/** One rule of a network ACL. Numbers are as in AWS: protocol `-1` is all of them, `6` TCP, `17` UDP, `1` ICMP. */
export interface AclEntry {
  readonly ruleNumber: number;
  readonly egress: boolean;
  readonly protocol: string;
  readonly action: 'allow' | 'deny';
  readonly cidr: string | undefined;
  readonly ipv6Cidr: string | undefined;
  /** Of the destination; for TCP and UDP only. */
  readonly ports: PortRange | undefined;
  /** -1 stands for any. */
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface NetworkAcl {
  readonly id: string;
  readonly sequence: number;
  readonly vpcId: string;
  readonly isDefault: boolean;
  /** Without the closing rule `*`, which every ACL has and nobody can change. */
  entries: readonly AclEntry[];
  readonly tags: Tags;
}

/** Which ACL a subnet has: always exactly one. Its id is a new one each time that the ACL is replaced. */
export interface AclAssociation {
  readonly id: string;
  readonly subnetId: string;
  readonly aclId: string;
}

/** One rule of a security group: what may come from, or go to, one place. */
export interface FlowRule {
  readonly id: string;
  /** `-1`, `tcp`, `udp`, `icmp` or a number, as AWS writes it here. */
  readonly protocol: string;
  /** Ports; for ICMP its type and code, where -1 is any. Absent when the protocol has none. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** A CIDR, or the id of a group whose members are meant. */
  readonly peer: { readonly cidr: string } | { readonly ipv6Cidr: string } | { readonly groupId: string };
  readonly description: string | undefined;
}

export interface SecurityGroup {
  readonly id: string;
  readonly sequence: number;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  ingress: readonly FlowRule[];
  egress: readonly FlowRule[];
  readonly tags: Tags;
}

export interface BlockDevice {
  readonly device: string;
  readonly sizeGib: number | undefined;
  readonly volumeType: string | undefined;
  /** Asked for by name; the lab has no keys, so a volume that needs one can't be made. */
  readonly kmsKeyId: string | undefined;
  readonly deleteOnTermination: boolean;
}

/** What an instance is launched from: the part of RunInstances that a launch template can hold as well. */
export interface LaunchData {
  readonly imageId?: string | undefined;
  readonly instanceType?: string | undefined;
  readonly keyName?: string | undefined;
  /** Base64, as it came. */
  readonly userData?: string | undefined;
  readonly shutdownBehavior?: 'stop' | 'terminate' | undefined;
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly blockDevices?: readonly BlockDevice[] | undefined;
  /** The most that a spot instance may cost, in dollars an hour; absent for one at the usual price. */
  readonly spotMaxPrice?: string | undefined;
  readonly tags?:
    readonly { readonly resourceType: string; readonly tags: readonly (readonly [string, string])[] }[] | undefined;
}

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly data: LaunchData;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly sequence: number;
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly tags: Tags;
  readonly versions: LaunchTemplateVersion[];
  defaultVersion: number;
}

export type ScalingProcess = (typeof scalingProcesses)[number];
export const scalingProcesses = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;

export interface GroupMember {
  readonly instanceId: string;
  readonly zone: string;
  readonly launchTemplate: LaunchTemplateChoice;
  readonly launchActivity: Activity;
  lifecycle: 'Pending' | 'InService' | 'Terminating';
  health: 'Healthy' | 'Unhealthy';
  /** Who says that it is unhealthy: EC2's state or a call of SetInstanceHealth. */
  unhealthyBy: 'ec2' | 'user' | undefined;
  inServiceAt: Date | undefined;
  terminateActivity: Activity | undefined;
  protectedFromScaleIn: boolean;
}

export interface LaunchTemplateChoice {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export interface Activity {
  readonly id: string;
  readonly sequence: number;
  readonly groupName: string;
  readonly startedAt: Date;
  readonly cause: string;
  readonly details: string;
  description: string;
  status: 'PreInService' | 'InProgress' | 'Successful' | 'Failed' | 'Cancelled';
  statusMessage: string | undefined;
  progress: number;
  endedAt: Date | undefined;
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly members: Map<string, GroupMember>;
  /** Oldest first; the oldest are forgotten beyond a bound. */
  activities: Activity[];
  readonly tags: Map<string, { readonly value: string; readonly propagateAtLaunch: boolean }>;
  readonly suspended: Map<ScalingProcess, string>;
  min: number;
  max: number;
  desired: number;
  subnetIds: readonly string[];
  launchTemplate: LaunchTemplateChoice;
  healthCheckType: string;
  healthCheckGracePeriodSeconds: number;
  defaultCooldownSeconds: number;
  newInstancesProtected: boolean;
  terminationPolicies: readonly string[];
  /** Set while the group is being deleted; it vanishes with its last instance. */
  deleting: boolean;
  /** What a user asked for that the next launch or termination will name as its cause. */
  pendingCauses: string[];
  launchFailures: number;
  /** After a failed launch the group waits until then; milliseconds since the epoch. */
  nextLaunchAt: number;
}

export interface State {
  readonly vpc: Vpc;
  readonly subnets: Map<string, Subnet>;
  readonly networkAcls: Map<string, NetworkAcl>;
  /** By the id of the subnet. */
  readonly aclAssociations: Map<string, AclAssociation>;
  readonly securityGroups: Map<string, SecurityGroup>;
  readonly instances: Map<string, Instance>;
  readonly volumes: Map<string, Volume>;
  readonly launchTemplates: Map<string, LaunchTemplate>;
  readonly groups: Map<string, Group>;
}
