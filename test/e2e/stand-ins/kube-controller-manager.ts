/** Stands in for kube-controller-manager: the lab's own controllers, without the cloud provider's. */
import { X509Certificate, createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createClient } from '../../../lab/kubernetes/client/index.ts';
import { startControllers } from '../../../lab/kubernetes/controllers/index.ts';
import { durationMs, electionFlags, electionOf, readFlags, readKubeconfig } from './flags.ts';

const flags = readFlags([
  'kubeconfig',
  'authentication-kubeconfig',
  'authorization-kubeconfig',
  'bind-address',
  ...electionFlags,
  'service-account-private-key-file',
  'root-ca-file',
  'node-monitor-grace-period',
  'node-monitor-period',
  'node-eviction-rate',
]);
createPrivateKey(readFileSync(flags['service-account-private-key-file']));
if (!new X509Certificate(readFileSync(flags['root-ca-file'])).ca) throw new TypeError(`${flags['root-ca-file']} is not of an authority`);
for (const name of ['authentication-kubeconfig', 'authorization-kubeconfig'] as const) readKubeconfig(flags[name]);

await startControllers({
  part: 'kube',
  client: createClient(readKubeconfig(flags.kubeconfig)),
  identity: `${hostname()}_${randomUUID()}`,
  isOn: () => false,
  timing: {
    monitorGraceMs: durationMs(flags['node-monitor-grace-period']),
    monitorPeriodMs: durationMs(flags['node-monitor-period']),
    collectPeriodMs: 1_000,
    evictionSpacingMs: 1000 / Number(flags['node-eviction-rate']),
    election: electionOf(flags),
  },
  cloud: { instanceState: () => Promise.reject(new Error('a controller manager of Kubernetes knows no cloud')) },
  log: (line) => process.stderr.write(`${line}\n`),
});
