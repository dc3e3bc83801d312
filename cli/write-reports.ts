import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadFormats, type Style } from '../reports/format.ts';
import { messageOf } from '../runner/errors.ts';
import type { JudgedRun } from '../runner/verdict.ts';

export interface WrittenReports {
  readonly paths: readonly string[];
  /** Why a file could not be written, one line each. */
  readonly failures: readonly string[];
}

/**
 * Writes a report of every format but time series, `report.<extension>` each. A file that can't be written doesn't keep the others back.
 *
 * @param folder made when it isn't there
 */
export async function writeReports(folder: string, run: JudgedRun): Promise<WrittenReports> {
  const paths: string[] = [];
  const failures: string[] = [];
  await mkdir(folder, { recursive: true });
  for (const { extension, timeSeries, render } of Object.values(await loadFormats())) {
    if (extension === null || timeSeries) continue;
    const path = join(folder, `report.${extension}`);
    try {
      await writeFile(path, render(run));
      paths.push(path);
    } catch (error) {
      failures.push(`${path} could not be written: ${messageOf(error)}`);
    }
  }
  return { paths, failures };
}

/**
 * The short text that a run ends with, and where the rest is.
 *
 * @param out where it will be printed: only a terminal gets colours
 */
export async function closingText(run: JudgedRun, out: NodeJS.WriteStream, paths: readonly string[]): Promise<string> {
  const formats = await loadFormats();
  return `\n${formats['text']!.render(run, await styleFor(out))}\n${paths.map((path) => `${path}\n`).join('')}`;
}

/** Colours, where they are seen; undefined elsewhere. */
export async function styleFor(out: NodeJS.WriteStream): Promise<Style | undefined> {
  if (!out.isTTY) return undefined;
  const { default: chalk } = await import('chalk');
  return {
    held: (text) => chalk.green(text),
    broken: (text) => chalk.red(text),
    inconclusive: (text) => chalk.yellow(text),
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
  };
}
