import { html } from './markup.ts';
import type { Content, Markup } from './markup.ts';

/** A column's title and, where it has one, its look: `num` for figures, `chart` for drawings. */
export type Column = readonly [title: Content, look?: string];

/**
 * The head of a table. Roles are written out in all tables, as a table that the style sheet turns into blocks on a narrow
 * page is no table any more to a screen reader.
 */
export function tableHead(columns: readonly Column[]): Markup {
  const cells = columns.map(
    ([title, look]) => html`<th scope="col" role="columnheader"${look && html` class="${look}"`}>${title}</th>`,
  );
  return html`<thead role="rowgroup"><tr role="row">${cells}</tr></thead>`;
}

/** A cell, and one that is the heading of its row. */
export function cell(content: Content, look = ''): Markup {
  return html`<td role="cell"${look !== '' && html` class="${look}"`}>${content}</td>`;
}

export function rowHead(content: Content): Markup {
  return html`<th scope="row" role="rowheader">${content}</th>`;
}
