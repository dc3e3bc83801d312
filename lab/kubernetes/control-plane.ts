/**
 * The main program of a master machine: API server, controllers and scheduler in one process. Controllers and scheduler are
 * clients of the API server of their own machine, and stand for election among the masters.
 */
import { members } from '../names.ts';
import { startApiServer } from './api/index.ts';
import { ask as metadata } from './instance-metadata.ts';
import { apiPort, clusterTimings, serviceCidr, users, type ClusterUser } from './names.ts';
import { readSecrets } from './secrets.ts';
import { followSwitches } from './switches.ts';

const timing = clusterTimings[process.argv[2] === 'aws' ? 'aws' : 'fast'];
const log = (line: string): void => void process.stdout.write(`${line}\n`);
const secrets = readSecrets();
const switches = followSwitches(log);
const address = await metadata('local-ipv4');

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
  log: (what, error) => log(`api: ${what}${error === undefined ? '' : `: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`}`),
});
log(`api: listens on ${address}:${apiPort}`);
