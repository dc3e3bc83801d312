import type { Mask } from '../mask.ts';
import { mostHeard, type HeardAnswer } from './outcome.ts';

/** How many answers were compared with those to the copies of their requests, and what came of it. */
export interface Compared {
  readonly same: number;
  readonly different: number;
  /** One of the two, or both, gave no answer in time. */
  readonly unanswered: number;
  /** What differed, of the first few of the run. */
  readonly told: readonly Difference[];
}

export interface Difference {
  /** Which request, in the order in which they were due, from 0. */
  readonly n: number;
  /** `status 200, and 404 from the shadow`. */
  readonly what: string;
}

export interface ComparisonOptions {
  /** What is taken out of both bodies: regular expressions. */
  readonly normalise: readonly string[];
  readonly mask: Pick<Mask, 'text'>;
}

const mostTold = 5;
/** Of a body that differs, this many characters are shown, and so many of them before the difference. */
const shown = { all: 40, before: 8 } as const;

/** Compares the answers to requests with those to their copies, in whichever order they come. */
export class Comparison {
  readonly #patterns: readonly RegExp[];
  readonly #mask: Pick<Mask, 'text'>;
  /** Those of which the other one is under way: no more than can be within a deadline. */
  readonly #waiting = new Map<number, { readonly of: 'first' | 'copy'; readonly answer: HeardAnswer | undefined }>();
  #same = 0;
  #different = 0;
  #unanswered = 0;
  #told: Difference[] = [];
  #toldBefore = 0;

  constructor({ normalise, mask }: ComparisonOptions) {
    this.#patterns = normalise.map((pattern) => new RegExp(pattern, 'gu'));
    this.#mask = mask;
  }

  /** @param answer undefined when there was none in time */
  settled(of: 'first' | 'copy', n: number, answer: HeardAnswer | undefined): void {
    const other = this.#waiting.get(n);
    if (!other) {
      this.#waiting.set(n, { of, answer });
      return;
    }
    this.#waiting.delete(n);
    const [first, copy] = of === 'first' ? [answer, other.answer] : [other.answer, answer];
    if (!first || !copy) this.#unanswered += 1;
    else this.#compare(n, first, copy);
  }

  /** What was compared since it was taken last. */
  take(): Compared {
    const taken = { same: this.#same, different: this.#different, unanswered: this.#unanswered, told: this.#told };
    this.#toldBefore += this.#told.length;
    this.#same = this.#different = this.#unanswered = 0;
    this.#told = [];
    return taken;
  }

  #compare(n: number, first: HeardAnswer, copy: HeardAnswer): void {
    if (first.status === copy.status && this.#normalised(first.body) === this.#normalised(copy.body)) {
      this.#same += 1;
      return;
    }
    this.#different += 1;
    if (this.#toldBefore + this.#told.length >= mostTold) return;
    const what = first.status === copy.status ? this.#bodiesDiffer(first.body, copy.body) : `status ${first.status}, and ${copy.status} from the shadow`;
    this.#told.push({ n, what });
  }

  #normalised(body: string): string {
    return this.#patterns.reduce((text, pattern) => text.replaceAll(pattern, ''), body);
  }

  /** Secrets are taken out of the whole bodies first: of a part of one nobody could tell that it is one. */
  #bodiesDiffer(...bodies: readonly [first: string, copy: string]): string {
    const [first, copy] = bodies.map((body) => this.#normalised(this.#mask.text(body))) as [string, string];
    if (first === copy) return 'body, in what is hidden as a secret';
    let at = 0;
    while (first[at] === copy[at]) at += 1;
    const where = `body from character ${at + 1} on`;
    // It may have been cut within a secret.
    if (bodies.some((body) => body.length >= mostHeard)) return where;
    return `${where}: ${around(first, at)}, and ${around(copy, at)} from the shadow`;
  }
}

function around(text: string, at: number): string {
  const from = Math.max(0, at - shown.before);
  const part = text.slice(from, from + shown.all).toWellFormed();
  return `“${from > 0 ? '…' : ''}${part}${from + shown.all < text.length ? '…' : ''}”`;
}
