/** The timers of one lab, so that all of them end with it. */
export interface Timers {
  after(delayMs: number, action: () => void): void;
  /** Repeats until the returned function is called. */
  every(periodMs: number, action: () => void): () => void;
  /** Resolves after the delay; never, when the timers are closed before. */
  delay(delayMs: number): Promise<void>;
  close(): void;
}

/** @param failed hears of an action that threw: one that fails must not end the lab. */
export function createTimers(failed: (error: unknown) => void): Timers {
  const timeouts = new Set<NodeJS.Timeout>();
  const intervals = new Set<NodeJS.Timeout>();
  let closed = false;

  const guarded = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      failed(error);
    }
  };

  const after = (delayMs: number, action: () => void): void => {
    if (closed) return;
    const timeout = setTimeout(() => {
      timeouts.delete(timeout);
      guarded(action);
    }, delayMs);
    timeouts.add(timeout);
  };

  return {
    after,
    every(periodMs, action) {
      if (closed) return () => {};
      const interval = setInterval(() => guarded(action), periodMs);
      intervals.add(interval);
      return () => {
        clearInterval(interval);
        intervals.delete(interval);
      };
    },
    delay: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    close() {
      closed = true;
      for (const timeout of timeouts) clearTimeout(timeout);
      for (const interval of intervals) clearInterval(interval);
      timeouts.clear();
      intervals.clear();
    },
  };
}
