import { labEnvironmentFile } from '../lab/index.ts';
import type { Environment } from '../runner/environment.ts';
import { ExpectedError } from '../runner/errors.ts';
import { readEnvironment } from '../runner/environment-file.ts';

/**
 * The platform that the user means: a file, or a lab that is up.
 *
 * @returns undefined when neither was named
 * @throws ExpectedError when both are, or there is no such lab or file
 */
export async function chooseEnvironment(options: { env?: string; lab?: string }): Promise<Environment | undefined> {
  const { env, lab } = options;
  if (env !== undefined && lab !== undefined) throw new ExpectedError('give --env or --lab, not both');
  if (lab !== undefined) return readEnvironment(await labEnvironmentFile(lab));
  return env === undefined ? undefined : readEnvironment(env);
}
