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

/** What a user may say of a drill besides its name. */
export interface DrillOptions {
  /** `name=value` texts, one for each parameter that is set. */
  readonly set?: readonly string[];
  readonly recoveryTimeout?: string | undefined;
  readonly undoTimeout?: string | undefined;
}

/**
 * Finds a drill by its catalogue name or path, and loads it.
 *
 * @throws ExpectedError, ScenarioError
 */
export async function chooseDrill(
  source: string,
  kinds: Kinds,
  { set = [], recoveryTimeout, undoTimeout }: DrillOptions,
): Promise<ChosenDrill> {
  const { text, file, catalogueName } = await findDrill(source);
  const scenario = withDefaults(loadScenario(text, { file, set: parameters(set), vocabulary: kinds, catalogueName }), kinds);
  const recovery = {
    ...scenario.recovery,
    ...(recoveryTimeout !== undefined && { timeout: givenDuration('--recovery-timeout', recoveryTimeout) }),
    ...(undoTimeout !== undefined && { undoTimeout: givenDuration('--undo-timeout', undoTimeout) }),
  };
  return { scenario: { ...scenario, recovery }, source };
}

function givenDuration(flag: string, text: string): number {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  throw new ExpectedError(`${flag} is "${text}"; give a duration with its unit, such as 90s or 10m`);
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
