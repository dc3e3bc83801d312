import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../../runner/environment.ts';
import { ExpectedError } from '../../runner/errors.ts';
import type { GateDrill } from '../../runner/gate/result.ts';
import { platformKey } from '../../runner/platform-key.ts';
import type { Suite } from '../../scenarios/suite.ts';
import { platformWords } from '../drill-words.ts';
import { chooseEnvironment } from '../environment-file.ts';

/** A platform as the commands that work on it take it. */
export interface Platform {
  readonly environment: Environment;
  /** `--env <file>` or `--lab <name>`. */
  readonly flags: readonly string[];
}

/** By what drills call their environments; null is that of the command line. */
export type Platforms = ReadonlyMap<string | null, Platform>;

export interface PlatformInput {
  readonly suite: Suite;
  readonly file: string | undefined;
  readonly drills: readonly GateDrill[];
  readonly options: { readonly env?: string; readonly lab?: string };
}

/**
 * The platforms that these drills need.
 *
 * @throws ExpectedError when one can't be found, or two are one
 */
export async function platformsFor({ suite, file, drills, options }: PlatformInput): Promise<Platforms> {
  const folder = file === undefined ? '.' : dirname(file);
  const platforms = new Map<string | null, Platform>();
  for (const key of new Set(drills.map(({ environment }) => environment))) {
    const { env, lab } = key === null ? options : suite.environments[key]!;
    const named = {
      ...(env === undefined ? {} : { env: key === null || resolve(env) === env ? env : join(folder, env) }),
      ...(lab === undefined ? {} : { lab }),
    };
    const chosen = await chooseEnvironment(named);
    if (!chosen) throw new ExpectedError('say which platform to run it on, with --env or --lab');
    platforms.set(key, { environment: chosen.environment, flags: platformWords(named) });
  }
  refuseOneTwice(platforms);
  return platforms;
}

/** Beside each other, what one drill breaks the other would measure; the second would be refused by the lock. */
function refuseOneTwice(platforms: Platforms): void {
  const seen = new Map<string, string>();
  for (const [key, { environment }] of platforms) {
    const name = key ?? 'that of the command line';
    const lock = environment.lock?.file ?? JSON.stringify([environment.lock?.lease ?? platformKey(environment), environment.kubernetes?.context]);
    for (const same of [platformKey(environment), lock]) {
      const other = seen.get(same);
      if (other !== undefined && other !== name) throw new ExpectedError(`environments ${other} and ${name} are one platform, or have one lock: one drill at a time can run there; name it once`);
      seen.set(same, name);
    }
  }
}
