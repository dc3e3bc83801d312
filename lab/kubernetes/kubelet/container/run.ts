import type { Image } from '../../images/index.ts';
import type { ContainerLog } from '../container-log.ts';
import { expand } from '../environment.ts';
import type { Cgroup } from '../runtime/cgroup.ts';
import { startProcess } from '../runtime/container-process.ts';
import { usualPath } from '../runtime/programs.ts';
import { findInRoot, makeRoot } from '../runtime/root-folder.ts';
import type { ContainerParts, Run } from './host.ts';

/**
 * Starts a container's program in a root of its own, made in `folder`. Resolves when it is about to run.
 *
 * @throws ConfigError when the spec refers to something that isn't there; any other error when it can't be started
 */
export async function startRun({ spec, host, view, tell }: ContainerParts, from: Image, folder: string, log: ContainerLog): Promise<Run> {
  const { hostname, hosts, network } = host;
  const own = await host.environment(spec);
  const env = { PATH: usualPath, ...from.env, HOSTNAME: hostname, HOME: '/root', ...own };
  const brought = (from.mounts ?? []).map((mount) => ({ ...mount, readOnly: true }));
  const root = makeRoot({ folder, hosts, hostname, files: from.files, mounts: [...brought, ...host.mounts(spec)] });
  tell('Normal', 'Created', 'Container created');
  const given = (words: readonly string[] | undefined): string[] | undefined => words?.map((word) => expand(word, own));
  const argv = [...(given(spec.command) ?? from.entrypoint), ...(given(spec.args) ?? (spec.command ? [] : from.command))];
  const [program = ''] = argv;
  if (findInRoot(root.path, program, env.PATH) === undefined) throw notFound(program);
  const workingDir = spec.workingDir ?? '/';
  const cgroup = host.context.limits.hold(spec, `${host.pod().metadata.uid}.${spec.name}.${view.restartCount}`);
  const joins = cgroup?.joins ?? [];
  try {
    const process = await startProcess({ root, network, hostname, joins, argv, env, workingDir, onOutput: (stream, chunk) => log.write(stream, chunk) });
    return { process, inside: { joins, root: root.path, env, workingDir }, cgroup };
  } catch (error) {
    cgroup?.remove();
    throw error;
  }
}

/** How the status calls the end of a run. A container whose process was killed for want of memory is told so, whatever its code. */
export function reasonOf(code: number, cgroup: Cgroup | undefined): string {
  if ((cgroup?.oomKills() ?? 0) > 0) return 'OOMKilled';
  return code === 0 ? 'Completed' : 'Error';
}

/** In the words of containerd and runc. */
function notFound(program: string): Error {
  const why = program.includes('/') ? `stat ${program}: no such file or directory` : 'executable file not found in $PATH';
  return new Error(
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start ' +
      `container process: error during container init: exec: "${program}": ${why}`,
  );
}
