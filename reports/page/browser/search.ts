/** Whether a text has every word of what is looked for, in any order; capital letters don't matter. */
export function isFound(text: string, lookedFor: string): boolean {
  const lower = text.toLowerCase();
  return lookedFor.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}
