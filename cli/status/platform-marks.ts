import { connect } from '../../runner/clients/connect.ts';
import { realClock } from '../../runner/clock.ts';
import { lookForMarks, nameOf } from '../../runner/marked-things.ts';
import { checkCluster, requireAccount } from '../../runner/recover.ts';
import type { Broken } from '../../runner/schedule/status.ts';
import type { ChosenEnvironment } from '../environment-file.ts';
import { mask } from '../secrets.ts';
import { version } from '../version.ts';

/**
 * What carries marks of firedrill on a platform, as `firedrill recover --sweep` would find it. Only looks.
 *
 * @param underWay runs that are alive: what they have marked is theirs
 * @throws Refused when this is another account or cluster
 */
export async function platformMarks({ environment, file }: ChosenEnvironment, underWay: readonly string[]): Promise<{ broken: Broken[]; unknown: string[] }> {
  const world = connect(environment, { version: version(), clock: realClock, mask });
  try {
    await requireAccount(world);
    const { seen, unseen } = await lookForMarks(world, () => checkCluster(world));
    const here = seen.filter(({ mark: { note, run } }) => !underWay.includes(run) && (note === undefined || note.environment === environment.name));
    const faults = Map.groupBy(here, ({ mark: { run, fault } }) => `fault ${fault || '(unknown)'} of run ${run || '(unknown)'}`);
    return {
      broken: [...faults].map(([what, things]) => ({ what: `${what} has left its marks on ${things.map(nameOf).join(', ')}`, todo: `firedrill recover --sweep --env ${file}` })),
      unknown: unseen.map(({ what, why }) => `${what} could not be looked through: ${why}`),
    };
  } finally {
    await world.close();
  }
}
