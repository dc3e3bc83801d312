import type { Load } from '../../scenarios/traffic.ts';
import type { RequestSpec } from './request.ts';

/** One endpoint of a load: its requests, and how many of them. */
export interface LoadPart {
  readonly load: string;
  readonly endpoint: string;
  readonly spec: RequestSpec;
  readonly perSecond: number;
  readonly rampMs: number;
  readonly timeoutMs: number;
  /** The same request to the second target, where the load has a shadow of it. */
  readonly copy: RequestSpec | undefined;
  /** What is taken out of both bodies before they are compared. */
  readonly normalise: readonly string[];
}

/** Each endpoint has its part of the rate, by weight. */
export function partsOf(load: string, { rate, ramp = 0, timeout, endpoints, shadow }: Load): LoadPart[] {
  const weights = Object.values(endpoints).reduce((sum, { weight }) => sum + weight, 0);
  return Object.entries(endpoints).map(([endpoint, { weight, ...spec }]) => ({
    load,
    endpoint,
    spec,
    perSecond: (rate * weight) / weights,
    rampMs: ramp,
    timeoutMs: timeout,
    copy: shadow?.of.includes(endpoint) ? copyOf(spec, shadow.to) : undefined,
    normalise: shadow?.normalise ?? [],
  }));
}

/** The same request to another address. What names the first one's host, in a header or for its certificate, is left out. */
function copyOf({ serverName: _, ...spec }: RequestSpec, to: string): RequestSpec {
  const { pathname, search } = new URL(spec.url);
  const headers = Object.fromEntries(Object.entries(spec.headers).filter(([name]) => name.toLowerCase() !== 'host'));
  return { ...spec, url: `${to.replace(/\/$/, '')}${pathname}${search}`, headers };
}
