/** Objects as `rolesFor` makes them. */
export type Roles = readonly { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }; readonly rules: readonly object[] }[];

/** What the harness and its watchdog need in their own namespace: the lock, the watchdog's Job, and the undo records that the two share. */
export function ownRights(name: string, namespace: string, labels: Readonly<Record<string, string>>): Roles {
  const rules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'delete', 'get', 'update'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete', 'get', 'patch'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete'] },
  ];
  return [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name, namespace, labels }, rules }];
}
