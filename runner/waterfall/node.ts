import type { Target } from '../fault.ts';
import { faultBar } from '../history.ts';
import type { Milestone } from '../journal.ts';
import { shortName } from '../roles.ts';
import type { Bar } from '../verdict.ts';
import { lossKey, newcomersOf } from './newcomers.ts';
import { stepOf, type WaterfallInput, type WayBack } from './steps.ts';

/** Why a machine stays away. */
export const noGroup = 'its machine is in no Auto Scaling Group';

/**
 * How a node whose machine was lost is replaced: the machine gone, the cluster aware of it, another machine running, its
 * node registered, ready.
 */
export function nodeSteps(target: Target, begun: Bar, input: WaterfallInput): WayBack {
  const after = input.milestones.filter(({ seen }) => seen >= begun.min);
  const gone = after.find(({ facet, state, detail }) => facet === 'instance' && state === 'terminated' && detail?.['id'] === target.id);
  const noticed = after.find(({ facet, subject, state }) => facet === 'node' && subject === target.node && (state === 'not ready' || state === 'gone'));
  const steps = [stepOf('instance gone', gone, begun, 'ec2'), stepOf('node lost', noticed, begun, 'kubernetes')];
  if (target.group === undefined) return { steps, last: 'node lost', forGood: noGroup };

  const instance = newcomersOf(input).get(lossKey(target, begun));
  const running = after.find(({ facet, state, detail }) => facet === 'instance' && state === 'running' && detail?.['id'] === instance);
  const ofNode = (state: string): Milestone | undefined =>
    instance === undefined ? undefined : after.find((one) => one.facet === 'node' && one.state === state && one.detail?.['instance'] === instance);
  const registered = ofNode('registered');
  return {
    steps: [
      ...steps,
      stepOf('new instance running', running, begun, 'ec2', instance === undefined ? '' : `instance ${instance}`),
      stepOf('node registered', registered, begun, 'kubernetes', shortName(registered?.subject ?? '')),
      stepOf('node ready', ofNode('ready'), begun, 'kubernetes'),
    ],
    last: 'node ready',
  };
}

/** A node that was lost with its machine. */
export interface LostNode {
  readonly atMs: number;
  /** Whether a group brings another machine. */
  readonly replaced: boolean;
  /** The name of the node that came in its place; undefined where none was seen to. */
  readonly heir: string | undefined;
}

/** The nodes that faults took, by their names. A pod that belongs to one node finds there where it comes up again. */
export function lostNodes(input: WaterfallInput): ReadonlyMap<string, LostNode> {
  const newcomers = newcomersOf(input);
  const registered = input.milestones.filter(({ facet, state }) => facet === 'node' && state === 'registered');
  return new Map(
    input.faults.flatMap((fault) => {
      const begun = faultBar(fault);
      return fault.targets.filter(isLost).map((target): [string, LostNode] => {
        const instance = newcomers.get(lossKey(target, begun));
        const heir = instance === undefined ? undefined : registered.find(({ detail }) => detail?.['instance'] === instance)?.subject;
        return [target.node!, { atMs: begun.min, replaced: target.group !== undefined, heir }];
      });
    }),
  );
}

/** Whether a target is a machine that is a node of the cluster. */
export function isNode({ kind, node }: Target): boolean {
  return kind === 'instance' && node !== undefined;
}

function isLost(target: Target): boolean {
  return isNode(target) && !target.survives;
}
