import { accountId, awsEndpoint, credentials, members, region } from '../names.ts';
import { findProgram, programPath } from './requirements.ts';
import { runtimeFolder, type LabEntry } from './registry.ts';

/** A program by its full path and its arguments, ready to be started. */
export interface Entrance {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A program inside a lab's network and file system. `env -C` goes to the working folder once it is inside. */
export function entrance(lab: LabEntry, argv: readonly string[]): Entrance {
  return {
    program: findProgram('nsenter') ?? 'nsenter',
    args: ['--preserve-credentials', '-t', String(lab.process.pid), '-U', '-n', '-m', '--', 'env', '-C', process.cwd(), ...argv],
    env: { ...inherited(), ...labVariables(lab, argv) },
  };
}

function inherited(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined));
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
    FIREDRILL_LAB: lab.name,
    FIREDRILL_RUNTIME_DIR: runtimeFolder(),
  };
}
