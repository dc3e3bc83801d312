/** A seeded generator: the same seed gives the same choices on every machine. */
export interface Rng {
  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number;
  /** `count` different elements of `from`, in the order in which they were drawn. */
  sample<T>(from: readonly T[], count: number): T[];
}

/** A 32-bit seed for a run that was given none. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** A seed of its own for each choice, so that adding one doesn't change what the others draw (FNV-1a, 32 bits). */
export function seedFor(seed: number, label: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const byte of Buffer.from(label)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, passes the usual statistical tests at this size, which is
 * ample for drawing targets.
 *
 * @param seed a whole number; its low 32 bits count
 */
export function seeded(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    sample(from, count) {
      const left = [...from];
      const drawn = [];
      while (drawn.length < count && left.length > 0) {
        drawn.push(...left.splice(Math.floor(next() * left.length), 1));
      }
      return drawn;
    },
  };
}
