import { visible, visibleJson } from '../words/untrusted.ts';

/** What stands in an element, made by {@link element} or {@link content}. */
export type Xml = string & { readonly xml: unique symbol };

type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * An element of XML 1.0. Whatever a text has in it, it is shown and is nothing else.
 *
 * @param attributes those that are undefined are left out
 */
export function element(name: string, attributes: Attributes, children: readonly Xml[] = []): Xml {
  const said = Object.entries(attributes).map(([key, value]) => (value === undefined ? '' : ` ${key}="${escaped(visible(String(value)))}"`)).join('');
  if (children.length === 0) return `<${name}${said}/>` as Xml;
  const lines = children.join('\n');
  return (lines.startsWith('<') ? `<${name}${said}>\n${indented(lines)}\n</${name}>` : `<${name}${said}>${lines}</${name}>`) as Xml;
}

/** A text of several lines between tags. */
export function content(text: string): Xml {
  return escaped(visibleJson(text)) as Xml;
}

/** Lines that are text must not be moved: only those of markup are. */
function indented(lines: string): string {
  return lines.split('\n').map((line) => (line.trimStart().startsWith('<') ? `  ${line}` : line)).join('\n');
}

/** Noncharacters are no characters of XML; all other unseen ones have been spelled out before. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
