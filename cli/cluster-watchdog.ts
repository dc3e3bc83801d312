import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../runner/clients/connect.ts';
import { openKubernetes } from '../runner/clients/kubernetes-connection.ts';
import { realClock } from '../runner/clock.ts';
import { environmentSchema, inCluster, type Environment } from '../runner/environment.ts';
import { ExpectedError, exitCodes } from '../runner/errors.ts';
import { journalFileName } from '../runner/journal-file.ts';
import { lockStore } from '../runner/lock/lock.ts';
import { untilGone } from '../runner/watchdog/heartbeat.ts';
import { journalText } from '../runner/watchdog/record.ts';
import { sharedSecret, type SharedSecret } from '../runner/watchdog/secret.ts';
import { putAllBack, say } from './put-all-back.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';

/**
 * `firedrill watchdog --secret`: the dead-man's switch of a run elsewhere, in a pod. It hears the harness by the renewals
 * of the environment's lock, and has its undo records from the Secret.
 *
 * @param name `<namespace>/<name>` of the Secret
 * @returns the exit code: 0 when nothing is left
 */
export async function clusterWatchdog(name: string): Promise<number> {
  const [namespace, secretName, ...more] = name.split('/');
  if (!namespace || !secretName || more.length > 0) throw new ExpectedError(`--secret is "${name}"; give <namespace>/<name>`);
  const connection = await openKubernetes({ kubeconfig: inCluster, context: inCluster }, { userAgent: `firedrill/${version()} watchdog`, clock: realClock, mask, changed: () => {} });
  try {
    return await watch(sharedSecret({ namespace, name: secretName }, connection));
  } finally {
    await connection.close();
  }
}

async function watch(secret: SharedSecret): Promise<number> {
  const shared = await secret.read();
  if (!shared) {
    say(`${secret.where} is gone: nothing is left to do`);
    return exitCodes.held;
  }
  const environment = environmentSchema.parse(shared.environment);
  const world = connect(environment, { run: shared.run, version: version(), clock: realClock, mask });
  try {
    await secret.markReady();
    say(`watching run ${shared.run}`);
    if ((await untilGone(lockStore(environment, world, realClock), shared.run, realClock, say)) === 'ended') return exitCodes.held;
  } finally {
    await world.close();
  }
  return putBackFrom(secret, environment);
}

async function putBackFrom(secret: SharedSecret, environment: Environment): Promise<number> {
  const entries = (await secret.read())?.entries ?? [];
  if (!entries.some(({ type }) => type === 'fault.intent')) {
    say('the harness is gone, and had broken nothing');
    return exitCodes.held;
  }
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-watchdog-'));
  await writeFile(join(folder, journalFileName), journalText(entries));
  return putAllBack(folder, { environment, file: secret.where });
}

