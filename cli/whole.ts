import { connect } from '../runner/clients/connect.ts';
import { realClock } from '../runner/clock.ts';
import { exitCodes, ExpectedError } from '../runner/errors.ts';
import { lacksOf, lackText } from '../runner/gate/whole.ts';
import { lookAt } from '../runner/prepare.ts';
import { chooseEnvironment } from './environment-file.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';
import { visibleLines } from './visible-lines.ts';

export interface WholeOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly json?: boolean;
}

/**
 * `firedrill whole`: what the platform lacks to be whole. Touches nothing.
 *
 * @returns 0 when it lacks nothing, 4 otherwise
 * @throws ExpectedError when no platform is named, or it can't be looked at
 */
export async function wholeCommand(options: WholeOptions): Promise<number> {
  const chosen = await chooseEnvironment(options);
  if (!chosen) throw new ExpectedError('say which platform to look at, with --env or --lab');
  const { environment } = chosen;
  const world = connect(environment, { version: version(), clock: realClock, mask });
  try {
    const { inventory } = await lookAt(world, realClock, { kubernetes: environment.kubernetes !== undefined });
    const lacks = lacksOf(inventory);
    if (options.json) process.stdout.write(`${JSON.stringify({ environment: environment.name, lacks })}\n`);
    else process.stdout.write(`${visibleLines(lacks.length === 0 ? `${environment.name} is whole` : lacks.map((lack) => `${lackText(lack)}${lack.mayBeMeant ? ' (may be meant)' : ''}`).join('\n'))}\n`);
    return lacks.length === 0 ? exitCodes.held : exitCodes.inconclusive;
  } finally {
    await world.close();
  }
}
