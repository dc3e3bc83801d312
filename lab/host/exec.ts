import { basename, join } from 'node:path';
import { LabError } from '../errors.ts';
import { accountId, awsEndpoint, credentials, members, region } from '../names.ts';
import { childrenOf } from '../procfs.ts';
import { findProgram, programPath } from './requirements.ts';
import { kubeconfigFile } from '../world/config.ts';
import { labFolder, runtimeFolder, type LabEntry } from './registry.ts';

/** A program by its full path and its arguments, ready to be started. */
export interface Entrance {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A program inside a lab: its network, its files and its processes, so that a number from `ps` is the one that `kill` means.
 * `env -C` goes to the working folder once it is inside; `setpriv` ends the program with its nsenter.
 *
 * @param machine the world's number of a machine's first process, for a program on that machine
 */
export function entrance(lab: LabEntry, argv: readonly string[], machine?: number): Entrance {
  return {
    program: findProgram('nsenter') ?? 'nsenter',
    // prettier-ignore
    args: ['--preserve-credentials', '-t', String(worldProcess(lab)), '-U', '-n', '-m', '-p', '--',
      'setpriv', '--pdeathsig', 'TERM', 'env', '-C', process.cwd(),
      ...(machine === undefined ? [] : onMachine(machine)), ...pointed(argv)],
    env: { ...inherited(), ...labVariables(lab, argv) },
  };
}

/** From the world into one of its machines, to the working folder if the machine has it: its /run and /var/lib are its own. */
function onMachine(first: number): string[] {
  const start = 'cd "$1" 2> /dev/null || cd /; shift; exec "$@"';
  return ['nsenter', '-t', String(first), '-m', '-n', '-u', '-p', '--', 'setpriv', '--pdeathsig', 'TERM', 'sh', '-c', start, 'sh', process.cwd()];
}

/** Process 1 of the world. The lab's first process is its parent, and not in the world's PID namespace itself. */
function worldProcess(lab: LabEntry): number {
  const [world] = childrenOf(lab.process.pid);
  if (world === undefined) throw new LabError('not-up', `lab ${lab.name} has just ended; start it with: firedrill lab up`);
  return world;
}

function inherited(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** AWS's command line knows `AWS_ENDPOINT_URL` since 2.13 only, and Debian 12 has 2.9: it would ask the real AWS. */
function pointed(argv: readonly string[]): readonly string[] {
  const [program = '', ...args] = argv;
  if (basename(program) !== 'aws' || args.some((argument) => argument.startsWith('--endpoint-url'))) return argv;
  return [program, '--endpoint-url', awsEndpoint, ...args];
}

/** What makes `etcdctl`, `aws` and firedrill itself find this lab. */
function labVariables(lab: LabEntry, argv: readonly string[]): Record<string, string> {
  // etcdctl refuses to run when it gets its endpoints in both ways.
  const named = argv.some((argument) => argument.startsWith('--endpoints'));
  return {
    PATH: programPath,
    ETCDCTL_API: '3',
    ...(named ? {} : { ETCDCTL_ENDPOINTS: members.map((member) => member.clientUrl).join(',') }),
    AWS_ENDPOINT_URL: awsEndpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_ACCOUNT_ID: accountId,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(lab.kubernetes ? kubernetesVariables(lab.name) : {}),
    FIREDRILL_LAB: lab.name,
    FIREDRILL_RUNTIME_DIR: runtimeFolder(),
  };
}

/** What kubectl remembers of a server it keeps by the server's name, and all labs' have the same: it goes with the lab. */
const kubernetesVariables = (lab: string): Record<string, string> => ({
  KUBECONFIG: join(labFolder(lab), kubeconfigFile),
  KUBECACHEDIR: join(labFolder(lab), 'kubectl-cache'),
});
