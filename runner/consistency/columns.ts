/** Numbers that grow by doubling: a million operations as objects would take more memory than a checker may have. */
export class Floats {
  data = new Float64Array(256);
  length = 0;
  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}

/** As {@link Floats}, for whole numbers below 2^31. */
export class Ints {
  data = new Int32Array(256);
  length = 0;
  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}

/** As {@link Floats}, for small codes. */
export class Bytes {
  data = new Uint8Array(256);
  length = 0;
  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}

/** Texts as small numbers, in the order in which they were first seen. */
export class Names {
  readonly texts: string[] = [];
  #indexes = new Map<string, number>();
  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.texts.length;
      this.texts.push(text);
      this.#indexes.set(text, index);
    }
    return index;
  }
  /** @returns -1 where it was never seen */
  find(text: string): number {
    return this.#indexes.get(text) ?? -1;
  }
  /** Forgets how to find a text, which frees most of the memory. */
  close(): void {
    this.#indexes = new Map();
  }
}

/**
 * The order of `chosen` by two keys: `major`, whole numbers, then `minor`, 0 or 1. Those that are equal stay in their order.
 * Both are asked by the element.
 */
export function orderBy(chosen: Int32Array, major: Float64Array, minor: Uint8Array): Int32Array {
  const count = chosen.length;
  if (count === 0) return chosen;
  let least = Infinity;
  let most = -Infinity;
  for (let index = 0; index < count; index += 1) {
    const key = major[chosen[index]!]!;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  // One number holds both keys and the place, so that the engine's own sort of numbers can be used: it is ten times as fast.
  const places = 2 ** Math.ceil(Math.log2(count + 1));
  if ((most - least + 1) * 2 * places < 2 ** 53) {
    const packed = new Float64Array(count);
    for (let index = 0; index < count; index += 1) {
      const element = chosen[index]!;
      packed[index] = ((major[element]! - least) * 2 + minor[element]!) * places + index;
    }
    packed.sort();
    return Int32Array.from(packed, (one) => chosen[one % places]!);
  }
  return chosen.toSorted((a, b) => major[a]! - major[b]! || minor[a]! - minor[b]!);
}
