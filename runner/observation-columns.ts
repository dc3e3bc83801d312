import type { Observation } from './outages.ts';
import type { Value } from './probe.ts';

const chunkSize = 4_096;
const values = ['good', 'bad', 'unknown'] as const satisfies readonly Value[];

interface Chunk {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly value: Uint8Array;
  readonly why: Uint32Array;
}

/**
 * Observations of one stream, in a fifth of the memory that objects take: a long drill has millions. Reasons are few, and
 * each is kept once.
 */
export class ObservationColumns {
  private readonly chunks: Chunk[] = [];
  private readonly reasons: string[] = [];
  private readonly reasonIndex = new Map<string, number>();
  private count = 0;
  private latest = -Infinity;
  private inOrder = true;

  add(start: number, end: number, value: Value, why: string): void {
    const at = this.count % chunkSize;
    if (at === 0) {
      this.chunks.push({ start: new Float64Array(chunkSize), end: new Float64Array(chunkSize), value: new Uint8Array(chunkSize), why: new Uint32Array(chunkSize) });
    }
    const chunk = this.chunks.at(-1)!;
    chunk.start[at] = start;
    chunk.end[at] = end;
    chunk.value[at] = values.indexOf(value);
    chunk.why[at] = this.reason(why);
    this.count += 1;
    this.inOrder &&= start >= this.latest;
    this.latest = start;
  }

  /** By start; made anew each time. */
  toArray(): Observation[] {
    const all: Observation[] = [];
    for (const { start, end, value, why } of this.chunks) {
      const size = Math.min(chunkSize, this.count - all.length);
      for (let at = 0; at < size; at += 1) all.push({ start: start[at]!, end: end[at]!, value: values[value[at]!]!, why: this.reasons[why[at]!]! });
    }
    return this.inOrder ? all : all.sort((a, b) => a.start - b.start);
  }

  private reason(why: string): number {
    const known = this.reasonIndex.get(why);
    if (known !== undefined) return known;
    this.reasons.push(why);
    this.reasonIndex.set(why, this.reasons.length - 1);
    return this.reasons.length - 1;
  }
}
