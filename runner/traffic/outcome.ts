/** How a request may fail. */
export const failureKinds = ['refused', 'reset', 'timeout', 'unreachable', 'dns', 'tls', '5xx', 'wrong answer'] as const;
export type FailureKind = (typeof failureKinds)[number];

/**
 * What became of one request. `unknown`: the harness itself could not send it, or could not have heard its answer; nobody
 * can say what the service would have done.
 */
export type Outcome = 'ok' | FailureKind | 'unknown';

/** An answer as it was heard, whether or not it is as expected. */
export interface HeardAnswer {
  readonly status: number;
  /** At most its first {@link mostHeard} characters. */
  readonly body: string;
}

/** Answers wait for each other, and there may be many. */
export const mostHeard = 65_536;

/** Sends requests that are all alike. */
export interface Sender {
  /**
   * Sends one. Keeps no deadline and tries nothing twice.
   *
   * @param done called at most once, with what became of it, and with its answer where the sender is one that hears; not any
   *   more once it was cancelled
   * @returns cancels it: its connection is closed
   */
  send(done: (outcome: Outcome, answer?: HeardAnswer) => void): () => void;
  /** Closes all connections. */
  close(): void;
}
