import { boundClient } from './bounded.ts';
import type { Client } from './client.ts';
import { createInformers, type Informers } from './informers.ts';
import { standForElection, type ElectionOptions } from './leader-election.ts';

/** What a leader works with for as long as it leads. */
export interface Term {
  /** Fails when the term is over: whoever was in the middle of something writes no more. */
  readonly client: Client;
  readonly informers: Informers;
  readonly log: (line: string) => void;
}

/** Something that runs until it is closed. */
export interface Running {
  close(): Promise<void>;
}

export type Candidate = Omit<ElectionOptions, 'namespace' | 'lead'>;

/**
 * Stands for election by a Lease in `kube-system`, and runs something while it leads.
 *
 * @param lead starts it, on a client and informers that end with the term
 */
export function runWhileLeading(candidate: Candidate, lead: (term: Term) => Running): Running {
  const { client, log = () => {} } = candidate;
  return standForElection({
    ...candidate,
    namespace: 'kube-system',
    async lead() {
      const closing = new AbortController();
      const bound = boundClient(client, closing.signal);
      const informers = createInformers(bound, { log });
      const running = lead({ client: bound, informers, log });
      return {
        async close() {
          closing.abort();
          informers.close();
          await running.close();
        },
      };
    },
  });
}
