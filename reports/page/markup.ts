import { visible } from '../words/untrusted.ts';

/** HTML or SVG that is safe to stand in a page as it is. Made only by {@link html}, so that nothing unescaped gets in. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: texts and numbers are escaped, lists are joined, nothing is shown for what is absent. */
export type Content = string | number | Markup | null | undefined | false | readonly Content[];

/**
 * A template for HTML and SVG in which every value is escaped, for elements and for quoted attributes alike. Values in
 * attributes must be quoted by the template.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => `${text}${written(values[index - 1])}${part}`));
}

/** A name from the platform amid other words: right-to-left letters in it don't reorder those. */
export function name(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** The same, with figures that aren't parted from their units or error bars where a line breaks. */
export function figures(text: string): Markup {
  return name(text.replaceAll(/(?<=\d) (?=(?:ms|s|min|h|d|%)(?!\w))/g, '\u00a0').replaceAll(/(?<= ±) | (?=± )/g, '\u00a0'));
}

export function joined(items: readonly Content[], separator: Content): Content[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
}

function written(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(written).join('');
  return escaped(String(content));
}

function escaped(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
