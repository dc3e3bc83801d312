import type { Target } from './fault.ts';
import { faultBar, type FaultHistory } from './history.ts';
import type { Milestone } from './journal.ts';
import type { Bar, Recovery, RecoveryStep } from './verdict.ts';
import { firstWrite, leaderSteps } from './waterfall/election.ts';
import { restartSteps, reunionSteps } from './waterfall/member.ts';
import { isNode, nodeSteps, noGroup } from './waterfall/node.ts';
import { sloMet } from './waterfall/objectives.ts';
import { podSteps } from './waterfall/pod.ts';
import { replacementSteps } from './waterfall/replacement.ts';
import { servedSteps } from './waterfall/served.ts';
import { isOf, newsOf, stepOf, type Step, type WaterfallInput, type WayBack } from './waterfall/steps.ts';

/**
 * How each target that was lost came back, step by step: only what concerns the replacement counts (another instance
 * than the one that was hit; a member that answers after it had been seen not to). Steps that were seen stand in the
 * order in which they happened; one that was not seen stands where it belongs, with the reason.
 */
export function waterfall(input: WaterfallInput): Recovery[] {
  return input.faults
    .filter((fault) => fault.injectedMs !== null || fault.failedMs !== null)
    .flatMap((fault) => fault.targets.filter(comesBack).map((target) => recoveryOf(target, fault, input)));
}

/** A workload is not lost, and a node that is only drained neither: what there is to tell is told of their pods. */
function comesBack({ kind }: Target): boolean {
  return kind === 'instance' || kind === 'pod';
}

function recoveryOf(target: Target, fault: FaultHistory, input: WaterfallInput): Recovery {
  const begun = faultBar(fault);
  if (target.kind === 'pod') return onCluster(target, fault, input, podSteps(target, begun, input));
  if (isNode(target) && !target.survives && target.etcdMember === undefined) return onCluster(target, fault, input, nodeSteps(target, begun, input));
  const news = newsOf(target, input.milestones).filter(({ facet, seen }) => facet !== 'leader' && seen >= begun.min);
  const steps = [
    { step: 'fault', at: begun, source: 'journal', note: '' },
    ...leaderSteps(target, fault, input),
    ...firstWrite(begun, input),
    ...waysBack(target, news, begun, input),
    ...sloMet(fault, input),
  ];
  if (!isReplaced(target)) return { ...recoveryBy(target, fault, steps, sinceStep('old instance gone', steps, begun)), forGood: noGroup };
  return recoveryBy(target, fault, steps, wholeOf(steps, begun, target, input));
}

/** What Kubernetes replaces: no leader and no disk is part of that. */
function onCluster(target: Target, fault: FaultHistory, input: WaterfallInput, { steps, last, forGood }: WayBack): Recovery {
  const begun = faultBar(fault);
  const all = [{ step: 'fault', at: begun, source: 'journal', note: '' }, ...steps, ...servedSteps(target, fault, input), ...sloMet(fault, input)];
  const neverAway = target.survives && steps.length === 0 && input.milestones.some(({ detail }) => detail?.['uid'] === target.id);
  const recovery = recoveryBy(target, fault, all, sinceStep(last, steps, begun) ?? (neverAway ? { min: 0, max: 0 } : null));
  return forGood === undefined ? recovery : { ...recovery, forGood };
}

function recoveryBy(target: Target, fault: FaultHistory, steps: readonly Step[], whole: Bar | null): Recovery {
  const timed = withDurations(inOrder(steps));
  // The objectives wait for all targets: that is no part of this one's way.
  const own = timed.filter(({ step }) => step !== 'SLO met');
  const slowest = own.reduce<RecoveryStep | undefined>((a, b) => ((b.tookMs ?? 0) > (a?.tookMs ?? 0) ? b : a), undefined);
  const node = isNode(target) ? { node: target.node! } : {};
  return { target: target.name, zone: target.zone, ...node, fault: fault.id, steps: timed, slowest: slowest?.step ?? null, whole };
}

/** Nothing comes for a machine that no group keeps; for a member of etcd somebody has to see to it all the same. */
function isReplaced({ survives, group, etcdMember }: Target): boolean {
  return survives === true || group !== undefined || etcdMember !== undefined;
}

function sinceStep(name: string, steps: readonly Step[], begun: Bar): Bar | null {
  const at = steps.find(({ step }) => step === name)?.at;
  return at ? since(begun, at) : null;
}

function since(begun: Bar, { min, max }: Bar): Bar {
  return { min: Math.max(0, min - begun.max), max: max - begun.min };
}

/** What lives through its fault isn't replaced: a disk may have been away, and its process with it, or it was cut off. */
function waysBack(target: Target, own: readonly Milestone[], begun: Bar, input: WaterfallInput): Step[] {
  const hostsMember = target.etcdMember !== undefined;
  if (!target.survives) return [...replacementSteps(target, own, begun, input), ...(hostsMember ? restartSteps(own, begun) : [])];
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
  const looksAtMembers = milestones.some(({ facet, subject }) => (facet === 'member' || facet === 'door') && isOf(subject, target));
  const wanted = target.etcdMember !== undefined && looksAtMembers ? 'member caught up' : target.survives ? 'volume attached' : 'new instance running';
  const whole = sinceStep(wanted, steps, begun);
  if (whole) return whole;
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
