export interface FailureAccrualOptions {
  /** So many failures in a row mark an endpoint as dead. */
  readonly failures: number;
  /** The pause before a dead one is tried again: the first, and the longest. */
  readonly backOff: { readonly minMs: number; readonly maxMs: number };
}

/** linkerd 1.x: `io.l5d.consecutiveFailures` with 5 failures, and a jittered back-off from 5 s to 300 s. */
export const usualFailureAccrual: FailureAccrualOptions = { failures: 5, backOff: { minMs: 5_000, maxMs: 300_000 } };

/** `probation`: its pause is over, and one request decides. */
export type EndpointState = 'alive' | 'dead' | 'probation';

/** The circuit breaker of one endpoint. */
export interface FailureAccrual {
  state(nowMs: number): EndpointState;
  /** Whether it should get a request: it is alive, or on probation with none under way. */
  isOpen(nowMs: number): boolean;
  /** It gets a request. */
  begin(nowMs: number): void;
  succeeded(): void;
  failed(nowMs: number): void;
  /** The request was given up by its client: it tells nothing. */
  abandoned(): void;
}

/** What is worth counting. */
export interface AccrualEvents {
  removed(): void;
  revived(): void;
  probed(): void;
}

export function createFailureAccrual({ failures, backOff }: FailureAccrualOptions, events: AccrualEvents): FailureAccrual {
  let inARow = 0;
  let deadUntilMs: number | undefined;
  let pauseMs = 0;
  let probing = false;

  const state = (nowMs: number): EndpointState => (deadUntilMs === undefined ? 'alive' : nowMs < deadUntilMs ? 'dead' : 'probation');
  /** Decorrelated jitter: from the shortest pause to three times the last one. */
  const lie = (nowMs: number): void => {
    pauseMs = pauseMs === 0 ? backOff.minMs : Math.min(backOff.maxMs, backOff.minMs + Math.random() * (pauseMs * 3 - backOff.minMs));
    deadUntilMs = nowMs + pauseMs;
    probing = false;
  };
  return {
    state,
    isOpen: (nowMs) => state(nowMs) === 'alive' || (state(nowMs) === 'probation' && !probing),
    begin(nowMs) {
      if (state(nowMs) !== 'probation' || probing) return;
      probing = true;
      events.probed();
    },
    succeeded() {
      if (deadUntilMs !== undefined) events.revived();
      [inARow, deadUntilMs, pauseMs, probing] = [0, undefined, 0, false];
    },
    failed(nowMs) {
      inARow += 1;
      if (deadUntilMs === undefined && inARow >= failures) {
        lie(nowMs);
        events.removed();
      } else if (probing) lie(nowMs);
    },
    abandoned: () => void (probing = false),
  };
}
