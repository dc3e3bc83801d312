import type { Timing } from '../hypervisor.ts';
import type { KubeAssets } from '../kubernetes/assets/programs.ts';
import { paths } from '../world/mounts.ts';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Small heaps: a dozen of these run on one computer. */
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'];

const programFile = (program: string): string => `${paths.app}/lab/kubernetes/${program}${extension}`;
const masterProgram = (assets: KubeAssets | null): string => (assets ? 'control-plane-of-assets' : 'control-plane');
const workerProgram = 'node';

/** The programs of masters and workers, each as a command that loads it and does nothing. */
export const kubernetesPrograms = (assets: KubeAssets | null): string[][] =>
  [masterProgram(assets), workerProgram].map((program) => [paths.node, ...flags, programFile(program), '--check']);

/**
 * The user data of a master: it keeps API server, controllers and scheduler running, one process.
 *
 * @param assets those of a Kubernetes release that run in the place of the lab's own
 */
export const kubernetesMasterUserData = (timing: Timing, assets: KubeAssets | null): string =>
  userData('kubernetes-master', masterProgram(assets), timing, ...(assets ? [assets.version] : []));

/** The user data of a worker: it keeps its kubelet running. @param cgroup the lab's folder in the trees of control groups */
export const kubernetesWorkerUserData = (timing: Timing, cgroup: string): string => userData('kubernetes-worker', workerProgram, timing, cgroup);

function userData(role: string, program: string, timing: Timing, ...more: readonly string[]): string {
  return `#!/bin/sh
# Role ${role}
export NODE_NO_WARNINGS=1 NODE_COMPILE_CACHE=${paths.cache}
while :; do
  ${paths.node} ${flags.join(' ')} ${programFile(program)} ${[timing.name, ...more].join(' ')}
  echo "service: ${program} ended with $?; again in 1 s"
  sleep 1
done
`;
}
