import type { Clock } from '../clock.ts';
import { isLook } from './aws.ts';

/** Calls on an API by action, and how they came. */
export interface CallCounts {
  readonly byAction: ReadonlyMap<string, number>;
  /** The most calls that were made within any one second. */
  mostInASecond(): number;
}

export interface CallPace extends CallCounts {
  /** Resolves when the call may be made; it counts from then on. */
  turn(action: string): Promise<void>;
}

const secondMs = 1_000;
/** One below what a report may show at most: timers are a little late, and push calls into the next second. */
const mostInASecond = 9;

/**
 * Spreads the calls of a run, retries included: never more than nine in any second, as the services throttle accounts, not
 * callers. Calls that change something go before those that look.
 */
export function callPace(clock: Clock): CallPace {
  const byAction = new Map<string, number>();
  /** When the last calls were made, oldest first. */
  const made: number[] = [];
  const waiting: { urgent: boolean; go: () => void; action: string }[] = [];
  let most = 0;
  let armed = false;

  const forget = (nowMs: number): void => {
    while (made.length > 0 && made[0]! <= nowMs - secondMs) made.shift();
  };
  const make = (action: string, nowMs: number): void => {
    made.push(nowMs);
    most = Math.max(most, made.length);
    byAction.set(action, (byAction.get(action) ?? 0) + 1);
  };
  const serve = (): void => {
    armed = false;
    const nowMs = clock.now();
    forget(nowMs);
    while (waiting.length > 0 && made.length < mostInASecond) {
      const urgent = waiting.findIndex((one) => one.urgent);
      const [next] = waiting.splice(Math.max(0, urgent), 1);
      make(next!.action, nowMs);
      next!.go();
    }
    arm();
  };
  const arm = (): void => {
    if (armed || waiting.length === 0) return;
    armed = true;
    clock.schedule((made[0] ?? clock.now()) + secondMs + 1, serve);
  };

  return {
    byAction,
    mostInASecond: () => most,
    async turn(action) {
      const nowMs = clock.now();
      forget(nowMs);
      if (waiting.length === 0 && made.length < mostInASecond) {
        make(action, nowMs);
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ urgent: !isLook(action), go: resolve, action });
      arm();
      await promise;
    },
  };
}
