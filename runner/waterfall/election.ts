import type { Target } from '../fault.ts';
import { faultBar, type FaultHistory } from '../history.ts';
import type { Bar } from '../verdict.ts';
import { isOf, notSeen, stepOf, type Step, type WaterfallInput } from './steps.ts';

/** Where the cluster's leader was among the fault's targets, or went away after it for no other fault's sake. */
export function leaderSteps(target: Target, fault: FaultHistory, { milestones, faults }: WaterfallInput): Step[] {
  const begun = faultBar(fault);
  const changes = milestones.filter(({ facet }) => facet === 'leader');
  const before = changes.findLast(({ seen }) => seen < begun.min);
  const lost = changes.find(({ seen, state }) => seen >= begun.min && state !== before?.state);
  if (!lost) return [];
  const next = faults.find(({ intentMs }) => intentMs > fault.intentMs);
  const led = before !== undefined && isOf(before.state, target);
  const ledHere = before !== undefined && fault.targets.some((one) => isOf(before.state, one));
  const ledElsewhere = before !== undefined && !ledHere && faults.some((other) => other.targets.some((one) => isOf(before.state, one)));
  if (!ledHere && (ledElsewhere || (next && lost.seen > next.intentMs))) return [];

  const elected = changes.find(({ seen, state }) => seen >= lost.seen && state !== 'none');
  const term = elected?.detail?.['term'];
  const unseen = lost.state === 'none' ? '' : 'no moment without a leader was seen';
  return [
    stepOf('leader lost', lost, begun, 'etcd', led ? 'it led' : unseen),
    stepOf('leader elected', elected, begun, 'etcd', elected ? `${elected.state}${term === undefined ? '' : `, term ${term}`}` : ''),
  ];
}

/** When writes were acknowledged again, by the first probe that writes. */
export function firstWrite(begun: Bar, { probes }: WaterfallInput): Step[] {
  const writes = probes.find(({ kind }) => kind === 'etcd-write')?.streams[0];
  if (!writes) return [];
  // An outage belongs to the fault when it was under way once that had taken hold, or began within a second after.
  const outage = writes.outages.find(({ start, end }) => (end?.max ?? Infinity) > begun.max && start.min <= begun.max + 1_000);
  if (outage) {
    return [{ step: 'first write', at: outage.end, source: 'etcd', note: outage.end ? '' : notSeen }];
  }
  const first = writes.observations.toArray().find(({ start, value }) => start >= begun.max && value === 'good');
  if (!first) return [{ step: 'first write', at: null, source: 'etcd', note: notSeen }];
  return [{ step: 'first write', at: { min: first.start, max: first.end }, source: 'etcd', note: 'writes went on' }];
}
