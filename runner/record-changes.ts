import type { Journal } from './journal-file.ts';
import type { World } from './world.ts';

/** From now on, each call that changes something is an entry of the journal; those made while the run was planned come first. */
export function recordChanges(world: World, journal: Journal): void {
  const { aws, kubernetes } = world.environment;
  if (!aws && !kubernetes) return;
  world.onChange(({ sentMs, endedMs: _, act, ...change }) => journal.append('change', { ...change, from: journal.runTime(sentMs), ...act }));
}
