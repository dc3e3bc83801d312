import type { EtcdVoters } from './etcd-voters.ts';
import type { ProbeContext } from './probe.ts';

/** What one member says: whom it follows, and in which term. */
export interface Vote {
  readonly id: string;
  readonly leader: string | undefined;
  readonly term: number;
}

/** A leadership that a majority agrees on, the leader itself among them. */
export interface Agreed {
  readonly leader: string;
  readonly term: number;
}

/**
 * Finds the leadership that at least `majority` votes agree on. The leader's own word must be among them: followers
 * believe in a dead leader for up to an election timeout.
 */
export function agreedOn(votes: readonly Vote[], majority: number): Agreed | undefined {
  for (const { id, leader, term } of votes) {
    if (leader !== id) continue;
    const followers = votes.filter((vote) => vote.leader === leader && vote.term === term).length;
    if (followers >= majority) return { leader, term };
  }
  return undefined;
}

/** The most votes that agree on any one leadership, confirmed by the leader or not. */
export function mostVotes(votes: readonly Vote[]): number {
  const counts = new Map<string, number>();
  for (const { leader, term } of votes) {
    if (leader !== undefined) counts.set(`${leader} ${term}`, (counts.get(`${leader} ${term}`) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** Who led, over time: tells of each change. */
export class LeaderHistory {
  /** When the newest question was asked that found a leader; at first, when the history began. */
  agreedMs: number;
  readonly #context: Pick<ProbeContext, 'milestone' | 'clock'>;
  readonly #voters: Pick<EtcdVoters, 'now'>;
  #state: string | undefined;
  /** When the newest question was asked that has been looked at. */
  #newestMs = -Infinity;
  #term = 0;

  constructor(context: Pick<ProbeContext, 'milestone' | 'clock'>, voters: Pick<EtcdVoters, 'now'>) {
    this.#context = context;
    this.#voters = voters;
    this.agreedMs = context.clock.now();
  }

  /**
   * Takes the outcome of the question that was asked at `startMs`; those of older questions come too late.
   *
   * @param seenMs when the last answer came: silence is known later than it is true
   */
  saw(agreed: Agreed | undefined, startMs: number, seenMs: number): void {
    if (startMs < this.#newestMs) return;
    if (agreed) {
      this.agreedMs = startMs;
      this.#term = Math.max(this.#term, agreed.term);
    }
    const state = agreed ? `${agreed.leader} ${agreed.term}` : 'none';
    if (state !== this.#state) {
      const name = agreed ? (this.#voters.now().find((voter) => voter.id === agreed.leader)?.name ?? agreed.leader) : 'none';
      this.#context.milestone({
        facet: 'leader',
        subject: 'cluster',
        state: name,
        detail: { term: agreed?.term ?? this.#term },
        notYet: this.#state === undefined ? null : this.#newestMs,
        seen: Math.max(startMs, seenMs),
        source: 'etcd',
      });
      this.#state = state;
    }
    this.#newestMs = startMs;
  }
}
