import type { Value } from './probe.ts';
import { longestLateMs, toleratedMs } from './slo/finding.ts';

/** What the judge calls late by more than this share of its measure ends a streak here: the judge must not see less of one. */
const lateShare = 0.8;

/** What a stream says at this moment, and since when. Times are those of the clock, in milliseconds. */
export class StreamState {
  readonly probe: string;
  readonly name: string;
  value: Value | undefined;
  why = '';
  /** The arrival of the first good answer since the last that wasn't. */
  goodSince: number | undefined;
  /** The arrival of the latest good answer of that streak. */
  #goodUntil = -Infinity;
  /** The start of the first bad question since the last good answer. */
  badSince: number | undefined;
  /** The latest start of a question whose answer is known. */
  #knownMs = -Infinity;
  /** The longest stretches, without anything known and without a good answer, that break no streak, as for the judge. */
  readonly #toleratedMs: number;
  readonly #lateMs: number;

  /** @param pace of the probe, in milliseconds */
  constructor(probe: string, name: string, pace: { readonly everyMs: number; readonly timeoutMs: number }) {
    this.probe = probe;
    this.name = name;
    this.#toleratedMs = toleratedMs(pace);
    this.#lateMs = lateShare * longestLateMs(pace);
  }

  /** Takes an observation, in the order in which answers arrive. */
  observe(startMs: number, endMs: number, value: Value, why: string): void {
    this.value = value;
    this.why = why;
    const knewNothing = startMs - this.#knownMs > this.#toleratedMs;
    if (value !== 'unknown') this.#knownMs = Math.max(this.#knownMs, startMs);
    if (value === 'good') {
      const waitedOut = endMs - this.#goodUntil > this.#lateMs;
      if (knewNothing || waitedOut) this.goodSince = undefined;
      this.goodSince ??= endMs;
      this.#goodUntil = Math.max(this.#goodUntil, endMs);
      this.badSince = undefined;
      return;
    }
    this.goodSince = undefined;
    if (value === 'bad') this.badSince ??= startMs;
  }

  /**
   * Whether everything was known, and good, for `forMs` up to now. A streak is as long as its answers tell: from the arrival of
   * the first to that of the last. The judge sees no more than that either.
   */
  isSteady(forMs: number, nowMs: number): boolean {
    if (nowMs - this.#knownMs > this.#toleratedMs) return false;
    return this.goodSince !== undefined && this.#goodUntil - this.goodSince >= forMs;
  }

  /** What was good so far counts no more: a streak begins with the next good answer. */
  restart(): void {
    this.goodSince = undefined;
  }

  /** In a few words, what is wrong; empty when nothing is. */
  complaint(): string {
    if (this.value === 'good') return '';
    return `${this.name} is ${this.value ?? 'not answered yet'}${this.why ? `: ${this.why}` : ''}`;
  }
}
