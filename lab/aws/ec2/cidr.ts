import { AwsError } from '../protocol/errors.ts';

/** Throws `InvalidParameterValue` in EC2's words when this is no IPv4 network in CIDR notation. */
export function checkCidr(cidr: string, parameter: string): void {
  const [address = '', prefix = '', more] = cidr.split('/');
  const numbers = address.split('.');
  const sound =
    more === undefined &&
    /^\d{1,2}$/.test(prefix) &&
    Number(prefix) <= 32 &&
    numbers.length === 4 &&
    numbers.every((each) => /^\d{1,3}$/.test(each) && Number(each) <= 255);
  if (sound) return;
  throw new AwsError(
    'InvalidParameterValue',
    `Value (${cidr}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`,
  );
}
