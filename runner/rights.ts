import type { Scenario } from '../scenarios/schema.ts';
import type { Permissions, RbacRule } from './fault.ts';
import type { Kinds } from './kinds.ts';
import { lookPermissions } from './marked-things.ts';

/** What drills need to be allowed to do, and no more. */
export interface Rights {
  /** IAM actions, sorted. */
  readonly iam: readonly string[];
  readonly rbac: readonly ScopedRule[];
  /** Platforms without which some of the drills can't be run. */
  readonly platforms: ReadonlySet<'aws' | 'kubernetes'>;
}

/** A rule, and where it has to hold. */
export interface ScopedRule {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
}

/** What every look at AWS asks, whatever the kinds are. */
const lookActions = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeScalingActivities',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInstances',
  'ec2:DescribeVolumes',
];

/**
 * The rights that these drills need for breaking, watching and putting back, by a sweep as well. A rule that is enough in a namespace is asked
 * for in that of the selection only; where a drill names none, in the whole cluster.
 */
export function rightsOf(scenarios: readonly Scenario[], kinds: Kinds): Rights {
  const iam = new Set<string>();
  const verbs = new Map<string, { rule: Omit<ScopedRule, 'verbs'>; verbs: Set<string> }>();
  const platforms = new Set<'aws' | 'kubernetes'>();
  const add = ({ iam: actions, rbac = [], either }: Permissions, namespace: string | undefined): void => {
    if (actions.length > 0 && !either) platforms.add('aws');
    if (rbac.length > 0 && !either) platforms.add('kubernetes');
    for (const action of actions) iam.add(action);
    for (const rule of rbac) addRule(verbs, rule, rule.namespaced ? namespace : undefined);
  };
  for (const { faults, probes } of scenarios) {
    for (const { kind, select } of faults) {
      const { permissions, undo } = kinds.faults[kind]!;
      add(permissions, select?.namespace);
      // What can be left behind must be found again when the journal is lost.
      if (undo) add({ iam: permissions.iam.length > 0 ? lookPermissions.iam : [], rbac: permissions.rbac ? lookPermissions.rbac : [], either: true }, undefined);
    }
    for (const { kind, select, ...own } of Object.values(probes)) {
      const { namespace } = own as { namespace?: unknown };
      const where = select?.namespace ?? (typeof namespace === 'string' ? namespace : undefined);
      add(kinds.probes[kind]!.permissions, where);
      const besides = kinds.probes[kind]!.asks?.(own).permissions;
      if (besides) add(besides, where);
    }
  }
  if (iam.size > 0) for (const action of lookActions) iam.add(action);
  const rbac = [...verbs.values()].map(({ rule, verbs: all }) => ({ ...rule, verbs: [...all].sort() }));
  return { iam: [...iam].sort(), rbac: withoutCovered(rbac), platforms };
}

function addRule(rules: Map<string, { rule: Omit<ScopedRule, 'verbs'>; verbs: Set<string> }>, { apiGroups, resources, verbs }: RbacRule, namespace: string | undefined): void {
  for (const apiGroup of apiGroups) {
    for (const resource of resources) {
      const key = `${namespace ?? ''} ${apiGroup} ${resource}`;
      const known = rules.get(key) ?? { rule: { apiGroup, resource, namespace }, verbs: new Set<string>() };
      rules.set(key, known);
      for (const verb of verbs) known.verbs.add(verb);
    }
  }
}

/** What holds in the whole cluster need not be said for a namespace again. */
function withoutCovered(rules: readonly ScopedRule[]): ScopedRule[] {
  const everywhere = rules.filter(({ namespace }) => namespace === undefined);
  return rules
    .map((rule) => {
      if (rule.namespace === undefined) return rule;
      const wide = everywhere.find(({ apiGroup, resource }) => apiGroup === rule.apiGroup && resource === rule.resource);
      return { ...rule, verbs: rule.verbs.filter((verb) => !wide?.verbs.includes(verb)) };
    })
    .filter(({ verbs }) => verbs.length > 0)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ namespace, apiGroup, resource }: ScopedRule): string {
  return `${namespace ?? ''} ${apiGroup} ${resource}`;
}

/** As objects for `kubectl apply`: a ClusterRole for the whole cluster, a Role for each namespace. */
export function rolesFor({ rbac }: Rights): object[] {
  const scopes = [...new Set(rbac.map(({ namespace }) => namespace))];
  return scopes.map((namespace) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: { name: 'firedrill', ...(namespace === undefined ? {} : { namespace }) },
    rules: rbac
      .filter((rule) => rule.namespace === namespace)
      .map(({ apiGroup, resource, verbs }) => ({ apiGroups: [apiGroup], resources: [resource], verbs: [...verbs] })),
  }));
}

/** As an IAM policy; null when nothing of AWS is touched. */
export function policyFor({ iam }: Rights): object | null {
  if (iam.length === 0) return null;
  return { Version: '2012-10-17', Statement: [{ Sid: 'firedrill', Effect: 'Allow', Action: [...iam], Resource: '*' }] };
}
