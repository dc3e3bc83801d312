import type { Target } from '../fault.ts';
import { faultBar, recoveryEndMs, type FaultHistory } from '../history.ts';
import { outagesBetween } from '../outages.ts';
import { shortName } from '../roles.ts';
import { isOfDaemonSet, notSeen, type Step, type WaterfallInput } from './steps.ts';

const step = 'first request served';

/**
 * When requests through the daemon of a node got through again, by the probes that send theirs through each node's own
 * (`via: node-local`). Nothing where none of those ever failed, or nobody asks there.
 */
export function servedSteps(target: Target, fault: FaultHistory, { probes, faults, endMs }: WaterfallInput): Step[] {
  const { node } = target;
  if (node === undefined || !isOfDaemonSet(target)) return [];
  const [fromMs, toMs] = [faultBar(fault).min, recoveryEndMs(fault, faults, endMs)];
  const names = [node, shortName(node)];
  const outages = probes.flatMap(({ name: probe, kind, streams }) => {
    const through = kind === 'http' ? streams.filter(({ name }) => names.some((one) => name === `${probe}/${one}`)) : [];
    return through.flatMap((stream) => outagesBetween(stream.outages, fromMs, toMs).map(({ end }) => ({ probe, end })));
  });
  const open = outages.find(({ end }) => end === null);
  if (open) return [{ step, at: null, source: `probe ${open.probe}`, note: notSeen }];
  const last = outages.reduce<(typeof outages)[number] | undefined>((a, b) => (a && a.end!.max >= b.end!.max ? a : b), undefined);
  return last ? [{ step, at: last.end, source: `probe ${last.probe}`, note: '' }] : [];
}
