import type { Change } from './changes.ts';
import type { Journal } from './journal-file.ts';
import type { World } from './world.ts';

/**
 * From now on, each call that changes something is an entry of the journal; those made while the run was planned come first.
 *
 * @returns what was recorded, which grows
 */
export function recordChanges(world: World, journal: Journal): readonly Change[] {
  const { aws, kubernetes } = world.environment;
  const recorded: Change[] = [];
  if (!aws && !kubernetes) return recorded;
  world.onChange((change) => {
    recorded.push(change);
    const { sentMs, endedMs: _, act, ...body } = change;
    journal.append('change', { ...body, from: journal.runTime(sentMs), ...act });
  });
  return recorded;
}
