import type { Milestone } from '../journal.ts';
import type { Bar } from '../verdict.ts';
import { barOf, notSeen, stepOf, type Step } from './steps.ts';

const nobodyLooks = 'no probe of this drill looks at single members, or it saw no change';

/**
 * How an etcd member came back whose process had died.
 *
 * @param own the member's milestones from the fault on
 */
export function restartSteps(own: readonly Milestone[], begun: Bar): Step[] {
  const states = own.filter(({ facet }) => facet === 'member');
  const down = states.findIndex(({ state }) => state === 'down');
  const after = down < 0 ? [] : states.slice(down + 1);
  const started = after.find(({ state }) => state !== 'down');
  const caughtUp = after.find(({ state }) => state === 'up');
  const steps = [stepOf('member started', started, begun, 'etcd'), stepOf('member caught up', caughtUp, begun, 'etcd', lagOf(started, caughtUp))];
  if (states.length === 0) return steps.map((step) => ({ ...step, note: nobodyLooks }));
  return down < 0 ? steps.map((step) => ({ ...step, note: 'the member was not seen to be down' })) : steps;
}

/**
 * How an etcd member came back that had lived on, cut off: it was away for who talked to it, or shut to new connections.
 *
 * @param own the member's milestones from the fault on
 */
export function reunionSteps(own: readonly Milestone[], begun: Bar): Step[] {
  const member = stretch(own, 'member', ['down', 'behind'], 'up');
  const door = stretch(own, 'door', ['closed'], 'open');
  const away = earlier(member.away, door.away);
  if (!away) return [{ step: 'member unreachable', at: null, source: 'etcd', note: 'it was not seen to be unreachable' }];
  // Who was silent and answers again is reached, also while it still lacks entries.
  const answers = member.away?.state === 'down' ? own.find(({ facet, state, seen }) => facet === 'member' && state !== 'down' && seen >= member.away!.seen) : member.back;
  const open = [...(member.away ? [answers] : []), ...(door.away ? [door.back] : [])];
  const back = open.includes(undefined) ? undefined : open.reduce((a, b) => (b!.seen > a!.seen ? b : a));
  const how = !member.away ? 'new connections only: it went on answering those that were open' : member.away.state === 'behind' ? 'it answered, and had lost its peers' : '';
  const steps = [stepOf('member unreachable', away, begun, 'etcd', how), stepOf('member reachable', back, begun, 'etcd')];
  if (member.away) return [...steps, stepOf('member caught up', member.back, begun, 'etcd', lagOf(answers, member.back))];
  const at = back ? barOf(back, begun) : null;
  return [...steps, { step: 'member caught up', at, source: 'etcd', note: back ? 'it had never lost touch with its peers' : notSeen }];
}

/** The first change of a facet to one of the bad states, and the first to the good one after it. */
function stretch(own: readonly Milestone[], wanted: Milestone['facet'], bad: readonly string[], good: string) {
  const changes = own.filter(({ facet }) => facet === wanted);
  const index = changes.findIndex(({ state }) => bad.includes(state));
  return index < 0 ? {} : { away: changes[index], back: changes.slice(index + 1).find(({ state }) => state === good) };
}

function earlier(a: Milestone | undefined, b: Milestone | undefined): Milestone | undefined {
  if (!a || !b) return a ?? b;
  return b.seen < a.seen ? b : a;
}

function lagOf(started: Milestone | undefined, caughtUp: Milestone | undefined): string {
  const lag = started?.detail?.['lag'];
  return caughtUp && started !== caughtUp && typeof lag === 'number' && lag > 0 ? `was ${lag} entries behind` : '';
}
