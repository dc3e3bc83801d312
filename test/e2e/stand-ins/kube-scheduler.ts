/** Stands in for kube-scheduler: the lab's own scheduler. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createClient } from '../../../lab/kubernetes/client/index.ts';
import { startScheduler } from '../../../lab/kubernetes/scheduler/index.ts';
import { electionFlags, electionOf, readFlags, readKubeconfig } from './flags.ts';

const flags = readFlags(['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'bind-address', ...electionFlags]);
for (const name of ['authentication-kubeconfig', 'authorization-kubeconfig'] as const) readKubeconfig(flags[name]);

await startScheduler({
  client: createClient(readKubeconfig(flags.kubeconfig)),
  identity: `${hostname()}_${randomUUID()}`,
  isOn: () => false,
  timing: { backOff: { minMs: 200, maxMs: 1_000 }, election: electionOf(flags) },
  log: (line) => process.stderr.write(`${line}\n`),
});
