import { ApiError } from './api-error.ts';

/**
 * Keys to be looked at. A key says only *that* something may be wrong with an object, never what: whoever works on it looks
 * at the whole state. So a key that is added ten times before its turn is worked on once, and one that is added while it is
 * worked on is worked on again afterwards.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key later. Of several such additions of a key the earliest counts: whoever works on it then says when it is due again. */
  addAfter(key: string, delayMs: number): void;
  /** Takes nothing more, and waits for what is being worked on. */
  close(): Promise<void>;
}

export interface WorkQueueOptions {
  readonly name: string;
  /** Works on one key; what it throws is logged, and the key comes again after its back-off. */
  readonly work: (key: string) => Promise<void>;
  /** How many keys are worked on at the same time; never twice the same. 4 unless told. */
  readonly workers?: number;
  /** Pauses of a key that failed, doubled each time; 10 ms to 10 s unless told. */
  readonly backOff?: { readonly minMs: number; readonly maxMs: number };
  readonly log?: (line: string) => void;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { name, work, workers = 4, backOff = { minMs: 10, maxMs: 10_000 }, log = () => {} } = options;
  const waiting = new Set<string>();
  const busy = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const alarms = new Map<string, { timer: NodeJS.Timeout; dueMs: number }>();
  let closed = false;

  const next = (): void => {
    for (const key of waiting) {
      if (closed || busy.size >= workers) return;
      waiting.delete(key);
      busy.set(key, attempt(key));
    }
  };
  const attempt = async (key: string): Promise<void> => {
    // What else happens in this turn of the event loop belongs to the same state: look at it once.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    try {
      await work(key);
      failures.delete(key);
    } catch (error) {
      const failed = (failures.get(key) ?? 0) + 1;
      failures.set(key, failed);
      // Conflicts belong to the game: somebody was faster, and the newer state is on its way.
      if (!(error instanceof ApiError && error.code === 409)) log(`${name} ${key}: ${describe(error)}`);
      addAfter(key, Math.min(backOff.minMs * 2 ** (failed - 1), backOff.maxMs));
    }
    busy.delete(key);
    if (again.delete(key)) waiting.add(key);
    next();
  };
  const add = (key: string): void => {
    if (closed) return;
    if (busy.has(key)) again.add(key);
    else waiting.add(key);
    next();
  };
  const addAfter = (key: string, delayMs: number): void => {
    if (closed) return;
    if (delayMs <= 0) return add(key);
    const dueMs = performance.now() + delayMs;
    const before = alarms.get(key);
    if (before && before.dueMs <= dueMs) return;
    clearTimeout(before?.timer);
    const ring = (): void => {
      alarms.delete(key);
      add(key);
    };
    alarms.set(key, { timer: setTimeout(ring, Math.min(delayMs, longestTimerMs)), dueMs });
  };

  return {
    add,
    addAfter,
    async close() {
      closed = true;
      waiting.clear();
      again.clear();
      for (const { timer } of alarms.values()) clearTimeout(timer);
      alarms.clear();
      await Promise.all(busy.values());
    },
  };
}

/** The longest delay that a timer can have; a key that comes too early is harmless. */
const longestTimerMs = 2 ** 31 - 1;

/** An expected failure in one line; anything else with its stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ApiError || error.name === 'ConnectionError' ? error.message : (error.stack ?? error.message);
}
