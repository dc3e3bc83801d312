import { connect } from '../runner/clients/connect.ts';
import { realClock } from '../runner/clock.ts';
import { examine } from '../runner/doctor.ts';
import { exitCodes, ExpectedError } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';
import { rightsOf } from '../runner/rights.ts';
import { catalogue } from '../scenarios/find.ts';
import { chooseDrill } from './drill.ts';
import { chooseEnvironment } from './environment-file.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

export interface DoctorOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly set: readonly string[];
}

/**
 * `firedrill doctor`: whether the platform grants what drills need.
 *
 * @param drills names or paths; the whole catalogue when empty
 * @returns 0 when nothing is missing, 3 when something is
 * @throws ExpectedError when no platform is named, or it can't be asked
 */
export async function doctorCommand(drills: readonly string[], options: DoctorOptions): Promise<number> {
  const kinds = await loadKinds();
  const names = drills.length > 0 ? drills : await catalogue();
  const chosen = await chooseEnvironment(options);
  if (!chosen) throw new ExpectedError('say which platform to look at, with --env or --lab');
  const scenarios = await Promise.all(names.map(async (name) => (await chooseDrill(name, kinds, options)).scenario));
  const world = connect(chosen.environment, { version: version(), clock: realClock, mask });
  try {
    const { absent, missing, unknown, checked } = await examine(rightsOf(scenarios, kinds), world);
    for (const line of absent) process.stdout.write(`absent    ${line}\n`);
    for (const line of missing) process.stdout.write(`missing   ${line}\n`);
    if (unknown.length > 0) process.stdout.write(`unknown   ${unknown.join(', ')}: there is no dry run for these\n`);
    process.stdout.write(`${checked} permissions looked at, ${missing.length} missing; what is needed: firedrill permissions ${names.join(' ')}\n`);
    return absent.length + missing.length === 0 ? exitCodes.held : exitCodes.refused;
  } finally {
    await world.close();
  }
}
