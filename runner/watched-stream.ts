import type { WatchedCollection, WatchedObject } from './cluster-watch.ts';
import type { Clock } from './clock.ts';
import { scheduleOnceRead } from './patience.ts';
import type { Answer, ProbeStream, Turn } from './probe.ts';

export interface WatchedStreamInput {
  readonly name: string;
  readonly clock: Clock;
  /** How long a question may take, in milliseconds. */
  readonly timeoutMs: number;
  /** All that `judge` looks at. */
  readonly collections: readonly Watched[];
  /** What there is to say of the collections as they are now. */
  judge(): Answer;
}

type Watched = Pick<WatchedCollection<WatchedObject>, 'doubt' | 'settled' | 'onChange'>;

/**
 * A stream that answers from what is watched: at once while that is known to be true; else it waits until it is, and says
 * that it can't tell when the question's time is over. A change that turns the answer is told as it arrives.
 */
export function watchedStream({ name, clock, timeoutMs, collections, judge }: WatchedStreamInput): ProbeStream {
  /** What was last known. */
  let last: Answer | undefined;

  const settle = async (signal: AbortSignal): Promise<boolean> => {
    const late = new AbortController();
    // A little sooner than the question itself ends, so that the reason can be given.
    const takeBack = scheduleOnceRead(clock, clock.now() + timeoutMs * 0.9, () => late.abort(new Error('too late')));
    const stop = AbortSignal.any([signal, late.signal]);
    try {
      while (collections.some((one) => one.doubt() !== undefined)) await Promise.all(collections.map((one) => one.settled(stop)));
      return true;
    } catch (error) {
      if (!stop.aborted) throw error;
      return false;
    } finally {
      takeBack();
    }
  };

  return {
    name,
    async ask(signal) {
      if (collections.some((one) => one.doubt() !== undefined) && !(await settle(signal))) {
        return { value: 'unknown', why: collections.map((one) => one.doubt()).find((why) => why !== undefined) ?? 'known too late' };
      }
      last = judge();
      return last;
    },
    follow(tell: (turn: Turn) => void) {
      const ends = collections.map((one) =>
        one.onChange(({ live, notYetMs, seenMs }) => {
          // After a gap changes come one by one, and what they make in between was never so.
          if (!live) return;
          const is = judge();
          const was = last;
          last = is;
          if (was && was.value !== is.value) tell({ was, notYetMs, is, seenMs });
        }),
      );
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
