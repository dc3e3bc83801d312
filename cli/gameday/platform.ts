import { namedIn, type Gameday } from '../../scenarios/gameday.ts';

/** Where the drills of a game day are run: what the command line names goes before what the file names. */
export function platformOptions({ environment }: Gameday, file: string, options: NamedOptions): { env?: string; lab?: string } {
  return namedOptions(options) ?? (environment === undefined ? {} : { env: namedIn(file, environment) });
}

interface NamedOptions {
  readonly env?: string;
  readonly lab?: string;
}

/** What the command line names; undefined when that is nothing. */
export function namedOptions({ env, lab }: NamedOptions): { env?: string; lab?: string } | undefined {
  if (env === undefined && lab === undefined) return undefined;
  return { ...(env === undefined ? {} : { env }), ...(lab === undefined ? {} : { lab }) };
}
