import type { LookupFunction } from 'node:net';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { DnsClient } from './dns.ts';

/** As long as the shortest TTL that there is: an address that moved is seen within this time. */
const keptForMs = 1_000;

/** A name that has no address, or that no name server tells; the code is that of Node's own. */
class NotFound extends Error {
  readonly code = 'ENOTFOUND';
}

/**
 * Looks names up as the platform's machines do, for new connections. What was found is kept for a second, and asked for
 * once at a time. Of several addresses each connection gets the next.
 */
export function lookupBy(dns: DnsClient, clock: Clock): LookupFunction {
  const kept = new Map<string, { readonly untilMs: number; readonly addresses: Promise<string[]> }>();
  let turn = 0;

  const addressesOf = (name: string): Promise<string[]> => {
    const found = kept.get(name);
    if (found && clock.now() < found.untilMs) return found.addresses;
    const addresses = dns.addresses(name);
    kept.set(name, { untilMs: clock.now() + keptForMs, addresses });
    return addresses;
  };
  return (name, options, tell) => {
    const fail = (error: unknown): void => tell(new NotFound(`${name}: ${messageOf(error)}`), '', 4);
    addressesOf(name).then((addresses) => {
      turn += 1;
      const address = addresses[turn % addresses.length];
      if (address === undefined) fail(new Error('no address'));
      else if (options.all) tell(null, [{ address, family: 4 }]);
      else tell(null, address, 4);
    }, fail);
  };
}
