import { parseDuration } from '../scenarios/duration.ts';
import { findDrill } from '../scenarios/find.ts';
import { loadScenario } from '../scenarios/load.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { ExpectedError } from '../runner/errors.ts';
import { withDefaults, type Kinds } from '../runner/kinds.ts';

/** A drill as the user asked for it. */
export interface ChosenDrill {
  readonly scenario: Scenario;
  /** As the user named it. */
  readonly source: string;
}

/**
 * Finds a drill by its catalogue name or path, and loads it.
 *
 * @param set `name=value` texts, one for each parameter that is set
 * @throws ExpectedError, ScenarioError
 */
export async function chooseDrill(
  source: string,
  kinds: Kinds,
  { set = [], recoveryTimeout }: { set?: readonly string[]; recoveryTimeout?: string | undefined },
): Promise<ChosenDrill> {
  const { text, file, catalogueName } = await findDrill(source);
  const scenario = withDefaults(loadScenario(text, { file, set: parameters(set), vocabulary: kinds, catalogueName }), kinds);
  if (recoveryTimeout === undefined) return { scenario, source };
  const timeout = parseDuration(recoveryTimeout);
  if (timeout === undefined) {
    throw new ExpectedError(`--recovery-timeout is "${recoveryTimeout}"; give a duration with its unit, such as 90s or 10m`);
  }
  return { scenario: { ...scenario, recovery: { ...scenario.recovery, timeout } }, source };
}

function parameters(set: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    set.map((text) => {
      const equals = text.indexOf('=');
      if (equals < 1) throw new ExpectedError(`--set is "${text}"; give name=value, such as zone=eu-west-1a`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
