/**
 * The main program of a master machine whose Kubernetes was given by the user: it keeps the real kube-apiserver,
 * kube-controller-manager and kube-scheduler running. What is left to the lab is what a cloud provider ships apart from them:
 * the controller that deletes the nodes of instances which are gone.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { members } from '../names.ts';
import { paths } from '../world/mounts.ts';
import { controlPlaneFiles, filePaths } from './assets/files.ts';
import { apiServerFlags, controllerManagerFlags, schedulerFlags } from './assets/flags.ts';
import { keepRunning } from './assets/keep-running.ts';
import { minorOf, type KubeProgram } from './assets/programs.ts';
import { ApiError, ConnectionError, createClient, type Client } from './client/index.ts';
import { controllerPeriods, ec2Cloud, startControllers } from './controllers/index.ts';
import { pause } from './kubelet/pause.ts';
import { machineIdentity } from './machine-identity.ts';
import { apiPort, clusterTimings, serviceCidr } from './names.ts';
import { readSecrets } from './secrets.ts';

// Loaded and compiled for the machines, which is all that was asked for.
if (process.argv[2] === '--check') process.exit(0);

const [, , timing, version = ''] = process.argv;
const profile = timing === 'aws' ? 'aws' : 'fast';
const { defaultTolerationSeconds, monitorGraceMs, monitorPeriodMs } = clusterTimings[profile];
const periods = controllerPeriods[profile];
const log = (line: string): void => void process.stdout.write(`${line}\n`);
const server = `https://127.0.0.1:${apiPort}`;
const secrets = readSecrets();
const { address, hostname, region } = await machineIdentity(log);

for (const [file, text] of Object.entries(controlPlaneFiles(secrets, server))) {
  const path = filePaths[file as keyof typeof filePaths];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}

function keep(program: KubeProgram, args: readonly string[]): void {
  log(`service: starts ${program} ${args.join(' ')}`);
  keepRunning(program, join(paths.kubeAssets, program), args, log).catch((error: unknown) => log(`service: ${String(error)}`));
}

/** The controller manager gives up when no API server answers soon: it is started when one does. */
async function untilReady(client: Client): Promise<void> {
  for (;;) {
    try {
      await client.raw('GET', '/readyz');
      return;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
      await pause(250);
    }
  }
}

const etcd = members.map((member) => member.clientUrl);
keep('kube-apiserver', apiServerFlags({ minor: minorOf(version), etcd, address, port: apiPort, serviceCidr, defaultTolerationSeconds }));
const client = createClient({ server, token: secrets.tokens.controllers, ca: secrets.ca, userAgent: 'cloud-controller-manager' });
await untilReady(client);
log(`service: kube-apiserver is ready on ${address}:${apiPort}`);
keep('kube-controller-manager', controllerManagerFlags({ ...periods, monitorGraceMs, monitorPeriodMs }));
keep('kube-scheduler', schedulerFlags(periods.election));
await startControllers({
  part: 'cloud',
  client,
  identity: hostname,
  isOn: () => false,
  timing: { ...periods, monitorGraceMs, monitorPeriodMs },
  cloud: ec2Cloud(region),
  log: (line) => log(`cloud: ${line}`),
});
