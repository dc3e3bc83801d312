import { drawText, type Draw, type GamedaySlot } from '../../scenarios/gameday.ts';
import { ExpectedError } from '../errors.ts';
import { seeded, seedFor } from '../rng.ts';
import type { Slot } from './slots.ts';

/** A drill of a slot, as `firedrill run` is told. */
export interface SlotDrill {
  readonly drill: string;
  /** `name=value`, one for each parameter that is set. */
  readonly set: readonly string[];
  readonly seed: number;
}

/**
 * The drills of a slot, in order. Its key draws them and their seeds: the same after a restart.
 *
 * @param tagged the drills of the catalogue that have a tag, in order
 * @param named a drill as the command line takes it, for one as the file names it
 * @throws ExpectedError when a draw finds too few
 */
export function drillsOf(slot: Pick<Slot, 'key'>, spec: Pick<GamedaySlot, 'drills' | 'draw'>, tagged: (tag: string) => readonly string[], named: (drill: string) => string): SlotDrill[] {
  const chosen = spec.draw ? drawn(slot, spec.draw, tagged).map((drill) => ({ drill, set: {} })) : (spec.drills ?? []);
  return chosen.map(({ drill, set = {} }, index) => ({
    drill: named(drill),
    set: Object.entries(set).map(([name, value]) => `${name}=${value}`),
    seed: seedFor(index, `drill ${slot.key}`),
  }));
}

function drawn({ key }: Pick<Slot, 'key'>, draw: Draw, tagged: (tag: string) => readonly string[]): string[] {
  const from = 'tag' in draw.of ? tagged(draw.of.tag) : draw.of.drills;
  if (from.length < draw.pick) throw new ExpectedError(`the draw "${drawText(draw)}" finds too few drills: ${from.join(', ') || 'none'}`);
  return seeded(seedFor(0, `draw ${key}`)).sample(from, draw.pick);
}
