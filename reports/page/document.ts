import { createHash } from 'node:crypto';
import { html, Markup } from './markup.ts';
import type { Content } from './markup.ts';
import { style } from './style.ts';

/** Nothing may be loaded, and nothing run but what is named by its hash: the style sheet, and the script of pages that have one. */
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/**
 * A whole page that needs no network, and that reads well without its script. Ends without a newline.
 *
 * @param script the element, and the hash of its text
 */
export function document(title: string, body: Markup, script?: { readonly element: Markup; readonly hash: string }): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="${policy}${script && `; script-src '${script.hash}'`}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<title>${title}</title>
<style>${new Markup(style)}</style>${script && html`\n${script.element}`}
</head>
<body>
${body}
</body>
</html>`;
}

/** A part of the page under a heading of its own. */
export function section(id: string, title: string, content: Content): Markup {
  return html`<section class="part" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}
