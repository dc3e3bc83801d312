import type { EtcdFleet, EtcdListed, EtcdMemberClient, EtcdSelf } from './clients/etcd.ts';
import type { Clock } from './clock.ts';
import { ExpectedError, messageOf } from './errors.ts';
import { isEndpointOf } from './look.ts';
import type { ProbeContext } from './probe.ts';

/** A member with a vote, by the live member list. */
export interface Voter {
  readonly id: string;
  readonly name: string;
  /** Undefined when the environment file has no endpoint for it: then it can't be asked. */
  readonly client: EtcdMemberClient | undefined;
}

/** A member's own word, checked to be that of the member that is meant. */
export interface VoterAnswer {
  readonly voter: Voter;
  readonly status: EtcdSelf | undefined;
  /** Why there is no status. */
  readonly why: string;
}

/** The list is asked for again after this time, in milliseconds. */
const refreshMs = 5000;
const dialTimeoutMs = 3000;
const listTimeoutMs = 8000;

/** The voters as the members tell them, kept while none can. Learners have no vote. */
export class EtcdVoters {
  readonly #fleet: EtcdFleet;
  readonly #clock: Clock;
  #clusterId: string;
  #voters: readonly Voter[];
  #askedMs: number;
  #turn = 0;
  #refreshing = false;

  private constructor(fleet: EtcdFleet, clock: Clock, first: { clusterId: string; listed: readonly EtcdListed[] }) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#clusterId = first.clusterId;
    this.#voters = toVoters(first.listed, fleet);
    this.#askedMs = clock.now();
  }

  /** @throws ExpectedError when no member tells the list, or none of the voters has an endpoint */
  static async open({ world, clock, name }: Pick<ProbeContext, 'world' | 'clock' | 'name'>): Promise<EtcdVoters> {
    const fleet = await world.etcd();
    await fleet.warm(dialTimeoutMs);
    try {
      const first = await Promise.any(
        fleet.members.map(async (member) => {
          const { clusterId } = await member.status(listTimeoutMs);
          return { clusterId, listed: await member.members(listTimeoutMs) };
        }),
      );
      const voters = new EtcdVoters(fleet, clock, first);
      if (voters.now().some((voter) => voter.client)) return voters;
    } catch (error) {
      throw new ExpectedError(`probe ${name}: no etcd member tells the member list (${messageOf(error)})`, undefined, { cause: error });
    }
    throw new ExpectedError(`probe ${name}: none of the environment file's etcd.endpoints is in the clients' URLs of the member list`);
  }

  /** The voters now. Asks for the list again when it is old, without waiting for it. */
  now(): readonly Voter[] {
    if (this.#clock.now() - this.#askedMs > refreshMs && !this.#refreshing) {
      this.#refreshing = true;
      this.#askedMs = this.#clock.now();
      this.#refresh().then(
        () => {
          this.#refreshing = false;
        },
        () => {
          // Nobody tells it now: the list stays as it was, and the next member is asked next time.
          this.#refreshing = false;
        },
      );
    }
    return this.#voters;
  }

  async #refresh(): Promise<void> {
    const members = this.#fleet.members;
    this.#turn += 1;
    const listed = await members[this.#turn % members.length]!.members(listTimeoutMs);
    if (listed.length > 0) this.#voters = toVoters(listed, this.#fleet);
  }

  /** Asks one voter. Never throws: no answer is an answer too. */
  async ask(voter: Voter, timeoutMs: number): Promise<VoterAnswer> {
    if (!voter.client) return { voter, status: undefined, why: 'no endpoint' };
    try {
      const status = await voter.client.status(timeoutMs);
      const isIt = status.memberId === voter.id && status.clusterId === this.#clusterId;
      return isIt ? { voter, status, why: '' } : { voter, status: undefined, why: 'another member answers in its place' };
    } catch (error) {
      return { voter, status: undefined, why: messageOf(error) };
    }
  }
}

function toVoters(listed: readonly EtcdListed[], fleet: EtcdFleet): Voter[] {
  return listed
    .filter((member) => !member.learner)
    .map((member) => {
      const client = fleet.members.find((candidate) => isEndpointOf(member, candidate));
      return { id: member.id, name: client?.name ?? (member.name || member.id), client };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Names for a reason: all of a few, the first of many. */
export function namesOf(names: readonly string[]): string {
  const shown = 5;
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}
