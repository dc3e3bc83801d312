import { awsCommand } from './aws-command.ts';
import { isDenied } from './clients/aws.ts';
import { isPassing, KubernetesFailure } from './clients/kubernetes-failure.ts';
import { resources } from './clients/kubernetes-list.ts';
import type { Environment } from './environment.ts';
import { ExpectedError, exitCodes, messageOf } from './errors.ts';
import type { MarkedThing, Permissions } from './fault.ts';
import { annotationOf, kubectl, tagsOf } from './kubernetes-marks.ts';
import { markOf, marksAmong, type Mark } from './marks.ts';
import type { World } from './world.ts';

/** Something that carries at least one of our marks. */
export interface SeenThing extends Omit<MarkedThing, 'left'> {
  readonly mark: Mark;
  /** The keys of its marks, as tags. */
  readonly keys: readonly string[];
}

/** A part of the platform that could not be looked through. */
export interface Unseen {
  readonly what: string;
  readonly why: string;
  /** Whether looking again may help. */
  readonly passing: boolean;
}

export interface Look {
  readonly seen: readonly SeenThing[];
  readonly unseen: readonly Unseen[];
}

/** What may carry marks in Kubernetes: everything that faults change, and what they could change one day. */
const kinds = ['nodes', 'pods', 'deployments', 'statefulsets', 'daemonsets', 'networkpolicies'] as const;

/** What looking everywhere needs. All of it only reads. */
export const lookPermissions: Required<Omit<Permissions, 'either'>> = {
  iam: ['autoscaling:DescribeAutoScalingGroups', 'ec2:DescribeInstances', 'ec2:DescribeTags'],
  rbac: kinds.map((kind) => ({ apiGroups: [groupOf(resources[kind].base)], resources: [kind], verbs: ['list'], namespaced: false })),
};

/** `/apis/apps/v1` is `apps`; `/api/v1` the core group. */
function groupOf(base: string): string {
  return /^\/apis\/([^/]+)\//.exec(base)?.[1] ?? '';
}

const autoScalingGroup = 'auto-scaling-group';

/**
 * Looks through the whole platform for what carries our marks, whatever the run. What can't be looked through is told, and
 * the rest is looked through all the same.
 *
 * @param sameCluster throws when this is another cluster than the environment file names: asked before anything is listed
 * @throws ExpectedError of `sameCluster` that means refusal
 */
export async function lookForMarks(world: World, sameCluster: () => Promise<void>): Promise<Look> {
  const { aws, kubernetes } = world.environment;
  const looks = await Promise.all([
    ...(aws ? [part('EC2', () => seenInEc2(world)), part('Auto Scaling Groups', () => seenInAutoScaling(world))] : []),
    ...(kubernetes ? [seenInKubernetes(world, sameCluster)] : []),
  ]);
  return { seen: looks.flatMap(({ seen }) => seen), unseen: looks.flatMap(({ unseen }) => unseen) };
}

async function part(what: string, look: () => Promise<SeenThing[]>): Promise<Look> {
  try {
    return { seen: await look(), unseen: [] };
  } catch (error) {
    if (error instanceof ExpectedError && error.exitCode === exitCodes.refused) throw error;
    const passing = error instanceof KubernetesFailure ? isPassing(error) : !isDenied(error);
    return { seen: [], unseen: [{ what, why: messageOf(error), passing }] };
  }
}

function seenAs(thing: Omit<MarkedThing, 'left'>, tags: Readonly<Record<string, string>>): SeenThing[] {
  const mark = markOf(tags);
  return mark ? [{ ...thing, mark, keys: Object.keys(marksAmong(tags)) }] : [];
}

const gone: readonly string[] = ['shutting-down', 'terminated'];

async function seenInEc2(world: World): Promise<SeenThing[]> {
  const ec2 = await world.ec2();
  const seen = (await ec2.tagged(['firedrill:*'])).flatMap(({ id, type, tags }) => seenAs({ type, id, name: id }, tags));
  // EC2 remembers a dead machine's tags for an hour; there is nothing to put back on it.
  const machines = await ec2.instances({ ids: seen.flatMap(({ type, id }) => (type === 'instance' ? [id] : [])) });
  const alive = new Set(machines.flatMap(({ id, state }) => (gone.includes(state) ? [] : [id])));
  return seen.filter(({ type, id }) => type !== 'instance' || alive.has(id));
}

async function seenInAutoScaling(world: World): Promise<SeenThing[]> {
  const groups = await (await world.autoScaling()).groups();
  return groups.flatMap(({ name, tags }) => seenAs({ type: autoScalingGroup, id: name, name }, tags));
}

async function seenInKubernetes(world: World, sameCluster: () => Promise<void>): Promise<Look> {
  const which = await part('Kubernetes', async () => {
    await sameCluster();
    return [];
  });
  if (which.unseen.length > 0) return which;
  const client = await world.kubernetes();
  const looks = await Promise.all(
    kinds.map((kind) =>
      part(`${kind} of Kubernetes`, async () => {
        const lists = await client.all(resources[kind], {}, ({ metadata: { uid = '', name = '', namespace, annotations } = {} }) => {
          const found = seenAs({ type: kind, id: uid, name, namespace }, tagsOf(annotations));
          return found.length > 0 ? found : undefined;
        });
        return lists.flat();
      }),
    ),
  );
  return { seen: looks.flatMap(({ seen }) => seen), unseen: looks.flatMap(({ unseen }) => unseen) };
}

/** What people call it. */
export function nameOf({ type, name, namespace }: Pick<SeenThing, 'type' | 'name' | 'namespace'>): string {
  return `${type} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** The command by which a human takes the marks away, when all is in order. */
export function unmarkByHand({ type, id, name, namespace, keys }: SeenThing, environment: Environment): string {
  if ((kinds as readonly string[]).includes(type)) {
    return kubectl(environment, ...(namespace === undefined ? [] : ['-n', namespace]), 'annotate', type, name, ...keys.map((key) => `${annotationOf(key)}-`));
  }
  if (type === autoScalingGroup) {
    const tags = keys.map((key) => `ResourceId=${id},ResourceType=${autoScalingGroup},Key=${key}`);
    return awsCommand(environment, 'autoscaling', 'delete-tags', '--tags', ...tags);
  }
  return awsCommand(environment, 'ec2', 'delete-tags', '--resources', id, '--tags', ...keys.map((key) => `Key=${key}`));
}
