import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from './protocol/errors.ts';

export type IdPrefix =
  | 'i'
  | 'vol'
  | 'subnet'
  | 'vpc'
  | 'lt'
  | 'r'
  | 'sg'
  | 'sgr'
  | 'acl'
  | 'aclassoc'
  | 'eni'
  | 'eni-attach';

/** A new id of 17 hexadecimal digits, as AWS gives today: `i-0123456789abcdef0`. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}

export const newRequestId = (): string => randomUUID();

const idKinds = {
  i: { malformed: 'InvalidInstanceID.Malformed', word: 'instance' },
  vol: { malformed: 'InvalidParameterValue', word: 'volume' },
  lt: { malformed: 'InvalidLaunchTemplateId.Malformed', word: 'launch template' },
  subnet: { malformed: 'InvalidSubnetID.Malformed', word: 'subnet' },
  vpc: { malformed: 'InvalidVpcID.Malformed', word: 'vpc' },
  sg: { malformed: 'InvalidGroupId.Malformed', word: 'group' },
  acl: { malformed: 'InvalidNetworkAclID.Malformed', word: 'networkAcl' },
  aclassoc: { malformed: 'InvalidAssociationID.Malformed', word: 'association' },
  eni: { malformed: 'InvalidNetworkInterfaceID.Malformed', word: 'networkInterface' },
} as const;

/** Throws the malformed-id error of the kind, in EC2's words, when the id isn't 8 or 17 hexadecimal digits. */
export function checkId(prefix: keyof typeof idKinds, id: string): void {
  if (new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return;
  const kind = idKinds[prefix];
  const message =
    kind.malformed === 'InvalidParameterValue'
      ? `Value (${id}) for parameter ${kind.word}Id is invalid. Expected: '${prefix}-...'.`
      : `Invalid id: "${id}"`;
  throw new AwsError(kind.malformed, message);
}
