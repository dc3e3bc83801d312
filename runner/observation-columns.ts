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
  private chunks: Chunk[] = [];
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

  static of(observations: Iterable<Observation>): ObservationColumns {
    const columns = new ObservationColumns();
    for (const { start, end, value, why } of observations) columns.add(start, end, value, why);
    return columns;
  }

  get size(): number {
    return this.count;
  }

  /** Visits all of them, by start. What only counts needs no objects, which take longer than the counting. */
  each(visit: (start: number, end: number, value: Value, why: string) => void): void {
    this.putInOrder();
    let left = this.count;
    for (const { start, end, value, why } of this.chunks) {
      const size = Math.min(chunkSize, left);
      for (let at = 0; at < size; at += 1) visit(start[at]!, end[at]!, values[value[at]!]!, this.reasons[why[at]!]!);
      left -= size;
    }
  }

  /** By start; made anew each time, as all of a run at once would take much memory: keep it while it is needed. */
  toArray(): Observation[] {
    const all: Observation[] = [];
    this.each((start, end, value, why) => all.push({ start, end, value, why }));
    return all;
  }

  /** Answers of a probe whose questions overlap come in the order of their ends. */
  private putInOrder(): void {
    if (this.inOrder) return;
    this.inOrder = true;
    const sorted = this.toArray().sort((a, b) => a.start - b.start);
    this.chunks = [];
    this.count = 0;
    this.latest = -Infinity;
    for (const { start, end, value, why } of sorted) this.add(start, end, value, why);
  }

  private reason(why: string): number {
    const known = this.reasonIndex.get(why);
    if (known !== undefined) return known;
    this.reasons.push(why);
    this.reasonIndex.set(why, this.reasons.length - 1);
    return this.reasons.length - 1;
  }
}
