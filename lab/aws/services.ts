import { groupTagActions } from './autoscaling/group-tags.ts';
import { groupActions } from './autoscaling/groups.ts';
import { groupInstanceActions } from './autoscaling/instances.ts';
import { processActions } from './autoscaling/processes.ts';
import { lookupEvents } from './cloudtrail/lookup-events.ts';
import { instanceAttributeActions } from './ec2/instance-attributes.ts';
import { instanceActions } from './ec2/instances.ts';
import { launchTemplateActions } from './ec2/launch-templates.ts';
import { networkAclActions } from './ec2/network-acls.ts';
import { networkInterfaceActions } from './ec2/network-interfaces.ts';
import { networkActions } from './ec2/network.ts';
import { secondaryAddressActions } from './ec2/secondary-addresses.ts';
import { securityGroupActions } from './ec2/security-groups.ts';
import { tagActions } from './ec2/tags.ts';
import { volumeActions } from './ec2/volumes.ts';
import type { Actions } from './protocol/action.ts';
import type { Protocol } from './protocol/errors.ts';
import { stsActions } from './sts.ts';

export interface Service {
  /** As in the credential scope of a signature. */
  readonly name: string;
  readonly version: string;
  readonly protocol: Protocol | 'json';
  readonly xmlns: string;
  readonly actions: Readonly<Record<string, unknown>>;
}

/** One whose calls are forms and whose answers are XML. */
export interface FormService extends Service {
  readonly protocol: Protocol;
  readonly actions: Actions;
}

/** CloudTrail speaks JSON. */
export const cloudTrail = {
  name: 'cloudtrail',
  version: '2013-11-01',
  protocol: 'json',
  xmlns: '',
  actions: { LookupEvents: lookupEvents },
} as const satisfies Service;

export const services: readonly FormService[] = [
  {
    name: 'ec2',
    version: '2016-11-15',
    protocol: 'ec2',
    xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    actions: {
      ...instanceActions,
      ...instanceAttributeActions,
      ...volumeActions,
      ...tagActions,
      ...launchTemplateActions,
      ...networkActions,
      ...networkAclActions,
      ...networkInterfaceActions,
      ...secondaryAddressActions,
      ...securityGroupActions,
    },
  },
  {
    name: 'autoscaling',
    version: '2011-01-01',
    protocol: 'query',
    xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    actions: { ...groupActions, ...groupInstanceActions, ...processActions, ...groupTagActions },
  },
  {
    name: 'sts',
    version: '2011-06-15',
    protocol: 'query',
    xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
    actions: stsActions,
  },
];
