import type { Environment } from '../../runner/environment.ts';
import { environmentSchema } from '../../runner/environment.ts';
import type { EtcdMember, Instance, Inventory } from '../../runner/inventory.ts';

export const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;

/** The environment file of the sample platform. */
export function sampleEnvironment(overrides: Record<string, unknown> = {}): Environment {
  return environmentSchema.parse({
    name: 'staging',
    aws: { region: 'eu-west-1', accountId: '123456789012' },
    etcd: { endpoints: ['http://peer-1.example.com:2379'], clusterId: 'cafe' },
    roles: { etcd: { role: '*.etcd3' } },
    ...overrides,
  });
}

/**
 * Nine etcd members in three zones, peer-1 leads, all healthy; changed by `change` for each member's number.
 */
export function samplePlatform(change: { member?: (n: number) => Partial<EtcdMember>; instance?: (n: number) => Partial<Instance> } = {}): Inventory {
  const numbers = Array.from({ length: 9 }, (_, index) => index + 1);
  return {
    instances: numbers.map((n) => ({ ...instance(n), ...change.instance?.(n) })),
    groups: [],
    volumes: [],
    etcd: { clusterId: 'cafe', members: numbers.map((n) => ({ ...member(n), ...change.member?.(n) })) },
  };
}

function instance(n: number): Instance {
  return {
    id: `i-${n}`,
    name: `peer-${n}.etcd3.eu-west-1.i.staging.example.com`,
    zone: zones[Math.floor((n - 1) / 3)]!,
    state: 'running',
    address: `10.200.1.${n + 10}`,
    tags: { role: `peer-${n}.etcd3` },
    roles: ['etcd'],
    group: `peer-${n}`,
    volumes: [{ id: `vol-${n}`, device: '/dev/xvdf', deleteOnTermination: false }],
  };
}

function member(n: number): EtcdMember {
  return {
    id: `${n}${n}${n}`,
    name: `peer-${n}`,
    learner: false,
    clientUrls: [],
    status: { leader: '111', term: 4, raftIndex: 100, dbSizeBytes: 1_000, version: '3.4.23' },
    silence: undefined,
    instanceId: `i-${n}`,
  };
}
