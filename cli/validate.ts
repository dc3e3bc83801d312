import { catalogue } from '../scenarios/find.ts';
import { exitCodes, messageOf } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';
import { chooseDrill } from './drill.ts';
import { visibleLines } from './visible-lines.ts';

/**
 * `firedrill validate`: loads drills and says what is wrong with each.
 *
 * @param drills names or paths; the whole catalogue when empty
 * @returns 2 when one has a problem
 */
export async function validateCommand(drills: readonly string[], options: { set: readonly string[] }): Promise<number> {
  const kinds = await loadKinds();
  const chosen = drills.length > 0 ? drills : await catalogue();
  let bad = 0;
  for (const drill of chosen) {
    try {
      const { scenario } = await chooseDrill(drill, kinds, options);
      process.stdout.write(`${visibleLines(`${drill}: ${scenario.title}`)}\n`);
    } catch (error) {
      if (!(error instanceof Error && 'exitCode' in error)) throw error;
      process.stderr.write(`${visibleLines(messageOf(error))}\n`);
      bad += 1;
    }
  }
  process.stdout.write(`${chosen.length - bad} of ${chosen.length} drills are valid\n`);
  return bad === 0 ? exitCodes.held : exitCodes.badInput;
}
