import type { Target } from './fault.ts';
import { faultBar, type FaultHistory } from './history.ts';
import type { Milestone } from './journal.ts';
import type { Bar, Recovery, RecoveryStep } from './verdict.ts';
import { firstWrite, leaderSteps } from './waterfall/election.ts';
import { restartSteps, reunionSteps } from './waterfall/member.ts';
import { sloMet } from './waterfall/objectives.ts';
import { replacementSteps } from './waterfall/replacement.ts';
import { isOf, stepOf, type Step, type WaterfallInput } from './waterfall/steps.ts';

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
  const news = input.milestones.filter(({ facet, subject, seen }) => facet !== 'leader' && isOf(subject, target) && seen >= begun.min);
  const steps = [
    { step: 'fault', at: begun, source: 'journal', note: '' },
    ...leaderSteps(target, fault, input),
    ...firstWrite(begun, input),
    ...waysBack(target, news, begun),
    ...sloMet(fault, input),
  ];
  const whole = wholeOf(steps, begun, target, input);
  const timed = withDurations(inOrder(steps));
  // The objectives wait for all targets: that is no part of this one's way.
  const own = timed.filter(({ step }) => step !== 'SLO met');
  const slowest = own.reduce<RecoveryStep | undefined>((a, b) => ((b.tookMs ?? 0) > (a?.tookMs ?? 0) ? b : a), undefined);
  return { target: target.name, zone: target.zone, fault: fault.id, steps: timed, slowest: slowest?.step ?? null, whole };
}

/** What lives through its fault isn't replaced: a disk may have been away, and its process with it, or it was cut off. */
function waysBack(target: Target, own: readonly Milestone[], begun: Bar): Step[] {
  const hostsMember = target.etcdMember !== undefined;
  if (!target.survives) return [...replacementSteps(target, own, begun), ...(hostsMember ? restartSteps(own, begun) : [])];
  const loose = own.findIndex(({ facet, state }) => facet === 'volume' && state !== 'attached');
  if (loose < 0) return hostsMember ? reunionSteps(own, begun) : [];
  const back = own.slice(loose).find(({ facet, state }) => facet === 'volume' && state === 'attached');
  return [stepOf('volume attached', back, begun, 'ec2'), ...(hostsMember ? restartSteps(own, begun) : [])];
}

/**
 * Up to the last step of those that must come: the member's catching up, or the new instance, or the disk. What lived on
 * and was not seen to be away, though somebody looked, took no time at all.
 */
function wholeOf(steps: readonly Step[], begun: Bar, target: Target, { milestones }: WaterfallInput): Bar | null {
  const at = (name: string): Bar | null => steps.find(({ step }) => step === name)?.at ?? null;
  const looksAtMembers = milestones.some(({ facet, subject }) => (facet === 'member' || facet === 'door') && isOf(subject, target));
  const wanted = target.etcdMember !== undefined && looksAtMembers ? 'member caught up' : target.survives ? 'volume attached' : 'new instance running';
  const last = at(wanted);
  if (last) return { min: Math.max(0, last.min - begun.max), max: last.max - begun.min };
  const neverAway = target.survives && looksAtMembers && steps.every(({ step }) => step !== wanted);
  return neverAway ? { min: 0, max: 0 } : null;
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
