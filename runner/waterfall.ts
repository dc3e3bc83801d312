import type { Target } from './fault.ts';
import { faultBar, type FaultHistory, type History } from './history.ts';
import type { Milestone } from './journal.ts';
import type { Bar, Recovery, RecoveryStep } from './verdict.ts';

type Step = Omit<RecoveryStep, 'tookMs'>;
export type WaterfallInput = Pick<History, 'faults' | 'milestones' | 'probes' | 'endMs'>;

/**
 * How each target that was lost came back, step by step: only what concerns the replacement counts (another instance
 * than the one that was hit; a member that answers after it had been seen not to). Steps that were seen stand in the
 * order in which they happened; one that was not seen stands where it belongs, with the reason.
 */
export function waterfall(input: WaterfallInput): Recovery[] {
  return input.faults
    .filter((fault) => fault.injectedMs !== null || fault.failedMs !== null)
    .flatMap((fault) => fault.targets.map((target) => recoveryOf(target, fault, input)));
}

function recoveryOf(target: Target, fault: FaultHistory, input: WaterfallInput): Recovery {
  const begun = faultBar(fault);
  const own = input.milestones.filter(({ facet, subject, seen }) => facet !== 'leader' && isOf(subject, target) && seen >= begun.min);
  const member = memberSteps(own, begun);
  const replacement = replacementSteps(target, own, begun);
  const steps = [
    { step: 'fault', at: begun, source: 'journal', note: '' },
    ...leaderSteps(target, fault, input),
    ...firstWrite(begun, input),
    // A killed member that nobody replaces, and an instance that hosts none, have steps that can't come.
    ...replacement,
    ...(target.etcdMember === undefined ? [] : member),
  ];
  const whole = wholeOf(steps, begun, target);
  const timed = withDurations(inOrder(steps));
  const slowest = timed.reduce<RecoveryStep | undefined>((a, b) => ((b.tookMs ?? 0) > (a?.tookMs ?? 0) ? b : a), undefined);
  return { target: target.name, zone: target.zone, fault: fault.id, steps: timed, slowest: slowest?.step ?? null, whole };
}

/** Names are short ones; an etcd member's may be written out, or be its id. */
function isOf(subject: string, { name, etcdMember }: Target): boolean {
  return subject === name || subject.split('.')[0] === name || (etcdMember !== undefined && subject === etcdMember);
}

/** When a change of state happened: after it was last seen not to have, and after the fault that caused it. */
function barOf({ notYet, seen }: Milestone, begun: Bar): Bar {
  return { min: Math.min(seen, Math.max(notYet ?? begun.min, begun.min)), max: seen };
}

const notSeen = 'not seen before the run ended';

function stepOf(step: string, milestone: Milestone | undefined, begun: Bar, source: string, note = ''): Step {
  if (!milestone) return { step, at: null, source, note: notSeen };
  return { step, at: barOf(milestone, begun), source: milestone.source, note };
}

/** Where the cluster's leader was among the fault's targets, or went away after it for no other fault's sake. */
function leaderSteps(target: Target, fault: FaultHistory, { milestones, faults }: WaterfallInput): Step[] {
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
function firstWrite(begun: Bar, { probes }: WaterfallInput): Step[] {
  const writes = probes.find(({ kind }) => kind === 'etcd-write')?.streams[0];
  if (!writes) return [];
  // An outage belongs to the fault when it was under way once that had taken hold, or began within a second after.
  const outage = writes.outages.find(({ start, end }) => (end?.max ?? Infinity) > begun.max && start.min <= begun.max + 1_000);
  if (outage) {
    return [{ step: 'first write', at: outage.end, source: 'etcd', note: outage.end ? '' : notSeen }];
  }
  const first = writes.observations.find(({ start, value }) => start >= begun.max && value === 'good');
  if (!first) return [{ step: 'first write', at: null, source: 'etcd', note: notSeen }];
  return [{ step: 'first write', at: { min: first.start, max: first.end }, source: 'etcd', note: 'writes went on' }];
}

function replacementSteps(target: Target, own: readonly Milestone[], begun: Bar): Step[] {
  const find = (facet: Milestone['facet'], matches: (milestone: Milestone) => boolean) =>
    own.find((milestone) => milestone.facet === facet && matches(milestone));
  if (target.survives) {
    // Nothing is replaced; a disk may have been away.
    const loose = own.findIndex(({ facet, state }) => facet === 'volume' && state !== 'attached');
    const back = loose < 0 ? undefined : own.slice(loose).find(({ facet, state }) => facet === 'volume' && state === 'attached');
    return loose < 0 ? [] : [stepOf('volume attached', back, begun, 'ec2')];
  }
  const noticed = find(
    'group',
    ({ state, detail }) => state.startsWith('activity: ') || (detail?.['id'] === target.id && state !== 'InService'),
  );
  const gone = find('instance', ({ state, detail }) => state === 'terminated' && detail?.['id'] === target.id);
  const running = find('instance', ({ state, detail }) => state === 'running' && detail?.['id'] !== target.id);
  const attached = find('volume', ({ state, detail }) => state === 'attached' && detail?.['instance'] !== target.id);
  const oldAddress = own.find(({ facet }) => facet === 'dns')?.state;
  const renamed = find('dns', ({ state, notYet }) => state !== 'none' && notYet !== null && state !== oldAddress) ??
    find('dns', ({ state, notYet }) => state !== 'none' && notYet !== null && notYet >= begun.min);
  const cause = noticed?.detail?.['description'];
  const steps = [
    ...(target.group === undefined ? [] : [stepOf('group noticed', noticed, begun, 'autoscaling', typeof cause === 'string' ? cause : '')]),
    stepOf('old instance gone', gone, begun, 'ec2'),
  ];
  if (target.group === undefined) return steps;
  return [
    ...steps,
    stepOf('new instance running', running, begun, 'ec2', `instance ${running?.detail?.['id']}`),
    stepOf('volume attached', attached, begun, 'ec2'),
    stepOf('DNS changed', renamed, begun, 'dns', renamed?.state),
  ];
}

function memberSteps(own: readonly Milestone[], begun: Bar): Step[] {
  const states = own.filter(({ facet }) => facet === 'member');
  const down = states.findIndex(({ state }) => state === 'down');
  const after = down < 0 ? [] : states.slice(down + 1);
  const started = after.find(({ state }) => state !== 'down');
  const caughtUp = after.find(({ state }) => state === 'up');
  const lag = started?.detail?.['lag'];
  const was = caughtUp && started !== caughtUp && typeof lag === 'number' && lag > 0 ? `was ${lag} entries behind` : '';
  const steps = [stepOf('member started', started, begun, 'etcd'), stepOf('member caught up', caughtUp, begun, 'etcd', was)];
  if (states.length === 0) return steps.map((step) => ({ ...step, note: 'no probe of this drill looks at single members, or it saw no change' }));
  return down < 0 ? steps.map((step) => ({ ...step, note: 'the member was not seen to be down' })) : steps;
}

/** Up to the last step of those that must come: the member's catching up, or the new instance, or the end of the old. */
function wholeOf(steps: readonly Step[], begun: Bar, target: Target): Bar | null {
  const wanted = target.etcdMember !== undefined ? 'member caught up' : 'new instance running';
  const last = steps.find(({ step }) => step === wanted)?.at;
  return last ? { min: Math.max(0, last.min - begun.max), max: last.max - begun.min } : null;
}

/** Seen steps by time; one that was not seen follows all that it is listed after. */
function inOrder(steps: readonly Step[]): Step[] {
  const seen = steps.filter(({ at }) => at !== null).sort((a, b) => middle(a.at!) - middle(b.at!));
  const result = [...seen];
  steps.forEach((one, index) => {
    if (one.at !== null) return;
    const place = Math.max(...steps.slice(0, index).map((before) => result.indexOf(before))) + 1;
    result.splice(place, 0, one);
  });
  return result;
}

function withDurations(steps: readonly Step[]): RecoveryStep[] {
  let before: Bar | null = null;
  return steps.map((one) => {
    const tookMs = before && one.at ? middle(one.at) - middle(before) : null;
    before = one.at ?? before;
    return { step: one.step, at: one.at, tookMs, source: one.source, note: one.note };
  });
}

function middle({ min, max }: Bar): number {
  return (min + max) / 2;
}
