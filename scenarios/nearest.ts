/**
 * The known word that somebody most likely meant.
 *
 * @returns undefined when none is close enough to be worth a suggestion
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  // One slip in three letters; what is further away is another word.
  let bestDistance = Math.max(1, Math.floor(Math.min(word.length, 40) / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `did you mean x? ` or nothing, and then all that is known. */
export function suggest(word: string, known: readonly string[], what: string): string {
  const near = nearest(word, known);
  const list = known.length > 0 ? `${what}: ${known.join(', ')}` : `there are no ${what}`;
  return near === undefined ? list : `did you mean ${near}? (${list})`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
