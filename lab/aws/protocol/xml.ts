/** What an answer is made of. Keys are element names as on the wire; `undefined` is left out. */
export type Xml = string | number | boolean | Date | undefined | readonly Xml[] | { readonly [name: string]: Xml };
export type XmlObject = { readonly [name: string]: Xml };

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** Escapes text for element content; characters that XML 1.0 has no way to say become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"'\r]/g, (character) => escapes[character]!);
}

/**
 * Renders one element. The two protocols differ in how a list says its entries: `item` in EC2, `member` in the query
 * protocol of Auto Scaling and STS.
 */
export function renderXml(name: string, value: Xml, entryName: 'item' | 'member', xmlns?: string): string {
  const open = xmlns === undefined ? `<${name}>` : `<${name} xmlns="${xmlns}">`;
  return `${open}${renderContent(value, entryName)}</${name}>`;
}

function renderContent(value: Xml, entryName: 'item' | 'member'): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeXml(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (isList(value)) return value.map((entry) => renderXml(entryName, entry, entryName)).join('');
  let content = '';
  for (const [name, child] of Object.entries(value)) {
    if (child !== undefined) content += renderXml(name, child, entryName);
  }
  return content;
}

function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value);
}
