import type { Target } from '../fault.ts';
import type { History } from '../history.ts';
import type { Milestone } from '../journal.ts';
import { shortName } from '../roles.ts';
import type { Bar, RecoveryStep } from '../verdict.ts';

/** A step before it is put into order and told how long it took. */
export type Step = Omit<RecoveryStep, 'tookMs'>;

/** How a target came back, or why it needn't. */
export interface WayBack {
  readonly steps: readonly Step[];
  /** The name of the last step that must come. */
  readonly last: string;
  /** Why nothing has to come in its place, where that is so. */
  readonly forGood?: string;
}

/** What steps are told from. */
export type WaterfallInput = Pick<History, 'started' | 'faults' | 'milestones' | 'probes' | 'phases' | 'endMs'>;

export const notSeen = 'not seen before the run ended';

/** Whether a milestone's subject is that target. Names are short ones; an etcd member's may be written out, or be its id. */
export function isOf(subject: string, { name, etcdMember }: Target): boolean {
  return subject === name || shortName(subject) === name || (etcdMember !== undefined && subject === etcdMember);
}

export function isOfDaemonSet({ workload }: Target): boolean {
  return workload?.startsWith('daemonset/') ?? false;
}

/**
 * Whether it is about that target, or about what came in its place: of the name, and not of another machine whose name
 * only begins alike. Older journals say less, and are taken by the name.
 */
export function isNamesake({ facet, subject, detail }: Milestone, target: Target): boolean {
  if (!isOf(subject, target)) return false;
  const group = detail?.['group'];
  if (facet === 'instance' || facet === 'group') return group === undefined || group === target.group;
  return facet !== 'dns' || target.host === undefined || detail?.['name'] === target.host;
}

/** What is about a target, its disks, or what came in its place. */
export function newsOf(target: Target, milestones: readonly Milestone[]): Milestone[] {
  const disks = new Set(milestones.flatMap(({ facet, detail }) => (facet === 'volume' && detail?.['instance'] === target.id ? [detail['id']] : [])));
  const isAnothersDisk = ({ facet, detail }: Milestone): boolean => facet === 'volume' && disks.size > 0 && !disks.has(detail?.['id']);
  return milestones.filter((one) => isNamesake(one, target) && !isAnothersDisk(one));
}

/** When a change of state happened: after it was last seen not to have, and after the fault that caused it. */
export function barOf({ notYet, seen }: Milestone, begun: Bar): Bar {
  return { min: Math.min(seen, Math.max(notYet ?? begun.min, begun.min)), max: seen };
}

export function stepOf(step: string, milestone: Milestone | undefined, begun: Bar, source: string, note = ''): Step {
  if (!milestone) return { step, at: null, source, note: notSeen };
  return { step, at: barOf(milestone, begun), source: milestone.source, note };
}
