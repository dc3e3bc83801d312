import type { Outcome, Sender } from '../../../runner/traffic/outcome.ts';
import type { SimulatedClock } from '../simulated-clock.ts';

/** What becomes of a request that is sent at a moment, and after how long; undefined: no answer ever. */
export type Answering = (atMs: number) => [outcome: Outcome, afterMs: number] | undefined;

/** A service of which a test says what becomes of each request, and after how long; undefined: no answer ever. */
export class SimulatedSender implements Sender {
  readonly sentMs: number[] = [];
  cancelled = 0;
  closed = false;
  readonly #clock: SimulatedClock;
  readonly #answer: Answering;
  constructor(clock: SimulatedClock, answer: Answering) {
    this.#clock = clock;
    this.#answer = answer;
  }
  send(done: (outcome: Outcome) => void): () => void {
    const nowMs = this.#clock.now();
    this.sentMs.push(nowMs);
    const answer = this.#answer(nowMs);
    const takeBack = answer && this.#clock.schedule(nowMs + answer[1], () => done(answer[0]));
    return () => {
      this.cancelled += 1;
      takeBack?.();
    };
  }
  close(): void {
    this.closed = true;
  }
}
