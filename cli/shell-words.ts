/** The words of a command as they are typed into a shell: in quotes where they need them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
