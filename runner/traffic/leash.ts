import { z } from 'zod';
import { formatRate, rate } from '../../scenarios/values.ts';
import type { Environment } from '../environment.ts';
import { matchesPattern } from '../roles.ts';

/** What an environment gives away to requests: without it, none is sent. */
export const trafficSchema = z.strictObject({
  /** Whom requests may be sent to: `payments`, `*.example.com`, with a port only there: `10.200.1.20:4140`. Of a proxy, both. */
  hosts: z.array(z.string().min(1)).min(1),
  /** Over all probes and loads of a drill at once, such as `500/s`. */
  maxRate: rate,
  /** Over the whole drill. */
  maxRequests: z.int().min(1),
  /** Certificates of the authorities that https trusts, a PEM file; those that Node brings along when left out. */
  ca: z.string().min(1).optional(),
});

/** What one probe or load of a drill would send. */
export interface TrafficDemand {
  /** `probe pay`, `load customers`. */
  readonly who: string;
  /** `host:port` of each that is asked, proxies included. */
  readonly hosts: readonly string[];
  readonly perSecond: number;
}

const lessOr = 'send less, or raise the limit';

/**
 * Why these requests must not be sent.
 *
 * @param takesMs how long the drill may take at the longest; undefined where it is not known: then any count is too many
 */
export function trafficRefusals(demands: readonly TrafficDemand[], { name, traffic }: Pick<Environment, 'name' | 'traffic'>, takesMs: number | undefined): string[] {
  if (demands.length === 0) return [];
  if (!traffic) {
    return demands.map(({ who, hosts }) => `${who} would send requests to ${hosts.join(', ')}, and environment ${name} gives none away; list whom drills may ask in its traffic.hosts, with traffic.maxRate and traffic.maxRequests`);
  }
  const notListed = demands.flatMap(({ who, hosts }) =>
    hosts
      .filter((host) => !traffic.hosts.some((pattern) => matchesHost(host, pattern)))
      .map((host) => `${who} would send requests to ${host}, which is not among the traffic.hosts of environment ${name} (${traffic.hosts.join(', ')}); add it there, or ask another`),
  );
  const perSecond = demands.reduce((sum, demand) => sum + demand.perSecond, 0);
  const who = demands.map((demand) => demand.who).join(', ');
  const tooFast = perSecond > traffic.maxRate ? [`${who} would send ${formatRate(perSecond)} together, and traffic.maxRate of environment ${name} is ${formatRate(traffic.maxRate)}; ${lessOr}`] : [];
  return [...notListed, ...tooFast, ...tooMany(who, perSecond, traffic.maxRequests, name, takesMs)];
}

function tooMany(who: string, perSecond: number, most: number, name: string, takesMs: number | undefined): string[] {
  if (takesMs === undefined) return [`how many requests ${who} would send is not known, and traffic.maxRequests of environment ${name} is ${most}; look again: firedrill plan`];
  const count = Math.ceil((perSecond * takesMs) / 1_000);
  if (count <= most) return [];
  const longest = `${Math.ceil(takesMs / 1_000)} s, with every wait as long as the drill allows`;
  return [`${who} would send up to ${count} requests in ${longest}, and traffic.maxRequests of environment ${name} is ${most}; send less, give baseline.within and recovery.timeout less, or raise the limit`];
}

/** A pattern without a port means any. */
function matchesHost(host: string, pattern: string): boolean {
  return matchesPattern(/:\d+$/.test(pattern) ? host : host.replace(/:\d+$/, ''), pattern);
}
