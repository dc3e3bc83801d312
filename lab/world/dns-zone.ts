import { apiAddress, apiHost } from '../kubernetes/names.ts';
import { awsAddress, awsHosts, clientPort, etcdDomain, members, peerPort, region } from '../names.ts';

export type Answer =
  | { readonly type: 'A'; readonly name: string; readonly ttl: number; readonly data: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly ttl: number;
      readonly data: { readonly target: string; readonly port: number; readonly priority: number; readonly weight: number };
    };

export interface Lookup {
  /** False is NXDOMAIN. A name without a record of the asked type, or with names below it, exists. */
  readonly exists: boolean;
  readonly answers: readonly Answer[];
}

/** The records of the VPC's DNS: instances by their `Name` tag, the etcd service, and AWS's own endpoints. */
export interface DnsZone {
  lookup(name: string, type: string): Lookup;
  /** The instance now answers to this name, whoever had it before. */
  point(name: string, instanceId: string, address: string): void;
  /** Takes the record away, unless another instance has taken the name over since. */
  withdraw(name: string, instanceId: string): void;
  addressOf(name: string): string | undefined;
}

/** How long an answer may be kept, in seconds: records follow instances, so not for long. */
const ttl = 1;

export function createDnsZone(): DnsZone {
  const machines = new Map<string, { instanceId: string; address: string }>();
  const endpoints = new Map([...awsHosts.map((host): [string, string] => [host, awsAddress]), [apiHost, apiAddress]]);
  const services = new Map([
    [`_etcd-server._tcp.${etcdDomain}`, peerPort],
    [`_etcd-client._tcp.${etcdDomain}`, clientPort],
  ]);

  function* names(): Generator<string> {
    yield* machines.keys();
    yield* endpoints.keys();
    yield* services.keys();
  }

  return {
    lookup(asked, type) {
      const name = asked.toLowerCase();
      const port = services.get(name);
      if (port !== undefined) return { exists: true, answers: wants(type, 'SRV') ? serviceRecords(name, port) : [] };
      const address = endpoints.get(name) ?? machines.get(name)?.address ?? privateAddress(name);
      if (address !== undefined) {
        return { exists: true, answers: wants(type, 'A') ? [{ type: 'A', name: asked, ttl, data: address }] : [] };
      }
      for (const existing of names()) if (existing.endsWith(`.${name}`)) return { exists: true, answers: [] };
      return { exists: false, answers: [] };
    },
    point: (name, instanceId, address) => void machines.set(name.toLowerCase(), { instanceId, address }),
    withdraw(name, instanceId) {
      if (machines.get(name.toLowerCase())?.instanceId === instanceId) machines.delete(name.toLowerCase());
    },
    addressOf: (name) => machines.get(name.toLowerCase())?.address,
  };
}

/** `ip-10-200-1-7.eu-west-1.compute.internal` is 10.200.1.7, whether an instance has it or not. */
function privateAddress(name: string): string | undefined {
  const [host = '', ...domain] = name.split('.');
  if (domain.join('.') !== `${region}.compute.internal`) return undefined;
  return /^ip-(10)-(200)-(\d{1,3})-(\d{1,3})$/.exec(host)?.slice(1).join('.');
}

const wants = (asked: string, type: string): boolean => asked === type || asked === 'ANY';

/** All nine, dead or alive: the record is written once, when the cluster is made. */
function serviceRecords(name: string, port: number): Answer[] {
  return members.map((member) => ({
    type: 'SRV',
    name,
    ttl,
    data: { target: member.name, port, priority: 0, weight: 0 },
  }));
}
