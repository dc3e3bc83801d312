import type { Environment } from '../runner/environment.ts';
import { ExpectedError } from '../runner/errors.ts';
import { readEnvironment } from '../runner/environment-file.ts';
import { steppedInto } from './inside.ts';
import { mask } from './secrets.ts';

/** The platform that the user means, and the file that says so. */
export interface ChosenEnvironment {
  readonly environment: Environment;
  readonly file: string;
}

/**
 * The platform that the user means: a file, or a lab that is up.
 *
 * @returns undefined when neither was named
 * @throws ExpectedError when both are, or there is no such lab or file
 */
export async function chooseEnvironment({ env, lab }: { env?: string; lab?: string }): Promise<ChosenEnvironment | undefined> {
  if (env !== undefined && lab !== undefined) throw new ExpectedError('give --env or --lab, not both');
  // From inside a lab its first process can't be seen: what was found out before stepping in stands.
  const file = steppedInto() ?? (lab === undefined ? env : await fileOfLab(lab));
  return file === undefined ? undefined : { environment: await readEnvironment(file, { variables: process.env, mask }), file };
}

async function fileOfLab(lab: string): Promise<string> {
  const { labEnvironmentFile } = await import('../lab/index.ts');
  return labEnvironmentFile(lab);
}
