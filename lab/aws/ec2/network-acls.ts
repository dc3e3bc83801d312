import type { Cloud } from '../cloud.ts';
import { checkId, newId } from '../ids.ts';
import type { Action, Actions } from '../protocol/action.ts';
import { AwsError, invalidParameterValue } from '../protocol/errors.ts';
import { ec2Filter, type FilterTable } from '../protocol/filters.ts';
import { pageOf } from '../protocol/pages.ts';
import type { XmlObject } from '../protocol/xml.ts';
import type { AclAssociation, NetworkAcl } from '../state.ts';
import { entryParameters, entryViews, openEntries, readEntry, readEntryKey, type EntryKey } from './acl-entries.ts';
import { holdBorder, networkChanged } from './enforcement.ts';
import { checkVpc } from './network.ts';
import { readTagSpecifications, tagSet } from './tags.ts';
import { isHidden, justMade } from './visibility.ts';

/** The ACL with this id. Throws `InvalidNetworkAclID.Malformed` and `.NotFound`. */
function aclNamed(cloud: Cloud, id: string): NetworkAcl {
  checkId('acl', id);
  const acl = cloud.state.networkAcls.get(id);
  if (acl === undefined) throw noSuchAcl(id);
  return acl;
}

const noSuchAcl = (id: string): AwsError =>
  new AwsError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`);

const associationsOf = (cloud: Cloud, acl: NetworkAcl): AclAssociation[] =>
  [...cloud.state.aclAssociations.values()].filter((association) => association.aclId === acl.id);

const createNetworkAcl: Action = {
  parameters: ['VpcId', 'TagSpecification'],
  accepted: ['ClientToken'],
  run(cloud, params) {
    const vpcId = params.required('VpcId');
    checkVpc(cloud, vpcId);
    const acl: NetworkAcl = {
      id: newId('acl'),
      sequence: cloud.nextSequence(),
      vpcId,
      isDefault: false,
      entries: [],
      tags: readTagSpecifications(params, 'network-acl'),
    };
    cloud.state.networkAcls.set(acl.id, acl);
    justMade(cloud, acl.id);
    return { networkAcl: aclView(cloud, acl), clientToken: params.string('ClientToken') };
  },
};

const deleteNetworkAcl: Action = {
  parameters: ['NetworkAclId'],
  run(cloud, params) {
    const acl = aclNamed(cloud, params.required('NetworkAclId'));
    if (acl.isDefault) throw invalidParameterValue(`cannot delete default network ACL ${acl.id}`);
    if (associationsOf(cloud, acl).length > 0) {
      throw new AwsError(
        'DependencyViolation',
        `The networkAcl '${acl.id}' has dependencies and cannot be deleted.`,
      );
    }
    cloud.state.networkAcls.delete(acl.id);
    return { return: true };
  },
};

const createNetworkAclEntry: Action = {
  parameters: entryParameters,
  async run(cloud, params) {
    const acl = aclNamed(cloud, params.required('NetworkAclId'));
    const entry = readEntry(params);
    if (acl.entries.some((each) => isSame(each, entry))) {
      throw new AwsError(
        'NetworkAclEntryAlreadyExists',
        `The network acl entry identified by ${entry.ruleNumber} already exists.`,
      );
    }
    acl.entries = [...acl.entries, entry];
    await networkChanged(cloud);
    return { return: true };
  },
};

const replaceNetworkAclEntry: Action = {
  parameters: entryParameters,
  async run(cloud, params) {
    const acl = aclNamed(cloud, params.required('NetworkAclId'));
    const entry = readEntry(params);
    checkEntry(acl, entry);
    acl.entries = acl.entries.map((each) => (isSame(each, entry) ? entry : each));
    await networkChanged(cloud);
    return { return: true };
  },
};

const deleteNetworkAclEntry: Action = {
  parameters: ['NetworkAclId', 'RuleNumber', 'Egress'],
  async run(cloud, params) {
    const acl = aclNamed(cloud, params.required('NetworkAclId'));
    const key = readEntryKey(params);
    checkEntry(acl, key);
    acl.entries = acl.entries.filter((each) => !isSame(each, key));
    await networkChanged(cloud);
    return { return: true };
  },
};

const isSame = (a: EntryKey, b: EntryKey): boolean => a.ruleNumber === b.ruleNumber && a.egress === b.egress;

function checkEntry(acl: NetworkAcl, key: EntryKey): void {
  if (acl.entries.some((each) => isSame(each, key))) return;
  throw new AwsError(
    'InvalidNetworkAclEntry.NotFound',
    `no ${key.egress ? 'egress' : 'ingress'} entry with number ${key.ruleNumber}`,
  );
}

/** The new association is made in the old one's place, in one step: a subnet is never without an ACL. */
const replaceNetworkAclAssociation: Action = {
  parameters: ['AssociationId', 'NetworkAclId'],
  async run(cloud, params) {
    const associationId = params.required('AssociationId');
    checkId('aclassoc', associationId);
    const old = [...cloud.state.aclAssociations.values()].find((each) => each.id === associationId);
    if (old === undefined) {
      throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${associationId}' does not exist`);
    }
    const acl = aclNamed(cloud, params.required('NetworkAclId'));
    const before = cloud.state.networkAcls.get(old.aclId)!;
    // Going back is going to an ACL that is older than the one in place.
    if (cloud.sabotage.isOn('acl-stays') && acl.sequence < before.sequence) holdBorder(cloud, old.subnetId, before);
    const association: AclAssociation = { id: newId('aclassoc'), subnetId: old.subnetId, aclId: acl.id };
    cloud.state.aclAssociations.set(old.subnetId, association);
    await networkChanged(cloud);
    return { newAssociationId: association.id };
  },
};

function filtersOf(cloud: Cloud): FilterTable<NetworkAcl> {
  return {
    'association.association-id': (acl) => associationsOf(cloud, acl).map((each) => each.id),
    'association.network-acl-id': (acl) => associationsOf(cloud, acl).map((each) => each.aclId),
    'association.subnet-id': (acl) => associationsOf(cloud, acl).map((each) => each.subnetId),
    default: (acl) => [String(acl.isDefault)],
    'entry.cidr': (acl) => acl.entries.map((entry) => entry.cidr),
    'entry.egress': (acl) => acl.entries.map((entry) => String(entry.egress)),
    'entry.protocol': (acl) => acl.entries.map((entry) => entry.protocol),
    'entry.rule-action': (acl) => acl.entries.map((entry) => entry.action),
    'entry.rule-number': (acl) => acl.entries.map((entry) => String(entry.ruleNumber)),
    'network-acl-id': (acl) => [acl.id],
    'owner-id': () => [cloud.accountId],
    'vpc-id': (acl) => [acl.vpcId],
  };
}

const describeNetworkAcls: Action = {
  parameters: ['NetworkAclId', 'Filter', 'MaxResults', 'NextToken'],
  run(cloud, params) {
    const ids = [...new Set(params.strings('NetworkAclId'))];
    const named = ids.map((id) => {
      const acl = aclNamed(cloud, id);
      if (isHidden(cloud, id)) throw noSuchAcl(id);
      return acl;
    });
    const all = ids.length > 0 ? named : [...cloud.state.networkAcls.values()].filter(({ id }) => !isHidden(cloud, id));
    const page = pageOf(
      all.filter(ec2Filter(params, filtersOf(cloud), (acl) => acl.tags)),
      (acl) => acl.sequence,
      params.integer('MaxResults', { min: 5, max: 1000 }) ?? 1000,
      params.string('NextToken'),
    );
    return { networkAclSet: page.items.map((acl) => aclView(cloud, acl)), nextToken: page.nextToken };
  },
};

function aclView(cloud: Cloud, acl: NetworkAcl): XmlObject {
  return {
    networkAclId: acl.id,
    vpcId: acl.vpcId,
    default: acl.isDefault,
    entrySet: entryViews(acl),
    associationSet: associationsOf(cloud, acl).map(({ id, aclId, subnetId }) => ({
      networkAclAssociationId: id,
      networkAclId: aclId,
      subnetId,
    })),
    tagSet: tagSet(acl.tags),
    ownerId: cloud.accountId,
  };
}

/** The ACL that comes with a VPC and lets everything through, associated with all of its subnets. */
export function defaultAcl(
  vpcId: string,
  subnetIds: Iterable<string>,
): { readonly acl: NetworkAcl; readonly associations: Map<string, AclAssociation> } {
  const acl: NetworkAcl = {
    id: newId('acl'),
    sequence: 0,
    vpcId,
    isDefault: true,
    entries: openEntries(),
    tags: new Map(),
  };
  const associations = [...subnetIds].map((subnetId) => ({ id: newId('aclassoc'), subnetId, aclId: acl.id }));
  return { acl, associations: new Map(associations.map((each) => [each.subnetId, each])) };
}

export const networkAclActions: Actions = {
  CreateNetworkAcl: createNetworkAcl,
  DeleteNetworkAcl: deleteNetworkAcl,
  CreateNetworkAclEntry: createNetworkAclEntry,
  ReplaceNetworkAclEntry: replaceNetworkAclEntry,
  DeleteNetworkAclEntry: deleteNetworkAclEntry,
  ReplaceNetworkAclAssociation: replaceNetworkAclAssociation,
  DescribeNetworkAcls: describeNetworkAcls,
};
