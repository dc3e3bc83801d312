/**
 * The main program of a master machine: API server, controllers and scheduler in one process. Controllers and scheduler are
 * clients of the API server of their own machine, and stand for election among the masters.
 */
import { members } from '../names.ts';
import { openAuditLog, startApiServer } from './api/index.ts';
import { createClient } from './client/index.ts';
import { controllerPeriods, ec2Cloud, startControllers } from './controllers/index.ts';
import { machineIdentity } from './machine-identity.ts';
import { apiPort, clusterTimings, serviceCidr, users, type ClusterUser } from './names.ts';
import { schedulerBackOffs, startScheduler } from './scheduler/index.ts';
import { readSecrets } from './secrets.ts';
import { paths } from '../world/mounts.ts';
import { followSwitches } from './switches.ts';

// Loaded and compiled for the machines, which is all that was asked for.
if (process.argv[2] === '--check') process.exit(0);

const profile = process.argv[2] === 'aws' ? 'aws' : 'fast';
const timing = clusterTimings[profile];
const log = (line: string): void => void process.stdout.write(`${line}\n`);
const secrets = readSecrets();
const switches = followSwitches(log);

const { address, hostname: identity, region } = await machineIdentity(log);
const apiTrouble = (what: string, error?: unknown): void =>
  log(`api: ${what}${error === undefined ? '' : `: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`}`);

await startApiServer({
  etcd: { endpoints: members.map((member) => member.clientUrl) },
  listen: { host: '0.0.0.0', port: apiPort },
  tls: { key: secrets.serverKey, cert: secrets.serverCertificate, ca: secrets.ca },
  serviceCidr,
  users: (Object.keys(users) as ClusterUser[]).map((user) => ({ ...users[user], token: secrets.tokens[user] })),
  serviceAccountSecret: secrets.serviceAccountSecret,
  kubeletToken: secrets.tokens.apiServer,
  advertise: [address],
  isOn: (name) => switches.isOn(name),
  timing: { defaultTolerationSeconds: timing.defaultTolerationSeconds },
  audit: openAuditLog({ folder: paths.audit, name: identity.split('.')[0]!, trouble: apiTrouble }),
  log: apiTrouble,
});
log(`api: listens on ${address}:${apiPort}`);

const own = (user: ClusterUser) => createClient({ server: `https://127.0.0.1:${apiPort}`, token: secrets.tokens[user], ca: secrets.ca, userAgent: users[user].name });
const { monitorGraceMs, monitorPeriodMs } = timing;
await startControllers({
  client: own('controllers'),
  identity,
  isOn: (name) => switches.isOn(name),
  timing: { ...controllerPeriods[profile], monitorGraceMs, monitorPeriodMs },
  cloud: ec2Cloud(region),
  log: (line) => log(`controllers: ${line}`),
});
await startScheduler({
  client: own('scheduler'),
  identity,
  isOn: (name) => switches.isOn(name),
  timing: { backOff: schedulerBackOffs[profile], election: controllerPeriods[profile].election },
  log: (line) => log(`scheduler: ${line}`),
});
