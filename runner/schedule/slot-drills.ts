import type { Draw, GamedaySlot } from '../../scenarios/gameday.ts';
import { settingTexts } from '../../scenarios/settings.ts';
import { drawDrills, type Candidate } from '../gameday/draw.ts';
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
 * @param catalogue for a draw by tag
 * @param named a drill as the command line takes it, for one as the file names it
 * @throws ExpectedError when a draw finds too few
 */
export function drillsOf(slot: Pick<Slot, 'key'>, spec: Pick<GamedaySlot, 'drills' | 'draw'>, catalogue: readonly Candidate[], named: (drill: string) => string): SlotDrill[] {
  const chosen: NonNullable<GamedaySlot['drills']> = spec.draw ? drawn(slot, spec.draw, catalogue).map((drill) => ({ drill })) : (spec.drills ?? []);
  return chosen.map(({ drill, set }, index) => ({
    drill: named(drill),
    set: settingTexts(set),
    seed: seedFor(index, `drill ${slot.key}`),
  }));
}

function drawn({ key }: Pick<Slot, 'key'>, draw: Draw, catalogue: readonly Candidate[]): string[] {
  const candidates = 'tag' in draw.of ? catalogue : draw.of.drills.map((drill) => ({ drill, title: '', tags: [] }));
  return drawDrills(draw, candidates, seeded(seedFor(0, `draw ${key}`))).map(({ drill }) => drill);
}
