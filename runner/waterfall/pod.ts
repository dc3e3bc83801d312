import type { Target } from '../fault.ts';
import { faultBar } from '../history.ts';
import type { Milestone } from '../journal.ts';
import type { Bar } from '../verdict.ts';
import { inTurn, type Lost } from './in-turn.ts';
import { stepOf, type Step, type WaterfallInput } from './steps.ts';

const source = 'kubernetes';

/**
 * How a pod that was killed is replaced: gone, replacement created, scheduled, started, ready, and an address of its
 * Service where it was one. One that lives through its fault becomes ready again, or never was otherwise.
 *
 * @returns the steps, and the name of the last that must come
 */
export function podSteps(target: Target, begun: Bar, input: WaterfallInput): { steps: Step[]; last: string } {
  const { milestones } = input;
  const hadAddress = milestones.some(({ facet, detail }) => facet === 'endpoint' && detail?.['uid'] === target.id);
  if (target.survives) return survivorSteps(target, begun, milestones);
  const gone = find(milestones, target.id, 'pod', 'gone', begun.min);
  const steps = [stepOf('gone', gone, begun, source)];
  // Nobody replaces a pod that no workload keeps alive.
  if (target.workload === undefined) return { steps, last: 'gone' };

  const uid = replacementsOf(input).get(keyOf(target, begun));
  const of = (facet: Milestone['facet'], state: string): Milestone | undefined =>
    uid === undefined ? undefined : find(milestones, uid, facet, state, begun.min);
  const created = of('pod', 'created');
  const scheduled = of('pod', 'scheduled');
  const node = scheduled?.detail?.['node'];
  const address = of('endpoint', 'ready');
  return {
    steps: [
      ...steps,
      stepOf('replacement created', created, begun, source, created?.subject ?? ''),
      stepOf('scheduled', scheduled, begun, source, typeof node === 'string' ? node : ''),
      stepOf('started', of('pod', 'started'), begun, source),
      stepOf('ready', of('pod', 'ready'), begun, source),
      ...(hadAddress || address ? [stepOf(addressStep, address, begun, source, serviceOf(address))] : []),
    ],
    last: hadAddress ? addressStep : 'ready',
  };
}

const addressStep = 'address of its Service';

function survivorSteps(target: Target, begun: Bar, milestones: readonly Milestone[]): { steps: Step[]; last: string } {
  const lost = find(milestones, target.id, 'pod', 'not ready', begun.min);
  const back = lost && find(milestones, target.id, 'pod', 'ready', lost.seen);
  const off = find(milestones, target.id, 'endpoint', 'not ready', begun.min);
  const on = off && find(milestones, target.id, 'endpoint', 'ready', off.seen);
  return {
    steps: [
      ...(lost ? [stepOf('not ready', lost, begun, source), stepOf('ready', back, begun, source)] : []),
      ...(off ? [stepOf(addressStep, on, begun, source, serviceOf(on))] : []),
    ],
    last: off ? addressStep : 'ready',
  };
}

function serviceOf(address: Milestone | undefined): string {
  const service = address?.detail?.['service'];
  return typeof service === 'string' ? service : '';
}

function find(milestones: readonly Milestone[], uid: string, facet: Milestone['facet'], state: string, fromMs: number): Milestone | undefined {
  return milestones.find((one) => one.facet === facet && one.state === state && one.detail?.['uid'] === uid && one.seen >= fromMs);
}

/**
 * Who replaced whom: of the pods of the same workload that were created after the kill, the first that is not taken yet. A
 * DaemonSet's is on the same node, a StatefulSet's has the same name. Those that never became ready and went away again
 * replaced nobody, unless a fault hit them.
 *
 * @returns the replacement's uid, by target and fault
 */
function replacementsOf({ faults, milestones }: WaterfallInput): ReadonlyMap<string, string> {
  const hit = new Set(faults.flatMap(({ targets }) => targets.map(({ id }) => id)));
  const pods = milestones.filter(({ facet }) => facet === 'pod');
  const uidsWith = (state: string): Set<unknown> => new Set(pods.flatMap((one) => (one.state === state ? [one.detail?.['uid']] : [])));
  const [ready, gone] = [uidsWith('ready'), uidsWith('gone')];
  const nodes = new Map(pods.flatMap(({ detail }) => (detail?.['node'] === undefined ? [] : [[detail['uid'], detail['node']]])));
  const created = pods.filter(({ state, detail }) => {
    const uid = detail?.['uid'];
    return state === 'created' && (!gone.has(uid) || ready.has(uid) || hit.has(String(uid)));
  });
  const lost: Lost[] = faults.flatMap((fault) => {
    const begun = faultBar(fault);
    const killed = fault.targets.filter(({ kind, survives, workload }) => kind === 'pod' && !survives && workload !== undefined);
    return killed.map((target) => ({ key: keyOf(target, begun), atMs: begun.min, fits: (one: Milestone) => fits(one, target, nodes) }));
  });
  return inTurn(lost, created, ({ detail }) => String(detail?.['uid']));
}

function fits({ subject, detail }: Milestone, target: Target, nodes: ReadonlyMap<unknown, unknown>): boolean {
  if (detail?.['workload'] !== target.workload || detail?.['namespace'] !== target.namespace || detail?.['uid'] === target.id) return false;
  if (target.workload?.startsWith('daemonset/')) return nodes.get(detail?.['uid']) === target.node;
  return !target.workload?.startsWith('statefulset/') || subject === target.name;
}

function keyOf({ id }: Target, { min }: Bar): string {
  return `${id} ${min}`;
}
