/**
 * The one-sided Wilcoxon rank-sum test (Mann-Whitney): how likely values of `now` would stand so high among all, if it were
 * chance alone which of the values belong to `now`. Exact, also with ties: it counts the ways to choose as many of the pooled
 * values whose ranks add up to at least as much. Only the order of the values counts, so infinity is a value like others.
 *
 * @returns the p-value, more than 0, at most 1; 1 when one of the samples is empty
 */
export function rankTest(now: readonly number[], before: readonly number[]): number {
  if (now.length === 0 || before.length === 0) return 1;
  const pooled = [...now, ...before];
  const ranks = doubledRanks(pooled);
  const observed = ranks.slice(0, now.length).reduce((sum, rank) => sum + rank, 0);
  return shareOfChoices(ranks, now.length, observed);
}

/** The least p-value that samples of these sizes can give: when every value of one is above every value of the other. */
export function leastP(now: number, before: number): number {
  return now === 0 || before === 0 ? 1 : 1 / choose(now + before, now);
}

/** The rank of each value, twice, so that the middle rank of ties is a whole number. */
function doubledRanks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => compare(values[a]!, values[b]!));
  const ranks = Array<number>(values.length).fill(0);
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === values[order[first]!]) last += 1;
    for (let index = first; index <= last; index++) ranks[order[index]!] = first + last + 2;
    first = last + 1;
  }
  return ranks;
}

/** Infinities have no difference. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Of all ways to choose `size` of the ranks, the share whose sum is at least `least`. */
function shareOfChoices(ranks: readonly number[], size: number, least: number): number {
  // Counted from the top, where fewer sums have to be told apart: as far as the sum of what is missing to the highest rank.
  const highest = Math.max(...ranks);
  const most = size * highest - least;
  // ways[k][missing]: in how many ways k of the ranks seen so far miss so much together.
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(most + 1));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    const missing = highest - rank;
    for (let k = size; k >= 1; k--) {
      const [taken, left] = [ways[k]!, ways[k - 1]!];
      for (let sum = most; sum >= missing; sum--) taken[sum]! += left[sum - missing]!;
    }
  }
  return Math.min(1, ways[size]!.reduce((sum, one) => sum + one, 0) / choose(ranks.length, size));
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = (ways * (n - i + 1)) / i;
  return ways;
}
