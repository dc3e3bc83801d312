export interface RetryBudgetOptions {
  /** So many retries a second are always allowed. */
  readonly minRetriesPerSec: number;
  /** And this share of the requests: 0.2 is one in five. */
  readonly percentCanRetry: number;
  /** How long a request counts. */
  readonly ttlMs: number;
}

/** The defaults of linkerd 1.x. */
export const usualRetryBudget: RetryBudgetOptions = { minRetriesPerSec: 10, percentCanRetry: 0.2, ttlMs: 10_000 };

/** How many retries a service may cause: so that retries never become most of the load of one that is in trouble. */
export interface RetryBudget {
  /** A request came, for the first time. */
  deposit(nowMs: number): void;
  /** @returns false when there is none left */
  withdraw(nowMs: number): boolean;
}

const slots = 10;

/** Counts in a window that moves by a tenth of its length. */
export function createRetryBudget({ minRetriesPerSec, percentCanRetry, ttlMs }: RetryBudgetOptions): RetryBudget {
  const slotMs = ttlMs / slots;
  const requests = new Float64Array(slots);
  const retries = new Float64Array(slots);
  let current = 0;

  const slotAt = (nowMs: number): number => {
    const wanted = Math.floor(nowMs / slotMs);
    for (let slot = Math.max(current + 1, wanted - slots + 1); slot <= wanted; slot++) {
      requests[slot % slots] = 0;
      retries[slot % slots] = 0;
    }
    current = Math.max(current, wanted);
    return current % slots;
  };
  const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);
  return {
    deposit: (nowMs) => void requests[slotAt(nowMs)]!++,
    withdraw(nowMs) {
      const slot = slotAt(nowMs);
      const allowed = (minRetriesPerSec * ttlMs) / 1_000 + percentCanRetry * sum(requests);
      if (sum(retries) + 1 > allowed) return false;
      retries[slot]!++;
      return true;
    },
  };
}
