import { drawText, type Draw, type Gameday, type GamedayStep, type OnBroken, type OnNoGo } from '../../scenarios/gameday.ts';
import { settingTexts } from '../../scenarios/settings.ts';
import { ExpectedError } from '../errors.ts';
import { seeded, type Rng } from '../rng.ts';

/** A drill that may be drawn, as the command line takes it. */
export interface Candidate {
  readonly drill: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** Something of the day, in its order. */
export type PlannedStep = PlannedDrill | PlannedPause | PlannedQuestion;

export interface PlannedDrill {
  readonly kind: 'drill';
  /** As the command line takes it: a name of the catalogue, or a path. */
  readonly drill: string;
  readonly title: string;
  /** `name=value`, one for each parameter that is set. */
  readonly set: readonly string[];
  readonly seed: number;
  /** What it was drawn by, as the file says it; null when the file names it. */
  readonly drawnBy: string | null;
  /** The question before it in the file's words; null when it has none of its own. */
  readonly ask: string | null;
  readonly countdownMs: number;
  readonly onBroken: OnBroken;
  readonly onNoGo: OnNoGo;
}

export interface PlannedPause {
  readonly kind: 'pause';
  readonly forMs: number;
}

export interface PlannedQuestion {
  readonly kind: 'question';
  readonly ask: string;
}

/**
 * Draws drills: different ones, in the order in which they were drawn.
 *
 * @param candidates those of the catalogue, for a draw by tag; those named are found by their names
 * @throws ExpectedError when there are too few
 */
export function drawDrills(draw: Draw, candidates: readonly Candidate[], rng: Rng): Candidate[] {
  const { pick, of } = draw;
  const fit = 'tag' in of ? candidates.filter(({ tags }) => tags.includes(of.tag)) : of.drills.flatMap((name) => candidates.filter(({ drill }) => drill === name));
  if (fit.length < pick) {
    const there = fit.length === 0 ? 'there is none' : `there ${fit.length === 1 ? 'is' : 'are'} only ${fit.map(({ drill }) => drill).join(', ')}`;
    throw new ExpectedError(`the draw "${drawText(draw)}" finds too few drills that this environment can run: ${there}`);
  }
  return rng.sample(fit, pick);
}

/** What the drills of a file are called by, and what they are. */
export interface Drills {
  /** That the file names, by its word for it. */
  named(drill: string): Candidate;
  /** Of which a draw by tag takes some. */
  readonly catalogue: readonly Candidate[];
}

/**
 * What is done today, in order: each draw drawn, each drill with a seed of its own. The same seed gives the same day.
 *
 * @param seed of the day
 * @throws ExpectedError when the file has no day, or a draw finds too few
 */
export function planDay(gameday: Gameday, drills: Drills, seed: number): PlannedStep[] {
  if (!gameday.drills) throw new ExpectedError(`game day ${gameday.name} has no drills, only a schedule: firedrill gameday schedule`);
  const rng = seeded(seed);
  const steps = gameday.drills.flatMap((step) => stepsOf(step, gameday, drills, rng));
  // After all draws, so that a question or a pause more changes no target.
  return steps.map((step) => (step.kind === 'drill' ? { ...step, seed: Math.floor(rng.next() * 2 ** 32) } : step));
}

function stepsOf(step: GamedayStep, gameday: Gameday, drills: Drills, rng: Rng): PlannedStep[] {
  if (step.pause !== undefined) return [{ kind: 'pause', forMs: step.pause }];
  const chosen = step.drill !== undefined ? [drills.named(step.drill)] : step.draw ? drawDrills(byCommand(step.draw, drills), candidatesOf(step.draw, drills), rng) : [];
  if (chosen.length === 0) return [{ kind: 'question', ask: step.ask! }];
  return chosen.map(({ drill, title }) => ({
    kind: 'drill',
    drill,
    title,
    set: settingTexts(step.set),
    seed: 0,
    drawnBy: step.draw ? drawText(step.draw) : null,
    ask: step.ask ?? null,
    countdownMs: step.countdown ?? gameday.countdown,
    onBroken: step.onBroken ?? gameday.onBroken,
    onNoGo: step.onNoGo ?? gameday.onNoGo,
  }));
}

function byCommand(draw: Draw, { named }: Drills): Draw {
  return 'tag' in draw.of ? draw : { ...draw, of: { drills: draw.of.drills.map((name) => named(name).drill) } };
}

function candidatesOf({ of }: Draw, { named, catalogue }: Drills): readonly Candidate[] {
  return 'tag' in of ? catalogue : of.drills.map(named);
}
