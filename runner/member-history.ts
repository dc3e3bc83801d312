import type { VoterAnswer } from './etcd-voters.ts';
import type { ProbeContext } from './probe.ts';

/** `behind`: it answers, but lacks entries, or follows nobody. */
export type MemberState = 'up' | 'behind' | 'down';

/** A round of questions, one to each member. */
export interface Round {
  readonly startMs: number;
  /** The highest log index that was known to be committed when the round began: who lacks it is behind. */
  readonly committed: number;
  readonly term: number;
  /** When the last answer came: that somebody is silent is known later than it is true. */
  arrivedMs: number;
}

interface Known {
  state: MemberState;
  /** When the newest round began whose answer has been looked at. */
  newestMs: number;
}

/** What each member's state was, over time: tells of each change. */
export class MemberHistory {
  readonly #context: Pick<ProbeContext, 'milestone' | 'clock'>;
  readonly #maxLag: number;
  readonly #known = new Map<string, Known>();
  #committed = 0;
  #term = 0;

  constructor(context: Pick<ProbeContext, 'milestone' | 'clock'>, maxLag: number) {
    this.#context = context;
    this.#maxLag = maxLag;
  }

  begin(startMs: number): Round {
    return { startMs, committed: this.#committed, term: this.#term, arrivedMs: startMs };
  }

  /** Takes a member's answer of that round; gives the state that it shows. */
  saw(round: Round, { voter, status, why }: VoterAnswer): MemberState {
    const lag = status ? Math.max(0, round.committed - status.raftIndex) : 0;
    const state = status ? this.#stateOf(round, status, lag) : 'down';
    if (status) {
      round.arrivedMs = this.#context.clock.now();
      this.#committed = Math.max(this.#committed, status.raftIndex);
      this.#term = Math.max(this.#term, status.term);
    }
    const before = this.#known.get(voter.id);
    if (before && round.startMs < before.newestMs) return state;
    if (before?.state !== state) {
      this.#context.milestone({
        facet: 'member',
        subject: voter.name,
        state,
        detail: status ? { role: roleOf(voter, status), term: status.term, raftIndex: status.raftIndex, lag } : { why },
        notYet: before?.newestMs ?? null,
        seen: round.arrivedMs,
        source: 'etcd',
      });
    }
    this.#known.set(voter.id, { state, newestMs: round.startMs });
    return state;
  }

  #stateOf(round: Round, status: { leader: string | undefined; term: number }, lag: number): MemberState {
    const follows = status.leader !== undefined && status.term >= round.term;
    return follows && lag <= this.#maxLag ? 'up' : 'behind';
  }
}

function roleOf(voter: VoterAnswer['voter'], { leader }: NonNullable<VoterAnswer['status']>): string {
  if (leader === undefined) return 'without a leader';
  return leader === voter.id ? 'leader' : 'follower';
}
