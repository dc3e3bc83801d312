/**
 * Holm's step-down correction: which of several hypotheses to reject so that the chance to reject even one that is true
 * stays below `errorRate`, however they depend on one another.
 *
 * @param ps a p-value for each
 * @returns whether each is rejected, in the order of `ps`
 */
export function holm(ps: readonly number[], errorRate: number): boolean[] {
  const rejected = ps.map(() => false);
  const order = [...ps.keys()].sort((a, b) => ps[a]! - ps[b]!);
  for (const [place, index] of order.entries()) {
    if (ps[index]! > errorRate / (ps.length - place)) break;
    rejected[index] = true;
  }
  return rejected;
}
