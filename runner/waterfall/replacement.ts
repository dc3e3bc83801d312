import type { Target } from '../fault.ts';
import type { Milestone } from '../journal.ts';
import type { Bar } from '../verdict.ts';
import { lossKey, newcomersOf } from './newcomers.ts';
import { stepOf, type Step, type WaterfallInput } from './steps.ts';

/**
 * How a machine that was killed is replaced. A killed instance that no group replaces has steps that can't come.
 *
 * @param own the target's milestones from the fault on
 */
export function replacementSteps(target: Target, own: readonly Milestone[], begun: Bar, input: WaterfallInput): Step[] {
  const find = (facet: Milestone['facet'], matches: (milestone: Milestone) => boolean) =>
    own.find((milestone) => milestone.facet === facet && matches(milestone));
  const noticed = find(
    'group',
    ({ state, detail }) => state.startsWith('activity: ') || (detail?.['id'] === target.id && state !== 'InService'),
  );
  const gone = find('instance', ({ state, detail }) => state === 'terminated' && detail?.['id'] === target.id);
  const newcomer = newcomersOf(input).get(lossKey(target, begun));
  const running = find('instance', ({ state, detail }) => state === 'running' && detail?.['id'] === newcomer);
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
    stepOf('new instance running', running, begun, 'ec2', `instance ${newcomer}`),
    stepOf('volume attached', attached, begun, 'ec2'),
    stepOf('DNS changed', renamed, begun, 'dns', renamed?.state),
  ];
}
