import type { Endpoint } from './endpoint.ts';

/** The endpoints of one service, and which of them gets the next request. */
export interface Balancer {
  readonly endpoints: readonly Endpoint[];
  /** What the service has now: those that stay keep what is known of them. */
  update(addresses: readonly string[]): void;
  /**
   * @param tried those that this request was sent to already: only when there is no other is one of them asked again
   * @returns undefined when there is none at all
   */
  pick(tried: ReadonlySet<Endpoint>, nowMs: number): Endpoint | undefined;
}

/** Of two that chance picks the one with less under way: power of two choices, least loaded; `p2c`, the default of linkerd 1.x. */
export function createBalancer(make: (address: string) => Endpoint): Balancer {
  let endpoints: Endpoint[] = [];
  return {
    get endpoints() {
      return endpoints;
    },
    update(addresses) {
      const before = new Map(endpoints.map((endpoint) => [endpoint.address, endpoint]));
      endpoints = [...new Set(addresses)].map((address) => before.get(address) ?? make(address));
      for (const endpoint of before.values()) if (!endpoints.includes(endpoint)) endpoint.close();
    },
    pick(tried, nowMs) {
      const untried = endpoints.filter((endpoint) => !tried.has(endpoint));
      const candidates = untried.length > 0 ? untried : endpoints;
      // One on probation comes first: without a request it would never be found well again.
      const probation = candidates.find(({ accrual }) => accrual.state(nowMs) === 'probation' && accrual.isOpen(nowMs));
      if (probation) return probation;
      const open = candidates.filter(({ accrual }) => accrual.isOpen(nowMs));
      // When all are given up, requests go to them anyway: a guess is better than no answer.
      return lessLoaded(open.length > 0 ? open : candidates);
    },
  };
}

function lessLoaded(endpoints: readonly Endpoint[]): Endpoint | undefined {
  if (endpoints.length < 2) return endpoints[0];
  const first = Math.floor(Math.random() * endpoints.length);
  const second = (first + 1 + Math.floor(Math.random() * (endpoints.length - 1))) % endpoints.length;
  const [a, b] = [endpoints[first]!, endpoints[second]!];
  return b.load < a.load ? b : a;
}
