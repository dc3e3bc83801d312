import { etcdMemberPrograms } from '../roles/etcd-member.ts';
import { kubernetesPrograms } from '../roles/kubernetes-machine.ts';
import { command } from './commands.ts';
import type { WorldConfig } from './config.ts';
import { paths } from './mounts.ts';

/**
 * Loads each program that machines and pods will run, one after the other, so that Node leaves it compiled for them: otherwise nine
 * machines or two dozen pods do that work at the same time, each for itself. It is done while the first machines boot, when the
 * processors have nothing to do.
 */
export async function compileAhead({ kubernetes, kubeAssets, specimen }: WorldConfig): Promise<void> {
  const programs = [
    ...etcdMemberPrograms,
    ...(kubernetes ? kubernetesPrograms(kubeAssets) : []),
    ...(specimen ? (await import('./specimen.ts')).specimenPrograms() : []),
  ];
  for (const program of programs) await command('env', ['NODE_NO_WARNINGS=1', `NODE_COMPILE_CACHE=${paths.cache}`, ...program]);
}
