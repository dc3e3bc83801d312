import type { Environment } from './environment.ts';

/** A command line for AWS's own tool, for a human to type: with the region and the profile of the environment. */
export function awsCommand({ aws }: Environment, ...words: readonly string[]): string {
  const where = aws ? ['--region', aws.region, ...(aws.profile === undefined ? [] : ['--profile', aws.profile])] : [];
  return ['aws', ...words, ...where].join(' ');
}
