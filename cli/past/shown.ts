import { writeFile } from 'node:fs/promises';
import { ExpectedError, messageOf } from '../../runner/errors.ts';
import { visibleLines } from '../visible-lines.ts';
import { styleFor } from '../write-reports.ts';

type Style = Awaited<ReturnType<typeof styleFor>>;

/** What runs say together, in each of the forms in which it can be asked for. */
export interface Shown<T extends object> {
  readonly data: T;
  /** The path of the page. */
  readonly path: string;
  page(data: T): string;
  text(data: T, style: Style): string;
}

/**
 * Prints it, as text or as JSON; or writes it as a page, and prints where.
 *
 * @throws ExpectedError when the page can't be written
 */
export async function show<T extends object>({ data, path, page, text }: Shown<T>, { json = false, html = false }: { readonly json?: boolean; readonly html?: boolean }): Promise<void> {
  if (html) {
    try {
      await writeFile(path, page(data));
    } catch (error) {
      throw new ExpectedError(`${path} could not be written: ${messageOf(error)}`, undefined, { cause: error });
    }
    process.stdout.write(`${path}\n`);
  } else if (json) process.stdout.write(`${visibleLines(JSON.stringify({ schemaVersion: 1, ...data }, null, 2))}\n`);
  else process.stdout.write(text(data, await styleFor(process.stdout)));
}
