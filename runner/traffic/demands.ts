import type { Scenario } from '../../scenarios/schema.ts';
import type { Kinds } from '../kinds.ts';
import type { TrafficDemand } from './leash.ts';
import { partsOf } from './load-parts.ts';
import type { RequestSpec } from './request.ts';

/** All that a drill would send, each probe and each load on its own. */
export function demandsOf({ probes, load = {} }: Pick<Scenario, 'probes' | 'load'>, kinds: Kinds): TrafficDemand[] {
  const ofProbes = Object.entries(probes).flatMap(([name, spec]) => {
    const traffic = kinds.probes[spec.kind]?.traffic?.(spec);
    return traffic ? [{ who: `probe ${name}`, ...traffic }] : [];
  });
  const ofLoads = Object.entries(load).map(([name, one]) => {
    const parts = partsOf(name, one);
    return {
      who: `load ${name}`,
      hosts: [...new Set([...parts.flatMap(({ spec }) => hostsOf(spec)), ...parts.flatMap(({ copy }) => (copy ? hostsOf(copy) : []))])],
      perSecond: one.rate + parts.reduce((sum, { copy, perSecond }) => sum + (copy ? perSecond : 0), 0),
    };
  });
  return [...ofProbes, ...ofLoads];
}

/** Whom a request goes to, as `host:port`: whom it is for, and the proxy in between. */
export function hostsOf({ url, proxy }: Pick<RequestSpec, 'url' | 'proxy'>): string[] {
  const { hostname, port, protocol } = new URL(url);
  const own = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
  return proxy === undefined ? [own] : [own, proxy];
}
