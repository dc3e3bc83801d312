import type { AutoScalingClient } from '../../../runner/clients/auto-scaling.ts';
import type { Ec2Client, Ec2Instance } from '../../../runner/clients/ec2.ts';
import type { FilterMap } from '../../../runner/clients/ec2-connection.ts';
import { ruleText, type NetworkAcl, type NetworkInterface, type SecurityGroup } from '../../../runner/clients/ec2-network.ts';
import type { Group, Volume } from '../../../runner/inventory.ts';
import { matchesPatterns } from '../../../runner/roles.ts';
import type { World } from '../../../runner/world.ts';
import { FakeKubernetes } from './fake-kubernetes.ts';
import { sampleEnvironment, samplePlatform, zones } from '../sample-platform.ts';

type Tags = Record<string, string>;
type Changeable<T> = { -readonly [K in keyof T]: T[K] };
export type FakeInstance = Changeable<Ec2Instance>;
export type FakeGroup = Changeable<Omit<Group, 'roles'>>;
export interface FakeAcl {
  id: string;
  vpc: string;
  tags: Tags;
  rules: string[];
  subnets: string[];
}

/**
 * The sample platform of nine members, as EC2 and Auto Scaling tell and change it, in memory. What a fault's tests may
 * ask of it: which calls were made, an error at the n-th change (before or after it took effect), the whole state as text.
 */
export class FakeAws {
  instances = new Map<string, FakeInstance>();
  volumes = new Map<string, Changeable<Volume>>();
  groups = new Map<string, FakeGroup>();
  acls = new Map<string, FakeAcl>();
  securityGroups = new Map<string, SecurityGroup>();
  interfaces = new Map<string, Changeable<NetworkInterface>>();
  templates = new Map<string, { id: string; name: string; tags: Tags }>();
  /** Its nodes are the instances. */
  readonly kubernetes = new FakeKubernetes();
  /** The changes that were asked for, in order: action and what it was about. */
  readonly changes: string[] = [];
  /** The change of this number (from 0) fails. */
  fails: { at: number; when: 'before' | 'after' } | undefined;
  #ids = 0;

  constructor() {
    this.acls.set('acl-main', { id: 'acl-main', vpc: 'vpc-1', tags: {}, rules: ['in 100 allow'], subnets: ['subnet-a', 'subnet-b', 'subnet-c'] });
    this.securityGroups.set('sg-etcd', { id: 'sg-etcd', name: 'etcd', vpc: 'vpc-1', tags: {} });
    this.templates.set('lt-1', { id: 'lt-1', name: 'etcd', tags: {} });
    for (const { roles: _roles, group: _group, ...instance } of samplePlatform().instances) {
      const subnet = `subnet-${instance.zone.at(-1)}`;
      this.instances.set(instance.id, { ...instance, subnet });
      const n = instance.id.slice(2);
      this.interfaces.set(`eni-${n}`, { id: `eni-${n}`, instance: instance.id, vpc: 'vpc-1', groups: ['sg-etcd'] });
      this.volumes.set(`vol-${n}`, {
        id: `vol-${n}`,
        name: undefined,
        tags: {},
        zone: instance.zone,
        state: 'in-use',
        attachment: { instanceId: instance.id, state: 'attached', device: '/dev/xvdf' },
      });
      this.groups.set(`peer-${n}`, {
        name: `peer-${n}`,
        min: 1,
        max: 1,
        desired: 1,
        zones: [instance.zone],
        tags: { role: `peer-${n}.etcd3` },
        members: [{ instanceId: instance.id, zone: instance.zone, lifecycle: 'InService', healthy: true }],
        suspended: [],
        launchTemplate: { id: 'lt-1', version: '$Default' },
      });
    }
  }

  /** All that there is, without ids that differ each time. */
  state(): unknown {
    const of = <T extends object>(map: Map<string, T>): T[] => [...map.values()];
    const aws = structuredClone([this.instances, this.volumes, this.groups, this.acls, this.securityGroups, this.interfaces, this.templates].map((map) => of(map as Map<string, object>)));
    return [...aws, this.kubernetes.state()];
  }

  inventory() {
    const { etcd } = samplePlatform();
    return {
      instances: [...this.instances.values()].map((instance) => ({ ...instance, roles: ['etcd'], group: this.#groupOf(instance.id) })),
      groups: [...this.groups.values()].map((group) => ({ ...group, roles: ['etcd'] })),
      volumes: [...this.volumes.values()],
      etcd,
      kubernetes: this.kubernetes.cluster(),
    };
  }

  world(): World {
    const ec2 = this.#ec2() as Ec2Client;
    const autoScaling = this.#autoScaling() as AutoScalingClient;
    const kubernetes = this.kubernetes.client((what, effect) => this.#change(what, effect));
    const environment = sampleEnvironment({ kubernetes: { kubeconfig: '/etc/kubeconfig', context: 'staging' } });
    const sts = { accountId: async () => environment.aws!.accountId };
    return { environment, sts: async () => sts, ec2: async () => ec2, autoScaling: async () => autoScaling, kubernetes: async () => kubernetes } as unknown as World;
  }

  #groupOf(instance: string): string | undefined {
    return [...this.groups.values()].find(({ members }) => members.some(({ instanceId }) => instanceId === instance))?.name;
  }

  async #change(what: string, effect: () => void): Promise<void> {
    const number = this.changes.push(what) - 1;
    const fails = this.fails?.at === number ? this.fails.when : undefined;
    if (fails === 'before') throw new Error(`${what} failed`);
    effect();
    if (fails === 'after') throw new Error(`${what} was answered by nobody`);
  }

  #newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}-new${this.#ids}`;
  }

  #asAcl({ id, vpc, tags, rules, subnets }: FakeAcl): NetworkAcl {
    return { id, vpc, tags, rules: [...rules].sort(), associations: subnets.map((subnet) => ({ id: `aclassoc-${subnet}`, subnet })) };
  }

  #ec2(): Partial<Ec2Client> {
    const subnets = zones.map((zone, index) => ({ id: `subnet-${zone.at(-1)}`, zone, vpc: 'vpc-1', cidr: `10.200.${index}.0/24` }));
    const tagsOf = (id: string): Tags => (this.instances.get(id) ?? this.volumes.get(id))!.tags as Tags;
    return {
      regions: async () => ['eu-west-1'],
      instances: async ({ ids } = {}) => structuredClone([...this.instances.values()].filter(({ id }) => ids?.includes(id) ?? true)),
      volumes: async ({ ids } = {}) => structuredClone([...this.volumes.values()].filter(({ id }) => ids?.includes(id) ?? true)),
      terminate: (ids) =>
        this.#change(`TerminateInstances ${ids.join(' ')}`, () => {
          for (const id of ids) this.instances.get(id)!.state = 'terminated';
        }),
      stop: (ids) =>
        this.#change(`StopInstances ${ids.join(' ')}`, () => {
          for (const id of ids) this.instances.get(id)!.state = 'stopped';
        }),
      start: (ids) =>
        this.#change(`StartInstances ${ids.join(' ')}`, () => {
          for (const id of ids) this.instances.get(id)!.state = 'running';
        }),
      forceDetach: (volume) =>
        this.#change(`DetachVolume ${volume}`, () => Object.assign(this.volumes.get(volume)!, { state: 'available', attachment: undefined })),
      attach: (volume, { instance, device }) =>
        this.#change(`AttachVolume ${volume}`, () =>
          Object.assign(this.volumes.get(volume)!, { state: 'in-use', attachment: { instanceId: instance, state: 'attached', device } }),
        ),
      tagged: async (keys) => {
        const all = Object.entries<Map<string, { readonly id: string; readonly tags?: Readonly<Tags> | undefined }>>({
          instance: this.instances, volume: this.volumes, 'network-acl': this.acls, 'security-group': this.securityGroups, 'launch-template': this.templates,
        });
        const asked = (key: string): boolean => keys.some((one) => matchesPatterns({ key }, { key: one }));
        return all
          .flatMap(([type, things]) => [...things.values()].map(({ id, tags }) => ({ id, type, tags: Object.fromEntries(Object.entries(tags ?? {}).filter(([key]) => asked(key))) })))
          .filter(({ tags }) => Object.keys(tags).length > 0);
      },
      tag: (ids, tags) => this.#change(`CreateTags ${ids.join(' ')}`, () => ids.forEach((id) => addTags(tagsOf(id), tags))),
      untag: (ids, tags) => this.#change(`DeleteTags ${ids.join(' ')}`, () => ids.forEach((id) => without(tagsOf(id), tags))),
      subnets: async (filters) => subnets.filter((subnet) => matches(filters, { 'subnet-id': [subnet.id], 'vpc-id': [subnet.vpc] })),
      networkAcls: async (filters) =>
        [...this.acls.values()]
          .filter((acl) => matches(filters, { 'vpc-id': [acl.vpc], 'association.subnet-id': acl.subnets, ...asFilters(acl.tags) }))
          .map((acl) => this.#asAcl(acl)),
      createNetworkAcl: async (vpc, tags) => {
        const id = this.#newId('acl');
        await this.#change('CreateNetworkAcl', () => this.acls.set(id, { id, vpc, tags: addTags({}, tags), rules: [], subnets: [] }));
        return id;
      },
      addAclRule: (acl, rule) => this.#change(`CreateNetworkAclEntry ${ruleText(rule)}`, () => this.acls.get(acl)!.rules.push(ruleText(rule))),
      replaceAclAssociation: (association, acl) =>
        this.#change(`ReplaceNetworkAclAssociation ${association}`, () => {
          const subnet = association.slice('aclassoc-'.length);
          for (const one of this.acls.values()) one.subnets = one.subnets.filter((id) => id !== subnet);
          this.acls.get(acl)!.subnets = [...this.acls.get(acl)!.subnets, subnet].sort();
        }),
      deleteNetworkAcl: (acl) => this.#change('DeleteNetworkAcl', () => this.acls.delete(acl)),
      securityGroups: async (filters) => [...this.securityGroups.values()].filter(({ tags }) => matches(filters, asFilters(tags))),
      createSecurityGroup: async ({ name, vpc, tags }) => {
        const id = this.#newId('sg');
        await this.#change('CreateSecurityGroup', () => this.securityGroups.set(id, { id, name, vpc, tags: addTags({}, tags) }));
        return id;
      },
      revokeDefaultEgress: () => this.#change('RevokeSecurityGroupEgress', () => {}),
      deleteSecurityGroup: (group) => this.#change('DeleteSecurityGroup', () => this.securityGroups.delete(group)),
      networkInterfaces: async (filters) =>
        structuredClone(
          [...this.interfaces.values()].filter((one) => matches(filters, { 'attachment.instance-id': [one.instance ?? ''], 'network-interface-id': [one.id] })),
        ),
      setInterfaceGroups: (id, groups) =>
        this.#change(`ModifyNetworkInterfaceAttribute ${id}`, () => {
          this.interfaces.get(id)!.groups = [...groups].sort();
        }),
      launchTemplates: async (filters) => [...this.templates.values()].filter(({ tags }) => matches(filters, asFilters(tags))),
      launchBasics: async () => ({ image: 'ami-1', instanceType: 'm5.large' }),
      createHopelessTemplate: async ({ name, tags }) => {
        const id = this.#newId('lt');
        await this.#change('CreateLaunchTemplate', () => this.templates.set(id, { id, name, tags: addTags({}, tags) }));
        return id;
      },
      deleteLaunchTemplate: (id) => this.#change('DeleteLaunchTemplate', () => this.templates.delete(id)),
    };
  }

  #autoScaling(): Partial<AutoScalingClient> {
    const groupsOf = (names: readonly string[]): FakeGroup[] => names.map((name) => this.groups.get(name)!);
    return {
      groups: async ({ names } = {}) => structuredClone([...this.groups.values()].filter(({ name }) => names?.includes(name) ?? true)),
      suspend: (group, processes) =>
        this.#change(`SuspendProcesses ${group}`, () => {
          const one = this.groups.get(group)!;
          one.suspended = [...new Set([...one.suspended, ...processes])];
        }),
      resume: (group, processes) =>
        this.#change(`ResumeProcesses ${group}`, () => {
          const one = this.groups.get(group)!;
          one.suspended = one.suspended.filter((process) => !processes.includes(process));
        }),
      tag: (names, tags) => this.#change(`CreateOrUpdateTags ${names.join(' ')}`, () => groupsOf(names).forEach(({ tags: own }) => addTags(own, tags))),
      untag: (names, tags) => this.#change(`DeleteTags ${names.join(' ')}`, () => groupsOf(names).forEach(({ tags: own }) => without(own, tags))),
      setLaunchTemplate: (group, template) =>
        this.#change(`UpdateAutoScalingGroup ${group}`, () => {
          this.groups.get(group)!.launchTemplate = { ...template };
        }),
      terminate: (instance) =>
        this.#change(`TerminateInstanceInAutoScalingGroup ${instance}`, () => {
          this.instances.get(instance)!.state = 'terminated';
        }),
    };
  }
}

/** Within AWS's limits. */
function addTags(own: Tags, tags: Readonly<Tags>): Tags {
  const long = Object.entries(tags).find(([, value]) => value.length > 256);
  if (long) throw new Error(`InvalidParameterValue: Tag value exceeds the maximum length of 256 characters: ${long[0]}`);
  if (Object.keys({ ...own, ...tags }).length > 50) throw new Error('TagLimitExceeded');
  return Object.assign(own, tags);
}

function without(tags: Tags, gone: Readonly<Tags>): void {
  for (const [key, value] of Object.entries(gone)) if (tags[key] === value) delete tags[key];
}

function asFilters(tags: Readonly<Tags>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tag:${key}`, [value]]));
}

function matches(filters: FilterMap, has: Record<string, readonly string[]>): boolean {
  return Object.entries(filters).every(([name, values]) => (has[name] ?? []).some((value) => values.includes(value)));
}
