import { createInterface } from 'node:readline/promises';
import type { Environment } from '../runner/environment.ts';
import { ExpectedError, exitCodes } from '../runner/errors.ts';

/**
 * A platform of its own kind (a lab) needs no question; any other is broken only when a human, or --yes, says so.
 *
 * @param what what would be broken, for the human; ends in a newline
 * @throws ExpectedError when nobody says so
 */
export async function confirmBreaking(environment: Environment, { yes = false }: { readonly yes?: boolean }, what: string): Promise<void> {
  if (yes || environment.enter) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new ExpectedError(`breaking environment ${environment.name} without a terminal to ask on: say --yes`);
  }
  process.stdout.write(what);
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`Type the environment's name (${environment.name}) to go on: `);
  prompt.close();
  if (answer.trim() !== environment.name) throw new ExpectedError('not confirmed: nothing was touched', exitCodes.badInput);
}
