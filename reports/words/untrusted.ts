/**
 * Characters that change how the text around them is read or shown without being seen: controls, line and paragraph
 * separators, bidirectional marks, zero-width characters, byte order mark, half of a surrogate pair, tags.
 */
const unseen =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{e0000}-\u{e007f}]/gu;

/**
 * Text from the platform or the drill's author, made fit for one line: line breaks become spaces, and characters that
 * could reorder or hide what stands beside them are spelled out (`\u202e`). The format's own escaping comes after.
 */
export function visible(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').replaceAll('\t', ' ').replaceAll(unseen, spelled);
}

/** The same, for a whole JSON text: there too a reversed name must not deceive the reader of the file. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseen, (character) => (character === '\n' ? character : spelled(character)));
}

function spelled(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
