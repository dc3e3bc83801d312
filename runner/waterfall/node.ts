import type { Target } from '../fault.ts';
import { faultBar } from '../history.ts';
import type { Milestone } from '../journal.ts';
import type { Bar } from '../verdict.ts';
import { inTurn, type Lost } from './in-turn.ts';
import { stepOf, type Step, type WaterfallInput } from './steps.ts';

/**
 * How a node whose machine was lost is replaced: the machine gone, the cluster aware of it, another machine running, its
 * node registered, ready.
 *
 * @returns the steps, and the name of the last that must come
 */
export function nodeSteps(target: Target, begun: Bar, input: WaterfallInput): { steps: Step[]; last: string } {
  const after = input.milestones.filter(({ seen }) => seen >= begun.min);
  const gone = after.find(({ facet, state, detail }) => facet === 'instance' && state === 'terminated' && detail?.['id'] === target.id);
  const noticed = after.find(({ facet, subject, state }) => facet === 'node' && subject === target.node && (state === 'not ready' || state === 'gone'));
  const steps = [stepOf('instance gone', gone, begun, 'ec2'), stepOf('node lost', noticed, begun, 'kubernetes')];
  if (target.group === undefined) return { steps, last: 'node lost' };

  const instance = newcomersOf(input).get(`${target.id} ${begun.min}`);
  const running = after.find(({ facet, state, detail }) => facet === 'instance' && state === 'running' && detail?.['id'] === instance);
  const ofNode = (state: string): Milestone | undefined =>
    instance === undefined ? undefined : after.find((one) => one.facet === 'node' && one.state === state && one.detail?.['instance'] === instance);
  const registered = ofNode('registered');
  return {
    steps: [
      ...steps,
      stepOf('new instance running', running, begun, 'ec2', instance === undefined ? '' : `instance ${instance}`),
      stepOf('node registered', registered, begun, 'kubernetes', registered?.subject ?? ''),
      stepOf('node ready', ofNode('ready'), begun, 'kubernetes'),
    ],
    last: 'node ready',
  };
}

/** The machine that came for each that was lost: machines of one group go by one name, so it is told by turns. */
function newcomersOf({ faults, milestones }: WaterfallInput): ReadonlyMap<string, string> {
  const instances = milestones.filter(({ facet }) => facet === 'instance');
  const firstSeen = instances.filter((one, index) => instances.findIndex(({ detail }) => detail?.['id'] === one.detail?.['id']) === index);
  const lost: Lost[] = faults.flatMap((fault) => {
    const { min } = faultBar(fault);
    const nodes = fault.targets.filter((target) => isNode(target) && !target.survives);
    return nodes.map(({ id, name }) => ({ key: `${id} ${min}`, atMs: min, fits: ({ subject }: Milestone) => subject === name }));
  });
  return inTurn(lost, firstSeen, ({ detail }) => String(detail?.['id']));
}

/** Whether a target is a machine that is a node of the cluster. */
export function isNode({ kind, node }: Target): boolean {
  return kind === 'instance' && node !== undefined;
}
