/** A value as a counterexample shows it: its ends, when it is long. */
export function short(text: string): string {
  return text === '' ? '""' : text.length > 24 ? `${text.slice(0, 10)}…${text.slice(-10)}` : text;
}
