import { randomUUID } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import type { Activity, Group, Subnet } from '../state.ts';

/** AWS keeps six weeks of them; the lab keeps this many for each group. */
const mostActivities = 200;

/** A moment as it stands in causes: to the second, in UTC. */
export const causeTime = (at: Date = new Date()): string => `${at.toISOString().slice(0, 19)}Z`;

export function beginActivity(
  cloud: Cloud,
  group: Group,
  given: {
    readonly description: string;
    readonly cause: string;
    readonly subnet: Subnet;
    readonly status: Activity['status'];
  },
): Activity {
  const { description, cause, subnet, status } = given;
  const activity: Activity = {
    id: randomUUID(),
    sequence: cloud.nextSequence(),
    groupName: group.name,
    startedAt: new Date(),
    description,
    cause,
    details: JSON.stringify({ 'Subnet ID': subnet.id, 'Availability Zone': subnet.zone }),
    status,
    statusMessage: undefined,
    progress: status === 'PreInService' ? 30 : 50,
    endedAt: undefined,
  };
  group.activities.push(activity);
  if (group.activities.length > mostActivities) group.activities.splice(0, group.activities.length - mostActivities);
  return activity;
}

/** Does nothing to an activity that has ended. */
export function endActivity(activity: Activity, status: 'Successful' | 'Failed' | 'Cancelled', message?: string): void {
  if (activity.endedAt !== undefined) return;
  activity.status = status;
  activity.statusMessage = message;
  activity.progress = 100;
  activity.endedAt = new Date();
}

/** What users asked for since the last activity, then what the group does about it; two spaces between, as in AWS. */
export function takeCause(group: Group, ownCause: string): string {
  const cause = [...group.pendingCauses, ownCause].join('  ');
  group.pendingCauses = [];
  return cause;
}
