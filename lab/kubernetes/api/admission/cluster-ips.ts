import { createHash, randomInt } from 'node:crypto';
import { invalid } from '../errors.ts';
import type { KubeObject, Loose } from '../object.ts';
import { resourceNamed } from '../resources.ts';
import type { Caches } from '../storage/follow.ts';
import { prefixOf } from '../storage/keys.ts';

/** Gives Services their addresses. They are not routed in the lab, but clients show them and expect one to be there. */
export interface ServiceAddresses {
  /** The first address, that of the service `kubernetes`. */
  readonly first: string;
  /** Fills in `spec.clusterIP` of a new Service. @throws StatusError 422 for one that is taken */
  assign(service: Loose): void;
}

export function createServiceAddresses(cidr: string, caches: Caches): ServiceAddresses {
  const [network = '', bits = '24'] = cidr.split('/');
  const base = toNumber(network);
  const size = 2 ** (32 - Number(bits));
  const services = resourceNamed('services');
  const taken = (): Set<string> =>
    new Set(
      caches
        .of(services)
        .list(prefixOf(services))
        .map(({ object }) => (object['spec'])?.clusterIP),
    );
  return {
    first: toAddress(base + 1),
    assign(service) {
      const { spec, metadata } = service;
      if (!spec || spec.type === 'ExternalName') return;
      if (!spec.clusterIP) spec.clusterIP = freeAddress(base, size, taken(), `${metadata.namespace}/${metadata.name}`);
      else if (spec.clusterIP !== 'None' && taken().has(spec.clusterIP)) {
        throw invalid('Service', '', metadata.name, [
          {
            reason: 'FieldValueInvalid',
            field: 'spec.clusterIPs',
            message: `Invalid value: ["${spec.clusterIP}"]: failed to allocate IP ${spec.clusterIP}: provided IP is already allocated`,
          },
        ]);
      }
      spec.clusterIPs = [spec.clusterIP];
    },
  };
}

/** Starts at a place that the name gives, so that servers that don't know of each other's newest Service rarely collide. */
function freeAddress(base: number, size: number, taken: ReadonlySet<string>, seed: string): string {
  // The lower part of the range is left to addresses that are asked for.
  const lower = Math.min(256, Math.floor(size / 4));
  const span = size - lower - 1;
  const start = createHash('sha256').update(`${seed}${randomInt(1000)}`).digest().readUInt32BE(0) % span;
  for (let step = 0; step < span; step += 1) {
    const address = toAddress(base + lower + ((start + step) % span));
    if (!taken.has(address)) return address;
  }
  throw new Error('no address is left for Services');
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** What stays of a Service's addresses when it is written without them. */
export function keepServiceAddresses(next: KubeObject, current: KubeObject): void {
  const from = current['spec'];
  if (next['spec'] === undefined || from?.clusterIP === undefined || next['spec'].type === 'ExternalName') return;
  next['spec'].clusterIP ??= from.clusterIP;
  next['spec'].clusterIPs ??= from.clusterIPs;
}
