import type { Milestone } from './journal.ts';
import type { InstanceLife } from './verdict.ts';

type Segment = { -readonly [K in keyof InstanceLife['segments'][number]]: InstanceLife['segments'][number][K] };

/** What each milestone of a pod or a node makes of it; null: it is no more. */
const states: Readonly<Record<string, string | null>> = {
  created: 'pending',
  scheduled: 'pending',
  registered: 'pending',
  started: 'started',
  ready: 'ready',
  'not ready': 'not ready',
  terminating: 'terminating',
  gone: null,
};

/** The lives of the pods and nodes that were hit, and of what came in their place, each by its uid. */
export function clusterLives(milestones: readonly Milestone[], endMs: number): InstanceLife[] {
  const lives = new Map<string, { name: string; zone: string; kind: 'pod' | 'node'; segments: Segment[] }>();
  for (const { facet, subject, state, detail, seen } of milestones) {
    if (facet !== 'pod' && facet !== 'node') continue;
    const uid = String(detail?.['uid'] ?? subject);
    const life = lives.get(uid) ?? { name: subject, zone: '', kind: facet, segments: [] };
    lives.set(uid, life);
    life.zone = String(detail?.[facet === 'pod' ? 'node' : 'zone'] ?? life.zone);
    const last = life.segments.at(-1);
    const now = states[state];
    // A pod that is leaving stops to be ready on its way, which is no state of its own.
    const goesOn = last !== undefined && (last.state === now || (last.state === 'terminating' && now !== null));
    if (now === undefined || goesOn) continue;
    if (last) last.toMs = seen;
    if (now !== null) life.segments.push({ fromMs: seen, toMs: endMs, state: now, instanceId: uid });
  }
  return [...lives.values()].filter(({ segments }) => segments.length > 0);
}
