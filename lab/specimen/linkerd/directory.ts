import { keyOf, type Informer } from '../../kubernetes/client/index.ts';
import type { EndpointSubset, Endpoints } from '../../kubernetes/workload-objects.ts';
import { createBalancer, type Balancer } from './balancer.ts';
import type { Destination } from './destination.ts';
import type { Endpoint } from './endpoint.ts';

/** Where services are: follows their Endpoints, and keeps a balancer for each that was asked for. */
export interface Directory {
  /** A service that isn't there has a balancer without endpoints. */
  balancerOf(destination: Destination): Balancer;
  /** All that were asked for, by `service.namespace` with their port. */
  balancers(): ReadonlyMap<string, Balancer>;
}

/** More than there are services and ports; names that are made up must not fill the memory. */
const mostBalancers = 1_000;

/**
 * @param endpoints what is known of them; while the API is away, what was known last
 * @param make an endpoint for an address of a service
 */
export function createDirectory(endpoints: Informer<Endpoints>, make: (service: string, address: string) => Endpoint): Directory {
  const balancers = new Map<string, { readonly key: string; readonly port: string | undefined; readonly balancer: Balancer }>();

  const refresh = (changed: Endpoints, gone = false): void => {
    for (const { key, port, balancer } of balancers.values()) {
      if (key === keyOf(changed)) balancer.update(gone ? [] : addressesOf(changed, port));
    }
  };
  endpoints.on({ added: (object) => refresh(object), changed: (object) => refresh(object), deleted: (object) => refresh(object, true) });
  return {
    balancerOf({ namespace, service, port }) {
      const key = `${namespace}/${service}`;
      const name = `${service}.${namespace}${port === undefined ? '' : `:${port}`}`;
      const found = balancers.get(name);
      if (found) return found.balancer;
      const balancer = createBalancer((address) => make(name, address));
      const known = endpoints.store.get(key);
      if (known) balancer.update(addressesOf(known, port));
      if (known && balancers.size < mostBalancers) balancers.set(name, { key, port, balancer });
      return balancer;
    },
    balancers: () => new Map([...balancers].map(([name, { balancer }]) => [name, balancer])),
  };
}

/**
 * The addresses of a service that take requests.
 *
 * @param port a port's name, or the number that its pods listen at; without one, or with 80, the port named http or the first
 */
export function addressesOf({ subsets }: Endpoints, port: string | undefined): string[] {
  return (subsets ?? []).flatMap((subset) => {
    const number = portOf(subset, port);
    return number === undefined ? [] : (subset.addresses ?? []).map(({ ip }) => `${ip}:${number}`);
  });
}

function portOf({ ports = [] }: EndpointSubset, wanted: string | undefined): number | undefined {
  const exact = ports.find(({ name, port }) => name === wanted || String(port) === wanted);
  if (exact || (wanted !== undefined && wanted !== '80')) return exact?.port;
  return (ports.find(({ name }) => name === 'http') ?? ports[0])?.port;
}
