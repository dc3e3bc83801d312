import type { KubeObject, Loose } from '../object.ts';
import { resourceNamed, type Resource } from '../resources.ts';
import type { Caches } from '../storage/follow.ts';
import { keyOf, prefixOf } from '../storage/keys.ts';
import type { User } from './user.ts';

/** What somebody wants to do: with a resource, or with a path that isn't one. */
export interface Attributes {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Set for what isn't a resource, such as `/healthz`. */
  readonly path?: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** As a SelfSubjectAccessReview gives it. */
  readonly reason?: string;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Authorizer {
  decide(user: User, wanted: Attributes): Decision;
  /** All rules that hold for a user in a namespace, in the order of their bindings. */
  rulesFor(user: User, namespace: string): PolicyRule[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const resources = {
  clusterRoles: resourceNamed('clusterroles', 'rbac.authorization.k8s.io'),
  clusterRoleBindings: resourceNamed('clusterrolebindings', 'rbac.authorization.k8s.io'),
  roles: resourceNamed('roles', 'rbac.authorization.k8s.io'),
  roleBindings: resourceNamed('rolebindings', 'rbac.authorization.k8s.io'),
};

/** RBAC from the server's own caches: it goes on to work while etcd is away. Members of `system:masters` may do everything. */
export function createAuthorizer(caches: Caches): Authorizer {
  const all = (resource: Resource, namespace?: string): KubeObject[] =>
    caches
      .of(resource)
      .list(prefixOf(resource, namespace))
      .map(({ object }) => object);

  const rulesOf = (roleRef: Loose, namespace: string | undefined): readonly PolicyRule[] => {
    const resource = roleRef.kind === 'ClusterRole' ? resources.clusterRoles : resources.roles;
    return (caches.of(resource).get(keyOf(resource, namespace, roleRef.name))?.object['rules'] ?? []) as readonly PolicyRule[];
  };

  /** Bindings that name the user, those of the cluster first. */
  function* bindingsFor(user: User, namespace: string | undefined) {
    for (const binding of all(resources.clusterRoleBindings)) {
      const subject = subjectFor(binding, user, '');
      if (subject) yield { binding, subject, rules: rulesOf(binding['roleRef'], undefined), clusterWide: true };
    }
    if (namespace === undefined || namespace === '') return;
    for (const binding of all(resources.roleBindings, namespace)) {
      const subject = subjectFor(binding, user, namespace);
      if (subject) yield { binding, subject, rules: rulesOf(binding['roleRef'], namespace), clusterWide: false };
    }
  }

  return {
    decide(user, wanted) {
      if (user.groups.includes('system:masters')) return { allowed: true };
      for (const { binding, subject, rules } of bindingsFor(user, wanted.namespace)) {
        if (rules.some((rule) => allows(rule, wanted))) return { allowed: true, reason: reasonOf(binding, subject) };
      }
      return { allowed: false };
    },
    rulesFor(user, namespace) {
      return [...bindingsFor(user, namespace)].flatMap(({ rules }) => rules);
    },
  };
}

export function allows(rule: PolicyRule, { verb, path, group = '', resource = '', subresource, name }: Attributes): boolean {
  if (!includes(rule.verbs, verb)) return false;
  if (path !== undefined) return (rule.nonResourceURLs ?? []).some((allowed) => matchesPath(allowed, path));
  if (!includes(rule.apiGroups ?? [], group)) return false;
  const wanted = subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`;
  const named = (rule.resources ?? []).some(
    (allowed) => allowed === '*' || allowed === wanted || (subresource ? allowed === `*/${subresource}` : false),
  );
  if (!named) return false;
  return !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name));
}

function includes(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted);
}

function matchesPath(allowed: string, path: string): boolean {
  return allowed === path || (allowed.endsWith('*') && path.startsWith(allowed.slice(0, -1)));
}

function subjectFor(binding: KubeObject, user: User, namespace: string): Subject | undefined {
  return ((binding['subjects'] ?? []) as Subject[]).find(({ kind, name, namespace: of }) => {
    if (kind === 'User') return name === user.name;
    if (kind === 'Group') return user.groups.includes(name);
    return kind === 'ServiceAccount' && user.name === `system:serviceaccount:${of ?? namespace}:${name}`;
  });
}

function reasonOf({ kind, metadata, roleRef }: KubeObject, subject: Subject): string {
  const binding = metadata.namespace === undefined ? metadata.name : `${metadata.name}/${metadata.namespace}`;
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name;
  return `RBAC: allowed by ${kind} "${binding}" of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${who}"`;
}
