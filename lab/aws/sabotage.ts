/** Ways in which the lab's AWS can be made wrong while it runs. A drill that passes with one of them on is a bug. */
export const sabotages = {
  'no-replacement': 'groups notice a loss but every launch fails for want of capacity',
  'no-volume': 'no volume can be attached to an instance any more',
  'slow-replacement': 'the launches of groups take half a minute longer',
  'launch-stays-suspended': 'ResumeProcesses says yes, and the groups stay suspended',
  'acl-stays': 'a network ACL that is put back is shown as back, and packets still go by the one before',
  'groups-stay': 'security groups that are put back are shown as back, and packets still go by the ones before',
  'volume-stays-detached': 'a volume that was pulled out by force is never attached again',
  'data-lost': 'a volume comes back empty: what was written to it is gone',
  'etcd-lost-write': 'a volume comes back as it was when this was switched on: what was written to it since is gone',
  'etcd-stale-reads': 'a layer in front of one member of etcd answers reads from the past',
  'etcd-watch-gap': 'a layer in front of one member of etcd leaves events of watches out',
  'api-throttled': 'a share of the calls is refused for being too many; :<percent>, 30 when not given',
  'api-slow': 'each call takes one to three seconds',
  'api-down': 'connections to the API are reset; :<seconds>, for that long',
  'api-wrong': 'a share of the calls is carried out and answered with something else; :<percent>, 20 when not given',
  'api-stale': 'what was just made is missing from describes; :<milliseconds>, 200 when not given',
  'audit-lost': 'calls are answered, and leave no trace in the audit logs: neither in CloudTrail nor in the log of the Kubernetes API',
  'audit-late': 'CloudTrail knows of calls later; :<seconds>, 60 when not given',
} as const;

export type Sabotage = keyof typeof sabotages;

/** The sabotages that take a number, as in `api-down:10`. */
export const sabotageAmounts: Readonly<Partial<Record<Sabotage, SabotageAmount>>> = {
  'api-throttled': { unit: 'percent', least: 1, most: 100, usual: 30 },
  'api-wrong': { unit: 'percent', least: 1, most: 100, usual: 20 },
  'api-down': { unit: 'seconds', least: 1, most: 3_600, usual: undefined },
  'api-stale': { unit: 'milliseconds', least: 1, most: 60_000, usual: 200 },
  'audit-late': { unit: 'seconds', least: 1, most: 3_600, usual: 60 },
};

export interface SabotageAmount {
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  /** What it is when no number is given; undefined when one has to be. */
  readonly usual: number | undefined;
}

/** Read at the moment of each decision, so that a switch works at once. */
export interface SabotageSwitches {
  isOn(name: Sabotage): boolean;
  /** The number that a sabotage was switched on with, or its usual one. */
  amount(name: Sabotage): number;
}
