import { withDefaults, type Kinds } from '../../runner/kinds.ts';
import { catalogue, findDrill } from '../../scenarios/find.ts';
import type { GamedaySlot } from '../../scenarios/gameday.ts';
import { loadScenario } from '../../scenarios/load.ts';

/** The drills of the catalogue by their tags; loaded only when a draw of the schedule asks for a tag. */
export async function taggedDrills(schedule: readonly GamedaySlot[], kinds: Kinds): Promise<(tag: string) => string[]> {
  if (!schedule.some(({ draw }) => draw && 'tag' in draw.of)) return () => [];
  const drills = await Promise.all(
    (await catalogue()).map(async (name) => {
      const { text, file } = await findDrill(name);
      return { name, tags: withDefaults(loadScenario(text, { file, vocabulary: kinds, catalogueName: name }), kinds).tags };
    }),
  );
  return (tag) => drills.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name);
}
