import { z } from 'zod';
import type { ProbeSpec, Scenario } from '../../scenarios/schema.ts';
import { withZones, type Plan, type PlannedFault } from '../plan.ts';

/** Where a probe stands, as the drill says: firedrill can't tell where it runs itself. */
export const vantageSchema = z.union(
  [z.literal('outside'), z.strictObject({ zone: z.string().min(1) }), z.strictObject({ node: z.string().min(1) })],
  { error: 'give outside, { zone: eu-west-1a } or { node: worker-1 }' },
);
export type Vantage = z.output<typeof vantageSchema>;

interface Standing extends ProbeSpec {
  readonly from?: Vantage;
  readonly via?: string;
  readonly proxy?: string;
}

/** Where a probe that sends requests stands, in words; undefined for all others. */
export function standsAt(spec: ProbeSpec): string | undefined {
  const { from, via, proxy } = spec as Standing;
  if (from === undefined) return undefined;
  const place = from === 'outside' ? 'outside the platform' : 'zone' in from ? `in zone ${from.zone}` : `on node ${from.node}`;
  if (via === 'node-local') return `${place}, through the proxies of nodes`;
  return proxy === undefined ? place : `${place}, through the proxy ${proxy}`;
}

/**
 * Probes that stand in what the faults hit: what they measure is then their own end as well. No reason to refuse, as a
 * drill may mean it.
 */
export function vantageWarnings({ probes }: Pick<Scenario, 'probes'>, { faults, zones }: Pick<Plan, 'faults' | 'zones'>): string[] {
  const targets = faults.flatMap((fault) => fault.targets);
  return Object.entries(probes).flatMap(([name, spec]) => {
    const { from, via } = spec as Standing;
    const { select } = withZones(spec, zones);
    const zone = typeof from === 'object' && 'zone' in from ? from.zone : via === 'node-local' && typeof select?.zone === 'string' ? select.zone : undefined;
    const nodes = [...(typeof from === 'object' && 'node' in from ? [from.node] : []), ...(via === 'node-local' ? (select?.names ?? []) : [])];
    const hit = targets.find((target) => (zone !== undefined && target.zone === zone) || nodes.includes(nodeOf(target)) || nodes.includes(target.id));
    if (!hit) return [];
    const where = zone !== undefined && hit.zone === zone ? `in zone ${zone}` : `on node ${nodeOf(hit)}`;
    return [`probe ${name} stands ${where}, where ${hit.name} is to be hit: what it will see is also what happens to itself; stand outside, or mean it`];
  });
}

function nodeOf({ kind, node, name }: PlannedFault['targets'][number]): string {
  return node ?? (kind === 'node' ? name : '');
}
