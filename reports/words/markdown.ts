import { counted, type Cut } from './lists.ts';
import { visible } from './untrusted.ts';

/** How long a text may be before it is cut. */
export const mostCharacters = { cell: 160, sentence: 500, command: 1_000 };

/** A part that is folded away. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** A table whose cells are Markdown already; the rows that don't fit are counted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], limitBytes: number): string {
  if (rows.length === 0) return 'None.';
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const { shown, more } = fitting(rows.map(lineOf), limitBytes);
  const lines = [lineOf(head), lineOf(head.map(() => '---')), ...shown];
  return more === 0 ? lines.join('\n') : `${lines.join('\n')}\n\n… and ${counted(more, 'more row')}, in report.json.`;
}

/** The first texts that fit together, and how many don't. */
export function fitting(texts: readonly string[], limitBytes: number): Cut<string> {
  let sizeBytes = 0;
  const tooMuch = texts.findIndex((text) => (sizeBytes += Buffer.byteLength(text) + 2) > limitBytes);
  return tooMuch === -1 ? { shown: texts, more: 0 } : { shown: texts.slice(0, tooMuch), more: texts.length - tooMuch };
}

/** Text that Markdown and HTML leave alone, in one line and cut to a cell's length. */
export function escaped(text: string, limit: number = mostCharacters.cell): string {
  return short(text, limit)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#!~$]/g, (character) => `\\${character}`)
    // Last, as the # of an entity must not be escaped. In code an @ mentions nobody; an entity keeps an address from
    // becoming a link.
    .replaceAll('|', '&#124;')
    .replaceAll('@', '<code>@</code>')
    .replaceAll('://', '&#58;//');
}

/** As code: in HTML, as a pipe or a backquote in backquotes would end the cell or the code. */
export function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** A fenced block whose fence is longer than any run of backquotes in it. */
export function codeBlock(text: string): string {
  return fenced('sh', short(text, mostCharacters.command));
}

/** Lines of text as they are, in a fence longer than any run of backquotes in them. */
export function textBlock(text: string): string {
  return fenced('text', text.split('\n').map((line) => short(line, mostCharacters.command)).join('\n'));
}

function fenced(language: string, content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

function short(text: string, limit: number): string {
  const characters = [...visible(text)];
  return characters.length <= limit ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`;
}
