/** Where its platform is, as the command line names it. */
export interface NamedPlatform {
  readonly env?: string | undefined;
  readonly lab?: string | undefined;
}

/** A drill as the command line takes it. */
export interface DrillWords {
  readonly drill: string;
  /** `name=value`, one for each parameter that is set. */
  readonly set: readonly string[];
  readonly seed: number;
}

export function platformWords({ env, lab }: NamedPlatform): string[] {
  return [...(env === undefined ? [] : ['--env', env]), ...(lab === undefined ? [] : ['--lab', lab])];
}

/** What `firedrill plan` and `firedrill run` are given behind their names. */
export function drillWords({ drill, set, seed }: DrillWords, platform: readonly string[], allowProtected: string | undefined): string[] {
  return [
    drill, '--seed', String(seed), ...set.flatMap((value) => ['--set', value]), ...platform,
    ...(allowProtected === undefined ? [] : ['--allow-protected', allowProtected]),
  ];
}
