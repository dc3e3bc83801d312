import type { Target } from '../fault.ts';
import { faultBar } from '../history.ts';
import type { Milestone } from '../journal.ts';
import { shortName } from '../roles.ts';
import type { Bar } from '../verdict.ts';
import { inTurn, type Lost } from './in-turn.ts';
import { lostNodes, type LostNode } from './node.ts';
import { lossKey } from './newcomers.ts';
import { isOfDaemonSet, stepOf, type WaterfallInput, type WayBack } from './steps.ts';

const source = 'kubernetes';

/**
 * How a pod that was killed is replaced: gone, replacement created, scheduled, started, ready, and an address of its
 * Service where it was one. One that lives through its fault becomes ready again, or never was otherwise. A DaemonSet's
 * pod of a node that was lost comes up on the node that takes its place, if one does.
 */
export function podSteps(target: Target, begun: Bar, input: WaterfallInput): WayBack {
  const { milestones } = input;
  const hadAddress = milestones.some(({ facet, detail }) => facet === 'endpoint' && detail?.['uid'] === target.id);
  if (target.survives) return survivorSteps(target, begun, milestones);
  const gone = find(milestones, target.id, 'pod', 'gone', begun.min);
  const steps = [stepOf('gone', gone, begun, source)];
  if (target.workload === undefined) return { steps, last: 'gone', forGood: 'no workload replaces it' };
  const lost = lostNodes(input);
  const home = isOfDaemonSet(target) ? lost.get(target.node ?? '') : undefined;
  if (home && !home.replaced && home.atMs <= begun.min) return { steps, last: 'gone', forGood: 'its node went with a machine that is in no Auto Scaling Group' };

  const uid = replacementsOf(input, lost).get(lossKey(target, begun));
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
      stepOf('scheduled', scheduled, begun, source, typeof node === 'string' ? shortName(node) : ''),
      stepOf('started', of('pod', 'started'), begun, source),
      stepOf('ready', of('pod', 'ready'), begun, source),
      ...(hadAddress || address ? [stepOf(addressStep, address, begun, source, serviceOf(address))] : []),
    ],
    last: hadAddress ? addressStep : 'ready',
  };
}

const addressStep = 'address of its Service';

function survivorSteps(target: Target, begun: Bar, milestones: readonly Milestone[]): WayBack {
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
 * DaemonSet's is on the same node or on the one that took its place, a StatefulSet's has the same name. Those that never became ready and went away again
 * replaced nobody, unless a fault hit them.
 *
 * @returns the replacement's uid, by target and fault
 */
function replacementsOf({ faults, milestones }: WaterfallInput, lostByNode: ReadonlyMap<string, LostNode>): ReadonlyMap<string, string> {
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
    return killed.map((target) => ({ key: lossKey(target, begun), atMs: begun.min, fits: (one: Milestone) => fits(one, target, nodes, lostByNode) }));
  });
  return inTurn(lost, created, ({ detail }) => String(detail?.['uid']));
}

function fits({ subject, detail }: Milestone, target: Target, nodes: ReadonlyMap<unknown, unknown>, lost: ReadonlyMap<string, LostNode>): boolean {
  if (detail?.['workload'] !== target.workload || detail?.['namespace'] !== target.namespace || detail?.['uid'] === target.id) return false;
  const node = nodes.get(detail?.['uid']);
  if (isOfDaemonSet(target)) return node !== undefined && (node === target.node || node === lost.get(target.node ?? '')?.heir);
  return !target.workload?.startsWith('statefulset/') || subject === target.name;
}
