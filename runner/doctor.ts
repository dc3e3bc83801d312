import type { KubernetesClient } from './clients/kubernetes.ts';
import type { DryRun } from './clients/ec2-dry-run.ts';
import { mayWe } from './clients/kubernetes-review.ts';
import type { Rights } from './rights.ts';
import type { World } from './world.ts';

/** Dry runs under way at a time. */
const atOnce = 4;

/** What a look at the rights found, each a line for people. */
export interface Diagnosis {
  /** Platforms that are needed and that the environment file does not name. */
  readonly absent: readonly string[];
  /** Rights that are needed and not granted. */
  readonly missing: readonly string[];
  /** What nobody can be asked about without doing it. */
  readonly unknown: readonly string[];
  readonly checked: number;
}

/**
 * Asks Kubernetes and EC2 whether the harness may do what the rights name. Touches nothing.
 *
 * @param targets ids of the instances that it is about: what EC2 allows may depend on their tags; none when nobody knows yet
 * @throws ExpectedError when an API can't be asked, or these are another account's or cluster's credentials
 */
export async function examine(rights: Rights, world: World, targets: readonly string[] = []): Promise<Diagnosis> {
  const { aws, kubernetes } = world.environment;
  const parts = await Promise.all([
    kubernetes ? examineKubernetes(rights, await world.kubernetes()) : undefined,
    aws ? examineAws(rights, world, targets) : undefined,
  ]);
  const found = parts.filter((part) => part !== undefined);
  const named = { kubernetes, aws };
  return {
    absent: (['kubernetes', 'aws'] as const).filter((platform) => rights.platforms.has(platform) && !named[platform]).map((platform) => `the environment file has no section ${platform}, which this needs`),
    missing: found.flatMap(({ missing }) => missing),
    unknown: found.flatMap(({ unknown }) => unknown),
    checked: found.reduce((total, { checked }) => total + checked, 0),
  };
}

/** Why a drill may not begin, each with what to do; nothing when it may. */
export function shortcomings({ absent, missing }: Diagnosis): string[] {
  return [
    ...absent.map((line) => `${line}: add it there`),
    ...missing.map((line) => `a right is missing that breaking or putting back needs: ${line}; grant it, see firedrill permissions`),
  ];
}

type Found = Omit<Diagnosis, 'absent'>;

async function examineKubernetes({ rbac }: Rights, client: KubernetesClient): Promise<Found> {
  const accesses = rbac.flatMap(({ apiGroup, resource, verbs, namespace }) => verbs.map((verb) => ({ apiGroup, resource, verb, namespace })));
  const answers = await Promise.all(accesses.map(async (access) => ({ access, allowed: await mayWe(access, client.connection) })));
  const missing = answers
    .filter(({ allowed }) => !allowed)
    .map(({ access: { verb, resource, apiGroup, namespace } }) =>
      `Kubernetes: may not ${verb} ${resource}${apiGroup === '' ? '' : ` (${apiGroup})`} ${namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`}`,
    );
  return { missing, unknown: [], checked: accesses.length };
}

async function examineAws({ iam }: Rights, world: World, targets: readonly string[]): Promise<Found> {
  const ec2 = await world.ec2();
  const actions = iam.map((action) => action.split(':') as [string, string]);
  const examples = await ec2.examples(actions.flatMap(([service, action]) => (service === 'ec2' ? [action] : [])), targets);
  const answers = new Map<string, DryRun>();
  const waiting = [...actions];
  // All at once would be too many in a second.
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [service, action] = next;
        // Auto Scaling has no dry run.
        answers.set(`${service}:${action}`, service === 'ec2' ? await ec2.mayWe(action, examples) : 'unknown');
      }
    }),
  );
  const whose = (answer: DryRun): string[] => iam.filter((action) => answers.get(action) === answer);
  const unknown = whose('unknown');
  return { missing: whose('denied').map((action) => `AWS: may not ${action}`), unknown, checked: iam.length - unknown.length };
}
