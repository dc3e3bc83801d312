import { formatDuration } from '../../scenarios/duration.ts';
import type { Clock } from '../../runner/clock.ts';

/** Besides each full minute: how many milliseconds before the end it is said. */
const saidMs = [30_000, 10_000, 5_000, 4_000, 3_000, 2_000, 1_000];

/**
 * Counts down, and says how long it still is: at each minute, and each second towards the end.
 *
 * @param what what begins then: `“Lose the leader” begins`
 * @throws the reason of `stop` when that aborts
 */
export async function countDown(forMs: number, what: string, clock: Clock, say: (text: string) => void, stop: AbortSignal): Promise<void> {
  const untilMs = clock.now() + forMs;
  const minutes = Array.from({ length: Math.floor(forMs / 60_000) }, (_, index) => (index + 1) * 60_000).reverse();
  const moments = [...new Set([forMs, ...minutes, ...saidMs])].filter((leftMs) => leftMs <= forMs && leftMs > 0).sort((a, b) => b - a);
  for (const leftMs of moments) {
    await clock.sleep(untilMs - leftMs - clock.now(), stop);
    say(`${what} in ${formatDuration(leftMs)}${leftMs === forMs ? '; Ctrl-C ends the day' : ''}`);
  }
  await clock.sleep(untilMs - clock.now(), stop);
}
