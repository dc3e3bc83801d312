import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { JudgedRun } from '../runner/verdict.ts';

/**
 * A way to write a judged run down. **One file right in `reports/` is one format**: its default export is made with
 * {@link defineFormat}, and the file's name is the format's name (`reports/html.ts` is `html`). This file is the only
 * other one there: what formats share lives in the folders (`words/` for figures and texts, `page/` for the HTML page,
 * `xml/` for JUnit, `openmetrics/`, `schema/` for the JSON), and what is told of many runs in `gate/` and `past/`.
 *
 * To add a format, add its file; `test/contracts/formats.test.ts` runs over it without a change, and the command line
 * writes it as `report.<extension>`.
 */
export interface Format {
  /** One sentence for people who choose a format. */
  readonly summary: string;
  /** Of the file that the command line writes next to the journal; null for what is only printed. */
  readonly extension: string | null;
  /**
   * It tells what was observed and not what came of it: such a file may be very large, so the command line writes it only when
   * it is asked for by name, and hands in a run that has its observations.
   */
  readonly timeSeries?: true;
  /**
   * Pure: no I/O, no clock, and the same text for the same run. Ends in exactly one newline. Copes with every run that
   * the judge can make: unfinished, without a fault, with empty lists, with infinite error bars. Whatever came from the
   * platform or the drill's author (names, reasons, errors) is escaped for the format.
   *
   * @param style how to set words off, for formats that are printed; plain when left out, ignored by the others
   */
  render(run: JudgedRun, style?: Style): string;
  /** The same text in pieces, for a format whose text may be longer than fits into memory. */
  lines?(run: JudgedRun): Iterable<string>;
}

/** Sets words off on a terminal; each takes a text without line breaks and returns it with the same visible width. */
export interface Style {
  held(text: string): string;
  broken(text: string): string;
  inconclusive(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const same = (text: string): string => text;

/** For pipes and files: no colour at all. */
export const plainStyle: Style = { held: same, broken: same, inconclusive: same, strong: same, faint: same };

/** Helps a format's file to be checked against the contract. */
export function defineFormat(format: Format): Format {
  return format;
}

/** Every format that there is, by name: the files next to this one. */
export async function loadFormats(): Promise<Record<string, Format>> {
  const own = basename(import.meta.url).replace(/\.[jt]s$/, '');
  const files = (await readdir(new URL('./', import.meta.url)))
    .filter((file) => /(?<!\.d)\.[jt]s$/.test(file) && basename(file, extname(file)) !== own)
    .sort();
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, import.meta.url).href) as Promise<{ default: Format }>),
  );
  return Object.fromEntries(files.map((file, index) => [basename(file, extname(file)), modules[index]!.default]));
}
