import { formatRate } from '../../scenarios/values.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import type { Environment } from '../environment.ts';
import type { Kinds } from '../kinds.ts';

/** In a second, where the environment doesn't say. */
const usualMost = 200;

/** What one probe of a drill would ask of etcd. */
export interface EtcdDemand {
  /** `probe lies`. */
  readonly who: string;
  /** Operations in a second. */
  readonly perSecond: number;
}

export function etcdDemandsOf({ probes }: Pick<Scenario, 'probes'>, kinds: Kinds): EtcdDemand[] {
  return Object.entries(probes).flatMap(([name, spec]) => {
    const perSecond = kinds.probes[spec.kind]?.etcdRate?.(spec);
    return perSecond === undefined ? [] : [{ who: `probe ${name}`, perSecond }];
  });
}

/** Why etcd must not be asked so often. */
export function etcdRateRefusal(demands: readonly EtcdDemand[], { name, etcd }: Pick<Environment, 'name' | 'etcd'>): string | undefined {
  const perSecond = demands.reduce((sum, demand) => sum + demand.perSecond, 0);
  const most = etcd?.maxRate ?? usualMost;
  if (perSecond <= most) return undefined;
  const together = demands.length > 1 ? ' together' : '';
  return `${demands.map(({ who }) => who).join(', ')} would ask etcd ${formatRate(perSecond)}${together}, and etcd.maxRate of environment ${name} is ${formatRate(most)}; give a lower rate, or raise the limit`;
}
