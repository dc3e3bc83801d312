import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Markup } from './markup.ts';

/** The files of the page's script: each exports all of its functions and nothing that needs a page to be loaded. */
const files = [
  '../words/lengths', 'browser/charts', 'browser/crosshair', 'browser/events', 'browser/explorer', 'browser/instants', 'browser/keys',
  'browser/pointer', 'browser/readings', 'browser/search', 'browser/showing', 'browser/start', 'browser/ticks', 'browser/waterfalls', 'browser/window',
];

/**
 * The script of the page as one text. Its functions are written down as Node has them in memory, their types already
 * stripped, so that it takes no bundler and is the same from the checkout and from the package. By their addresses, as they
 * know a browser's types, which the rest of this project must not.
 */
export const script = await written();

/** How a security policy names it. */
export const scriptHash = `sha256-${createHash('sha256').update(script).digest('base64')}`;

/** The element; its text is our own, and has nothing that could end it. */
export const scriptElement = new Markup(`<script>${script}</script>`);

async function written(): Promise<string> {
  const ending = extname(import.meta.url);
  const modules = await Promise.all(files.map((file) => import(new URL(`${file}${ending}`, import.meta.url).href) as Promise<Readonly<Record<string, unknown>>>));
  const parts = modules.flatMap((module) => Object.entries(module));
  const names = parts.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two files of the page's script export ${twice}`);
  const texts = parts.map(([name, part]) => (typeof part === 'function' ? String(part) : `const ${name} = ${JSON.stringify(part)};`));
  return `(() => {\n'use strict';\n${texts.join('\n')}\nstart();\n})();`.replaceAll(/(?<=\S)[ \t]{2,}|[ \t]+$/gm, (gap, at: number, all: string) => (all[at + gap.length] === '\n' || at + gap.length === all.length ? '' : ' ')).replaceAll('</', String.raw`<\/`);
}
