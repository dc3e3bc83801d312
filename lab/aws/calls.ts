/** One call that was answered, as an audit trail would keep it. */
export interface Call {
  readonly at: Date;
  readonly service: string;
  readonly action: string;
  readonly requestId: string;
  /** Who signed it; undefined when nobody did. */
  readonly principal: string | undefined;
  readonly userAgent: string;
  readonly status: number;
  /** The error's code, when it failed. */
  readonly error: string | undefined;
  readonly tookMs: number;
}

export interface CallLog {
  add(call: Call): void;
  /** Oldest first; only the last few thousand are kept. */
  list(): Call[];
  /** How many calls there ever were, by `service:Action`. */
  counts(): Record<string, number>;
}

const mostCalls = 4_000;

export function createCallLog(): CallLog {
  const ring: Call[] = [];
  let next = 0;
  const counts = new Map<string, number>();
  return {
    add(call) {
      ring[next] = call;
      next = (next + 1) % mostCalls;
      const name = `${call.service}:${call.action}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    list: () => (ring.length < mostCalls ? [...ring] : [...ring.slice(next), ...ring.slice(0, next)]),
    counts: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
