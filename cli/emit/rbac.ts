import { inventoryRules } from '../../runner/rbac.ts';

/** Objects as `rolesFor` makes them. */
export type Roles = readonly { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }; readonly rules: readonly object[] }[];

/**
 * What the harness needs besides what its drills do. In its own namespace: the lock, the watchdog's Job, and the undo records
 * that the two share. In the cluster: to see where it stands itself, whatever a drill is about.
 */
export function ownRights(name: string, namespace: string, labels: Readonly<Record<string, string>>): Roles {
  const rules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'delete', 'get', 'update'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete', 'get', 'patch'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] },
  ];
  const looks = inventoryRules.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind: 'ClusterRole', metadata: { name, labels }, rules: looks },
    { apiVersion, kind: 'Role', metadata: { name, namespace, labels }, rules },
  ];
}
