import { FileRefused, readText } from '../scenarios/read-file.ts';
import { chooseEnvironment } from './environment-file.ts';
import { stepInside, steppedInto } from './inside.ts';
import { comeFirst } from './priority.ts';

/** A larger one is refused by who reads it. */
const mostBytes = 1_000_000;

/**
 * Steps into the platform before anything else is loaded, where it can only be reached from inside, as a lab: what is loaded
 * outside is loaded once more inside, and takes longer than all else. Returns when this process is inside, or needn't be.
 *
 * @param measures whether what runs inside measures time: it goes before other processes then, which only outside may be asked for
 * @throws ExpectedError when there is no such platform
 */
export async function enterPlatform(options: { readonly env?: string; readonly lab?: string }, measures: boolean): Promise<void> {
  if (steppedInto() !== undefined || (options.lab === undefined && !(await speaksOfEntering(options.env)))) return;
  const chosen = await chooseEnvironment(options);
  if (!chosen) return;
  if (measures) comeFirst();
  stepInside(chosen.environment, chosen.file);
}

/** Most files don't, and have no escapes in which it could hide: to look costs less than to load what reads them well. What is wrong with them is told by who does. */
async function speaksOfEntering(file: string | undefined): Promise<boolean> {
  if (file === undefined) return false;
  try {
    return /\benter\b|\\/.test(await readText(file, mostBytes));
  } catch (error) {
    if (error instanceof FileRefused) return false;
    throw error;
  }
}
